"""Alarms on what breaks payments, each telling the alerts topic, and one composite alarm for the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cdktf_cdktf_provider_aws.cloudwatch_composite_alarm import CloudwatchCompositeAlarm
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from constructs import Construct

from lib.settings import Settings

FIVE_MINUTES = 300
MINUTE = 60


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One metric compared with a threshold; `payments_stop` puts it into the composite alarm of the service."""

    name: str
    description: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: Literal["Sum", "Average", "Maximum"]
    threshold: float
    period_seconds: int = FIVE_MINUTES
    periods: int = 1
    payments_stop: bool = False


class Alarms:
    """CloudWatch alarms named `payment-{name}-{suffix}`."""

    def __init__(self, scope: Construct, *, settings: Settings, topic_arn: str, alarms: Sequence[Alarm]) -> None:
        self._scope = scope
        self._settings = settings
        self._topic_arn = topic_arn
        self.metric_alarms = {alarm.name: self._metric_alarm(alarm) for alarm in alarms}
        stopping = [self.metric_alarms[alarm.name] for alarm in alarms if alarm.payments_stop]
        self.service = CloudwatchCompositeAlarm(
            scope,
            "service_alarm",
            alarm_name=settings.name("service"),
            alarm_description="Payments are failing: see which of the alarms in the rule is on",
            alarm_rule=" OR ".join(f'ALARM("{alarm.alarm_name}")' for alarm in stopping),
            alarm_actions=[topic_arn],
            ok_actions=[topic_arn],
        )

    def _metric_alarm(self, alarm: Alarm) -> CloudwatchMetricAlarm:
        return CloudwatchMetricAlarm(
            self._scope,
            f"{alarm.name.replace('-', '_')}_alarm",
            alarm_name=self._settings.name(alarm.name),
            alarm_description=alarm.description,
            namespace=alarm.namespace,
            metric_name=alarm.metric,
            dimensions=dict(alarm.dimensions),
            statistic=alarm.statistic,
            period=alarm.period_seconds,
            evaluation_periods=alarm.periods,
            comparison_operator="GreaterThanThreshold",
            threshold=alarm.threshold,
            treat_missing_data="notBreaching",
            alarm_actions=[self._topic_arn],
            ok_actions=[self._topic_arn],
        )


def payment_alarms(
    *,
    function_name: str,
    cluster_id: str,
    table_name: str,
    dead_letter_queues: Mapping[str, str],
    api_id: str,
    vault_name: str,
) -> list[Alarm]:
    """Return the alarms of a payment environment; `dead_letter_queues` maps what a queue serves to its name."""
    database = {"DBClusterIdentifier": cluster_id}
    table = {"TableName": table_name}
    return [
        Alarm(
            name="lambda-errors",
            description="More than 10 failed executions of the payment function in 5 minutes",
            namespace="AWS/Lambda",
            metric="Errors",
            dimensions={"FunctionName": function_name},
            statistic="Sum",
            threshold=10,
            payments_stop=True,
        ),
        Alarm(
            name="lambda-throttles",
            description="The payment function is refused executions: raise the concurrency",
            namespace="AWS/Lambda",
            metric="Throttles",
            dimensions={"FunctionName": function_name},
            statistic="Sum",
            threshold=0,
            payments_stop=True,
        ),
        Alarm(
            name="api-5xx",
            description="More than 5 server errors of the payment API in 5 minutes",
            namespace="AWS/ApiGateway",
            metric="5xx",
            dimensions={"ApiId": api_id},
            statistic="Sum",
            threshold=5,
            payments_stop=True,
        ),
        Alarm(
            name="aurora-cpu",
            description="Aurora above 80 % CPU for 15 minutes",
            namespace="AWS/RDS",
            metric="CPUUtilization",
            dimensions=database,
            statistic="Average",
            threshold=80,
            periods=3,
        ),
        Alarm(
            name="aurora-replica-lag",
            description="A reader is more than 1 s behind the writer (milliseconds)",
            namespace="AWS/RDS",
            metric="AuroraReplicaLagMaximum",
            dimensions=database,
            statistic="Maximum",
            threshold=1000,
            period_seconds=MINUTE,
            periods=5,
        ),
        *(
            Alarm(
                name=f"sessions-{kind.lower()}-throttles",
                description=f"DynamoDB throttles {kind.lower()}s of the session table",
                namespace="AWS/DynamoDB",
                metric=f"{kind}ThrottleEvents",
                dimensions=table,
                statistic="Sum",
                threshold=0,
                payments_stop=True,
            )
            for kind in ("Read", "Write")
        ),
        *(
            Alarm(
                name=f"{purpose}-dead-letters",
                description=f"Something of the {purpose} could not be handled and waits to be replayed",
                namespace="AWS/SQS",
                metric="ApproximateNumberOfMessagesVisible",
                dimensions={"QueueName": queue},
                statistic="Maximum",
                threshold=0,
            )
            for purpose, queue in dead_letter_queues.items()
        ),
        Alarm(
            name="backup-failures",
            description="A daily backup failed",
            namespace="AWS/Backup",
            metric="NumberOfBackupJobsFailed",
            dimensions={"BackupVaultName": vault_name},
            statistic="Sum",
            threshold=0,
        ),
    ]
