"""RDS: automated backups of clusters, which outlive their cluster where its deletion asks for that.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.Retaining.html
"""

from datetime import datetime, timedelta
from typing import Any

from moto.core.utils import utcnow

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import Output, Plain, operation, repairs


def _retained(call: Call) -> dict[str, Output]:
    """Backups of clusters that are gone, by the cluster's resource id."""
    return call.collection("retained_cluster_backups")


@operation("rds", "DescribeDBClusterAutomatedBackups")
def describe_automated_backups(call: Call) -> Output:
    """The backup of each cluster, and those that were retained. All are one page."""
    given = call.params
    backups = [_backup(call, cluster, "active") for cluster in call.backend().clusters.values()]
    wanted = {name: given.get(name) for name in ("DbClusterResourceId", "DBClusterIdentifier")}
    found = [
        one
        for one in (*backups, *_retained(call).values())
        if all(value in (None, one[name]) for name, value in wanted.items())
    ]
    return {"DBClusterAutomatedBackups": found}


@operation("rds", "DeleteDBClusterAutomatedBackup")
def delete_automated_backup(call: Call) -> Output:
    """Removes a retained backup. A cluster's own goes with the cluster."""
    identity = call.params["DbClusterResourceId"]
    if identity not in _retained(call):
        text = f"DBClusterAutomatedBackup {identity} not found."
        raise AwsError("DBClusterAutomatedBackupNotFoundFault", text, 404)
    return {"DBClusterAutomatedBackup": {**_retained(call).pop(identity), "Status": "deleting"}}


@repairs("rds", "DeleteDBCluster")
def retain_backups_that_are_to_stay(call: Call, plain: Plain) -> Output:
    """moto knows no backups that outlive their cluster."""
    cluster = call.backend().clusters.get(call.params["DBClusterIdentifier"])
    output = plain()
    if call.params.get("DeleteAutomatedBackups") is False:
        _retained(call)[cluster.db_cluster_resource_id] = _backup(call, cluster, "retained")
    return output


def earliest_restorable_time(cluster: Any) -> datetime:
    """How far back a cluster's backup reaches."""
    created: datetime = cluster.created
    return max(created, utcnow() - timedelta(days=int(cluster.backup_retention_period or 1)))


def _backup(call: Call, cluster: Any, status: str) -> Output:
    return {
        "Engine": cluster.engine,
        "EngineVersion": cluster.engine_version,
        "DBClusterIdentifier": cluster.db_cluster_identifier,
        "DbClusterResourceId": cluster.db_cluster_resource_id,
        "DBClusterArn": cluster.arn,
        "DBClusterAutomatedBackupsArn": call.arn(f"cluster-auto-backup:ab-{cluster.db_cluster_resource_id.lower()}"),
        "Region": call.region,
        "Status": status,
        "BackupRetentionPeriod": int(cluster.backup_retention_period or 1),
        "StorageEncrypted": bool(cluster.storage_encrypted),
        "RestoreWindow": {"EarliestTime": earliest_restorable_time(cluster), "LatestTime": utcnow()},
    }
