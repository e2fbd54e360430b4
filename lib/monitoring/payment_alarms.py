"""The alarms of a payment environment."""

from __future__ import annotations

from lib.monitoring.alarms import Alarm
from lib.monitoring.data_alarms import data_alarms
from lib.monitoring.payment_metrics import Measured


def payment_alarms(measured: Measured) -> list[Alarm]:
    """Return the alarms of a payment environment."""
    return [
        Alarm(
            name="lambda-errors",
            description="More than 10 failed executions of the payment function in 5 minutes",
            namespace="AWS/Lambda",
            metric="Errors",
            dimensions={"FunctionName": measured.function_name},
            statistic="Sum",
            threshold=10,
            payments_stop=True,
        ),
        Alarm(
            name="lambda-throttles",
            description="The payment function is refused executions: raise the concurrency",
            namespace="AWS/Lambda",
            metric="Throttles",
            dimensions={"FunctionName": measured.function_name},
            statistic="Sum",
            threshold=0,
            payments_stop=True,
        ),
        Alarm(
            name="api-5xx",
            description="More than 5 server errors of the payment API in 5 minutes",
            namespace="AWS/ApiGateway",
            metric="5xx",
            dimensions={"ApiId": measured.api_id},
            statistic="Sum",
            threshold=5,
            payments_stop=True,
        ),
        *data_alarms(measured),
        *([_approval_failures(measured.approval_arn)] if measured.approval_arn else []),
    ]


def _approval_failures(approval_arn: str) -> Alarm:
    return Alarm(
        name="approval-failures",
        description="The approval of a payment failed: it was taken back, or it must be by hand",
        namespace="AWS/States",
        metric="ExecutionsFailed",
        dimensions={"StateMachineArn": approval_arn},
        statistic="Sum",
        threshold=0,
    )
