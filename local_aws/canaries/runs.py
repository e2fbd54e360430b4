"""One run of a canary: its function is invoked, and what came of it is reported."""

import logging
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from local_aws import functions
from local_aws.canaries.canary import DeployedCanary
from local_aws.canaries.reports import ReportError, keep_artifacts, put_metrics, reason_of
from local_aws.functions.deployed import Target

log = logging.getLogger(__name__)


def run(canary: DeployedCanary) -> None:
    """Runs the canary once, and waits for it."""
    started, begun = datetime.now(UTC), time.monotonic()
    identity = str(uuid4())
    record: dict[str, Any] = {
        "Id": identity,
        "ScheduledRunId": identity,
        "Name": canary.name,
        "Status": {"State": "RUNNING"},
        "Timeline": {"Started": started},
    }
    canary.runs.appendleft(record)
    try:
        reason = _ended(canary, started, record)
    except Exception as error:
        log.exception("Canary %s", canary.name)
        reason = f"{type(error).__name__}: {error}"
    record["Timeline"] = {"Started": started, "Completed": datetime.now(UTC)}
    record["Status"] = (
        {"State": "FAILED", "StateReason": reason, "StateReasonCode": "CANARY_FAILURE"}
        if reason
        else {"State": "PASSED"}
    )
    put_metrics(canary, not reason, (time.monotonic() - begun) * 1000)


def _ended(canary: DeployedCanary, started: datetime, record: dict[str, Any]) -> str:
    """Why the run has failed; empty if it passed."""
    target = Target(canary.account, canary.region, canary.function_name)
    outcome = functions.invoke(target, b"{}")
    try:
        record["ArtifactS3Location"] = keep_artifacts(canary, started, outcome)
    except ReportError as error:
        return str(error)
    return reason_of(outcome)
