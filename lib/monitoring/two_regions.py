"""What is watched where there are two Regions: lag of the secondary, copies of backups, health of the APIs."""

from __future__ import annotations

from collections.abc import Sequence

from lib.monitoring.alarms import Alarm
from lib.monitoring.dashboard import Graph

REPLICATION_LAG = "replication-lag"
REPLICATION_LAG_MS = 10_000
MINUTE = 60
# Route 53 writes its metrics there, wherever the endpoints are.
# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html
HEALTH_CHECK_METRICS_REGION = "us-east-1"


def replication_lag_alarm(cluster_id: str) -> Alarm:
    """Return the alarm of a secondary cluster, which CloudWatch measures in the cluster's own Region."""
    return Alarm(
        name=REPLICATION_LAG,
        description="The secondary ledger is more than 10 s behind the primary, or does not follow it",
        namespace="AWS/RDS",
        metric="AuroraGlobalDBReplicationLag",
        dimensions={"DBClusterIdentifier": cluster_id},
        statistic="Maximum",
        threshold=REPLICATION_LAG_MS,
        period_seconds=MINUTE,
        periods=3,
        missing_data="breaching",
    )


def copy_failures_alarm(vault_name: str) -> Alarm:
    """Return the alarm of backups that were not copied to the other Region."""
    return Alarm(
        name="copy-failures",
        description="A backup could not be copied to the other Region",
        namespace="AWS/Backup",
        metric="NumberOfCopyJobsFailed",
        dimensions={"BackupVaultName": vault_name},
        statistic="Sum",
        threshold=0,
    )


def replication_graph(cluster_id: str) -> Graph:
    return Graph(
        "Replication lag of the ledger, ms",
        "Maximum",
        [("AWS/RDS", "AuroraGlobalDBReplicationLag", "DBClusterIdentifier", cluster_id)],
    )


def health_graph(health_check_ids: Sequence[str]) -> Graph:
    return Graph(
        "Health of the API as Route 53 sees it",
        "Minimum",
        [("AWS/Route53", "HealthCheckStatus", "HealthCheckId", id_) for id_ in health_check_ids],
        region=HEALTH_CHECK_METRICS_REGION,
    )
