"""The alarms of what every architecture has: ledger, sessions, dead letters, backups, outbox."""

from __future__ import annotations

from collections.abc import Mapping

from lib.monitoring.alarms import Alarm
from lib.monitoring.payment_metrics import NAMESPACE, DataMeasured

MINUTE = 60
LEDGER_UNAVAILABLE = "ledger-unavailable"


def data_alarms(measured: DataMeasured) -> list[Alarm]:
    """Return the alarms of what holds payments and moves their events."""
    return [
        # A failover of the database by itself is mostly over within a minute.
        Alarm(
            name=LEDGER_UNAVAILABLE,
            description="Payments have been refused for 2 minutes because the ledger cannot be reached",
            namespace=NAMESPACE,
            metric="LedgerUnavailable",
            dimensions=measured.payments,
            statistic="Sum",
            threshold=0,
            period_seconds=MINUTE,
            periods=2,
            payments_stop=True,
        ),
        *_ledger_alarms(measured.cluster_id),
        *_session_alarms(measured.table_name),
        *_dead_letter_alarms(measured.dead_letter_queues),
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
    ]


def _ledger_alarms(cluster_id: str) -> list[Alarm]:
    database = {"DBClusterIdentifier": cluster_id}
    return [
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
    ]


def _session_alarms(table_name: str) -> list[Alarm]:
    return [
        Alarm(
            name=f"sessions-{kind.lower()}-throttles",
            description=f"DynamoDB throttles {kind.lower()}s of the session table",
            namespace="AWS/DynamoDB",
            metric=f"{kind}ThrottleEvents",
            dimensions={"TableName": table_name},
            statistic="Sum",
            threshold=0,
            payments_stop=True,
        )
        for kind in ("Read", "Write")
    ]


def _dead_letter_alarms(queues: Mapping[str, str]) -> list[Alarm]:
    return [
        Alarm(
            name=f"{purpose}-dead-letters",
            description=f"Something of the {purpose} could not be handled and waits to be replayed",
            namespace="AWS/SQS",
            metric="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": queue},
            statistic="Maximum",
            threshold=0,
        )
        for purpose, queue in queues.items()
    ]
