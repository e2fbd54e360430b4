"""The lines that Lambda writes to a function's log (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-logs.html)."""

import json
import math
from datetime import UTC, datetime

from local_aws.functions.environment import Deployment
from local_aws.functions.invocation import Invocation, Result

MAX_LINE = 256 * 1024
"""Bytes of a CloudWatch log event."""


def stream_name(deployment: Deployment, now: datetime, unique: str) -> str:
    """The log stream of an instance; it names the function where the group is not the function's own."""
    own = deployment.log_group == f"/aws/lambda/{deployment.name}"
    return f"{now:%Y/%m/%d}/{'' if own else deployment.name}[{deployment.version}]{unique}"


def of_invocation(
    deployment: Deployment,
    invocation: Invocation,
    result: Result,
    output: str,
    duration: float,
    init: float | None,
    memory: int | None,
) -> list[str]:
    """All lines of one invocation, the platform's own around those of the function. Durations in seconds."""
    request_id = invocation.request_id
    lines = [line[:MAX_LINE] for line in output.split("\n") if line]
    problem = _problem(result, request_id)
    metrics = _metrics(deployment, duration, init, memory)
    if deployment.log_format == "JSON":
        start = _event("platform.start", {"requestId": request_id, "version": deployment.version})
        status = "error" if result.error else "success"
        report = _event("platform.report", {"requestId": request_id, "status": status, "metrics": metrics})
        return [start, *lines, report]
    start = f"START RequestId: {request_id} Version: {deployment.version}"
    ended = [problem] if problem else []
    return [start, *lines, *ended, f"END RequestId: {request_id}", _report(request_id, metrics)]


def _problem(result: Result, request_id: str) -> str | None:
    """What ended the process, which the function itself cannot have logged."""
    if not result.error:
        return None
    try:
        error = json.loads(result.payload)
    except ValueError:
        return None
    if not isinstance(error, dict) or error.get("errorType") not in ("Sandbox.Timedout", "Runtime.ExitError"):
        return None
    message = str(error["errorMessage"]).removeprefix(f"RequestId: {request_id} Error: ")
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + f"Z {request_id} {message}"


def _metrics(deployment: Deployment, duration: float, init: float | None, memory: int | None) -> dict[str, float]:
    metrics: dict[str, float] = {
        "durationMs": round(duration * 1000, 2),
        "billedDurationMs": math.ceil((duration + (init or 0)) * 1000),
        "memorySizeMB": deployment.memory_size,
    }
    if memory is not None:
        metrics["maxMemoryUsedMB"] = memory
    if init is not None:
        metrics["initDurationMs"] = round(init * 1000, 2)
    return metrics


def _report(request_id: str, metrics: dict[str, float]) -> str:
    names = {
        "durationMs": "Duration: {:.2f} ms",
        "billedDurationMs": "Billed Duration: {} ms",
        "memorySizeMB": "Memory Size: {} MB",
        "maxMemoryUsedMB": "Max Memory Used: {} MB",
        "initDurationMs": "Init Duration: {:.2f} ms",
    }
    parts = [text.format(metrics[name]) for name, text in names.items() if name in metrics]
    return "\t".join([f"REPORT RequestId: {request_id}", *parts])


def _event(kind: str, record: dict[str, object]) -> str:
    return json.dumps({"time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z", "type": kind, "record": record})
