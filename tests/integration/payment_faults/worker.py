"""Processes that run the deployed function's code: python -m ... <socket> <log folder>.

The first process imports the code and listens; each connection gets a process of its own, forked from it, which answers
one event after the other, as Lambda's environments do. Messages are lines of JSON. A worker ends with its connection,
the first process with its standard input.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import time
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import payment_processor
from payments.engines import AURORA_MYSQL
from tests.integration.payment_faults import fault_points

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

FUNCTION_SECONDS = 29.5
"""The function's timeout, less what its extension keeps back."""


@dataclass(frozen=True)
class Context:
    """What Lambda tells a handler about its invocation."""

    function_name: str = "payment-processor-faults"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:payment-processor-faults:live"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


def answer(message: dict[str, Any]) -> dict[str, Any]:
    """The handler's answer to one event, or the name of the error it raised, as Lambda reports it."""
    fault_points.armed.arm(message["fault"])
    fault_points.JumpingClock.offset = timedelta(hours=message["clock_hours"])
    try:
        given = payment_processor.handler(message["event"], cast("LambdaContext", Context()))
    except Exception as error:
        return {"error": type(error).__name__}
    fault_points.armed.reached(fault_points.BEFORE_ANSWER)
    return {"answer": given}


def work(connection: socket.socket, log: Path) -> None:
    """Answers events until the connection ends. Between two, it waits as the function's extension does."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    lines = connection.makefile("rw", encoding="utf-8")
    for line in lines:
        began = time.monotonic()
        lines.write(json.dumps(answer(json.loads(line))) + "\n")
        lines.flush()
        idle = rest(began + FUNCTION_SECONDS - time.monotonic())
        lines.write(json.dumps({"idle": idle, "fault_happened": fault_points.armed.happened}) + "\n")
        lines.flush()
        sys.stdout.flush()


def rest(seconds: float) -> bool:
    """Whether the work after the answer ended in time."""
    made = payment_processor.payment_service.cache_info().currsize
    return not made or payment_processor.payment_service().after_answer.wait(seconds)


def main(address: str, logs: Path) -> None:
    fault_points.install(os.environ.get("DB_ENGINE") or AURORA_MYSQL)
    fault_points.install_clock()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen(64)
        print("ready", flush=True)
        while sys.stdin not in select.select([server, sys.stdin], [], [])[0]:
            connection, _ = server.accept()
            if os.fork() == 0:
                server.close()
                try:
                    work(connection, logs / f"worker-{os.getpid()}.log")
                finally:
                    os._exit(0)
            connection.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
