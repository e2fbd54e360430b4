"""RDS: clusters made with the data of another as of a moment, or with a snapshot's. They have no instances at first.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-pitr.html
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from botocore import xform_name
from moto.core.utils import utcnow

from local_aws import databases
from local_aws.calls import Call
from local_aws.databases.aurora import MYSQL, has_database, master_password
from local_aws.databases.background import work_on
from local_aws.databases.global_databases import source_of
from local_aws.errors import NOT_IMPLEMENTED, AwsError
from local_aws.operations.rds_backups import earliest_restorable_time
from local_aws.operations.rds_global import cluster_named
from local_aws.registry import Output, operation

INHERITED = (
    "engine",
    "engine_version",
    "database_name",
    "master_username",
    "port",
    "storage_encrypted",
    "storage_type",
    "kms_key_id",
    "db_subnet_group_name",
    "backup_retention_period",
    "preferred_backup_window",
)
"""What a restored cluster has of its source, unless the call says otherwise. All else is as in a new cluster: neither
backtrack, logs, protection, security groups nor tags come with the data."""

OPTIONS = (
    "BackupRetentionPeriod",
    "BacktrackWindow",
    "CopyTagsToSnapshot",
    "DBClusterParameterGroupName",
    "DBSubnetGroupName",
    "DeletionProtection",
    "EnableCloudwatchLogsExports",
    "EnableIAMDatabaseAuthentication",
    "EngineVersion",
    "KmsKeyId",
    "NetworkType",
    "Port",
    "PreferredBackupWindow",
    "ServerlessV2ScalingConfiguration",
    "StorageType",
    "Tags",
    "VpcSecurityGroupIds",
)
"""Parameters of both operations that a cluster is made with."""


@operation("rds", "RestoreDBClusterToPointInTime")
def restore_to_point_in_time(call: Call) -> Output:
    """The new cluster is `creating` until the data are there."""
    given = call.params
    if "SourceDBClusterIdentifier" not in given:
        text = "The local AWS restores from clusters that exist: name one as SourceDBClusterIdentifier."
        raise AwsError(NOT_IMPLEMENTED, text)
    source = cluster_named(call, given["SourceDBClusterIdentifier"])
    moment = _moment(given, source)
    return _made(call, source, lambda new: partial(databases.running().restore, new, source, moment))


@operation("rds", "RestoreDBClusterFromSnapshot")
def restore_from_snapshot(call: Call) -> Output:
    """The same from a snapshot. What moto made with its cluster has nothing in it, as that had then."""
    given = call.params
    snapshot = call.backend().get_db_cluster_snapshot(given["SnapshotIdentifier"])
    if given["Engine"] != snapshot.engine:
        text = f"The engine {given['Engine']} does not match the snapshot's engine, {snapshot.engine}."
        raise AwsError("InvalidParameterCombination", text)
    if snapshot.status != "available":
        text = f"The snapshot {snapshot.db_cluster_snapshot_identifier} is not in available state."
        raise AwsError("InvalidDBClusterSnapshotStateFault", text)
    return _made(call, snapshot.cluster, lambda new: partial(_load, new, snapshot))


def _load(new: Any, snapshot: Any) -> None:
    if databases.running().has_saved(snapshot.arn):
        databases.running().load(new, snapshot.arn)


def _moment(given: Output, source: Any) -> datetime | None:
    """The moment that is asked for; None stands for now. Raises AwsError."""
    moment: datetime | None = given.get("RestoreToTime")
    if (moment is None) != bool(given.get("UseLatestRestorableTime")):
        text = "Specify either RestoreToTime or UseLatestRestorableTime."
        raise AwsError("InvalidParameterCombination", text)
    if moment and given.get("RestoreType") == "copy-on-write":
        text = "RestoreToTime cannot be specified when RestoreType is copy-on-write."
        raise AwsError("InvalidParameterCombination", text)
    if moment is None:
        return None
    earliest = earliest_restorable_time(source)
    if not earliest <= moment <= utcnow():
        raise AwsError(
            "InvalidParameterValue",
            f"The specified RestoreToTime {moment.isoformat()}Z is not between the earliest restorable time "
            f"{earliest.isoformat()}Z and the latest restorable time {utcnow().isoformat()}Z.",
        )
    return moment.replace(tzinfo=UTC)


def _made(call: Call, source: Any, loading: Callable[[Any], Callable[[], None]]) -> Output:
    """A cluster like the source, with what the call says of it, which then gets its data. Raises AwsError."""
    given, backend = call.params, call.backend()
    name = given["DBClusterIdentifier"].lower()
    if name in backend.clusters:
        raise AwsError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
    if given.get("BacktrackWindow") and source.engine != MYSQL:
        raise AwsError("InvalidParameterValue", f"Backtrack is not enabled for the {source.engine} engine.")
    settings = {attribute: getattr(source, attribute) for attribute in INHERITED}
    settings |= {xform_name(option): given[option] for option in OPTIONS if option in given}
    if "KmsKeyId" in given:
        settings["storage_encrypted"] = True
    password = master_password(source_of(source) or source)
    new = backend.create_db_cluster({**settings, "db_cluster_identifier": name, "master_user_password": password})
    if has_database(new):
        work_on(new, "creating", loading(new))
    return {"DBCluster": new}
