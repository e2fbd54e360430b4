"""What Synthetics leaves of a run: artifacts in S3 and metrics, with what the canary's role allows.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_metrics.html
"""

import json
from datetime import datetime
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.s3.exceptions import MissingBucket
from moto.s3.models import s3_backends

from local_aws.canaries.canary import DeployedCanary
from local_aws.functions.execution_role import role_allows
from local_aws.functions.invocation import Outcome
from local_aws.turn import TURN

NAMESPACE = "CloudWatchSynthetics"
PARTITION = "aws"


class ReportError(Exception):
    """The artifacts of a run could not be kept, which fails the run."""


def keep_artifacts(canary: DeployedCanary, started: datetime, outcome: Outcome) -> str:
    """Writes log and report of a run; where to, without `s3://`. Raises ReportError."""
    location = str(canary.settings["ArtifactS3Location"]).removeprefix("s3://").rstrip("/")
    folder = f"{location}/{started:%Y/%m/%d/%H/%M-%S}-{started.microsecond // 1000:03d}"
    bucket, _, prefix = folder.partition("/")
    status = "FAILED" if outcome.result.error else "PASSED"
    report = {
        "canaryName": canary.name,
        "startTime": started.isoformat(),
        "executionStatus": status,
        "executionError": reason_of(outcome) or None,
    }
    _put(canary, bucket, f"{prefix}/log.txt", "\n".join(outcome.log).encode())
    _put(canary, bucket, f"{prefix}/SyntheticsReport-{status}.json", json.dumps(report).encode())
    return folder


def reason_of(outcome: Outcome) -> str:
    """Why a run has failed; empty for one that passed."""
    if not outcome.result.error:
        return ""
    try:
        found = json.loads(outcome.result.payload)
    except ValueError:
        return "The script failed."
    return f"{found.get('errorType', 'Error')}: {found.get('errorMessage', '')}"


def put_metrics(canary: DeployedCanary, passed: bool, milliseconds: float) -> None:
    """Publishes the metrics of a run."""
    if not role_allows(canary.role, "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": NAMESPACE}):
        return
    values = {
        "SuccessPercent": (100.0 if passed else 0.0, "Percent"),
        "Failed": (0.0 if passed else 1.0, "Count"),
        "Duration": (milliseconds, "Milliseconds"),
    }
    dimensions = [{"Name": "CanaryName", "Value": canary.name}]
    data: list[dict[str, Any]] = [
        {"MetricName": name, "Value": value, "Unit": unit, "Dimensions": dimensions}
        for name, (value, unit) in values.items()
    ]
    with TURN:
        cloudwatch_backends[canary.account][canary.region].put_metric_data(NAMESPACE, data)


def _put(canary: DeployedCanary, bucket: str, key: str, content: bytes) -> None:
    if not role_allows(canary.role, "s3:PutObject", f"arn:aws:s3:::{bucket}/{key}"):
        raise ReportError(f"{canary.role} may not s3:PutObject to {bucket}/{key}.")
    try:
        with TURN:
            s3_backends[canary.account][PARTITION].put_object(bucket, key, content)
    except MissingBucket:
        raise ReportError(f"The bucket {bucket} does not exist.") from None
