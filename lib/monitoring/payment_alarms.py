"""The alarms of a payment environment."""

from __future__ import annotations

from lib.monitoring.alarms import Alarm
from lib.monitoring.payment_metrics import NAMESPACE, Measured

MINUTE = 60


def payment_alarms(measured: Measured) -> list[Alarm]:
    """Return the alarms of a payment environment."""
    database = {"DBClusterIdentifier": measured.cluster_id}
    table = {"TableName": measured.table_name}
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
            for purpose, queue in measured.dead_letter_queues.items()
        ),
        Alarm(
            name="backup-failures",
            description="A daily backup failed",
            namespace="AWS/Backup",
            metric="NumberOfBackupJobsFailed",
            dimensions={"BackupVaultName": measured.vault_name},
            statistic="Sum",
            threshold=0,
        ),
        # The relay measures every minute. No measurement for ten means that it does not run, or cannot read the ledger.
        Alarm(
            name="outbox-age",
            description="An event has waited for 5 minutes to be published, or the relay of the outbox has stopped",
            namespace=NAMESPACE,
            metric="OutboxOldestSeconds",
            dimensions=measured.payments,
            statistic="Maximum",
            threshold=300,
            periods=2,
            missing_data="breaching",
        ),
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
