"""Aurora clusters: a recovery point is a cluster snapshot, and a restored cluster has no instances.

https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-aur.html
"""

import json
import time
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError
from moto.rds.models import rds_backends

from local_aws.backups.kinds import BackupError, Kind, Site, without_case
from local_aws.registry import Output
from local_aws.role_client import own_client, role_client

TEST_NAME = "awsbackup-restore-test-"
SECONDS = 300
POLL_SECONDS = 0.1

TEXTS = (
    "DBClusterIdentifier",
    "Engine",
    "EngineVersion",
    "EngineMode",
    "DatabaseName",
    "DBSubnetGroupName",
    "DBClusterParameterGroupName",
    "KmsKeyId",
)
LISTS = "AvailabilityZones", "VpcSecurityGroupIds", "EnableCloudwatchLogsExports"
FLAGS = "EnableIAMDatabaseAuthentication", "CopyTagsToSnapshot", "DeletionProtection"
NUMBERS = "Port", "BacktrackWindow"
READ: dict[str, tuple[str, Callable[[str], object]]] = {
    name.lower(): (name, read)
    for names, read in (
        (TEXTS, str),
        (LISTS, json.loads),
        (FLAGS, lambda text: text.lower() == "true"),
        (NUMBERS, int),
    )
    for name in names
}
"""Keys of a restore's metadata, in lower case: the parameter of RestoreDBClusterFromSnapshot, and how it is read."""


def _keep(site: Site, arn: str, point_arn: str) -> None:
    rds, snapshot = own_client(site.region, "rds"), _snapshot(point_arn)
    try:
        rds.create_db_cluster_snapshot(DBClusterIdentifier=_name(arn), DBClusterSnapshotIdentifier=snapshot)
        _wait(lambda: rds.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=snapshot)["DBClusterSnapshots"])
    except ClientError as error:
        raise BackupError(_message(error)) from None
    rds_backends[site.account][site.region].cluster_snapshots[snapshot].snapshot_type = "awsbackup"


def _metadata(site: Site, arn: str) -> dict[str, str]:
    cluster: Any = rds_backends[site.account][site.region].clusters.get(_name(arn))
    if cluster is None:
        raise BackupError(f"The cluster {arn} does not exist.")
    found = {
        "DBClusterIdentifier": cluster.db_cluster_identifier,
        "Engine": cluster.engine,
        "EngineVersion": cluster.engine_version,
        "EngineMode": cluster.engine_mode,
        "DatabaseName": cluster.database_name,
        "DBSubnetGroupName": cluster.db_subnet_group,
        "DBClusterParameterGroupName": cluster.parameter_group,
        "KmsKeyId": cluster.kms_key_id,
        "Port": cluster.port,
        "VpcSecurityGroupIds": list(cluster._vpc_security_group_ids or []),
        "AvailabilityZones": list(cluster.availability_zones or []),
        "EnableIAMDatabaseAuthentication": bool(cluster.iam_auth),
    }
    return {name: _text(value) for name, value in found.items() if value not in (None, "", [])}


def _restore(site: Site, point: Output, kept: object, metadata: Mapping[str, str], tags: dict[str, str]) -> str:
    """Its role must be allowed what AWS Backup does with it. The new cluster has no tags of the old one."""
    del kept
    given = [(*READ[key], value) for key, value in without_case(metadata).items() if key in READ]
    params = {name: read(value) for name, read, value in given}
    name = str(params["DBClusterIdentifier"])
    rds = role_client(site.region, "rds", SimpleNamespace(role_arn=site.role))
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    try:
        rds.restore_db_cluster_from_snapshot(
            **{"Engine": point["metadata"]["Engine"], **params},
            SnapshotIdentifier=_snapshot(point["RecoveryPointArn"]),
            **({"Tags": pairs} if pairs else {}),
        )
        (made,) = _wait(lambda: rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"])
    except ClientError as error:
        raise BackupError(_message(error)) from None
    return str(made["DBClusterArn"])


def _forget(site: Site, point_arn: str) -> None:
    """RDS's own deletion leaves AWS Backup's snapshots alone, until they are AWS Backup's no more."""
    snapshot = rds_backends[site.account][site.region].cluster_snapshots.get(_snapshot(point_arn))
    if snapshot:
        snapshot.snapshot_type = "manual"
        own_client(site.region, "rds").delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=_snapshot(point_arn))


def _remove(site: Site, arn: str) -> None:
    """A cluster that still has instances stays."""
    rds = own_client(site.region, "rds")
    try:
        rds.delete_db_cluster(DBClusterIdentifier=_name(arn), SkipFinalSnapshot=True)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("DBClusterNotFoundFault", "DBClusterNotFound"):
            raise BackupError(_message(error)) from None


def _inferred(site: Site, point: Output) -> dict[str, str]:
    del site
    return {"DBClusterIdentifier": f"{TEST_NAME}{uuid4()}", "Engine": point["metadata"]["Engine"]}


def _wait(ask: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    deadline = time.monotonic() + SECONDS
    while True:
        found = ask()
        states = {one["Status"] for one in found}
        if states == {"available"}:
            return found
        if "failed" in states or time.monotonic() > deadline:
            raise BackupError(f"It did not become available: {', '.join(sorted(states)) or 'it is gone'}")
        time.sleep(POLL_SECONDS)


def _text(value: object) -> str:
    if isinstance(value, list):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _snapshot(point_arn: str) -> str:
    return point_arn.partition(":cluster-snapshot:")[2]


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]


def _message(error: ClientError) -> str:
    return str(error.response["Error"]["Message"])


CLUSTERS = Kind(
    keep=_keep,
    metadata=_metadata,
    restore=_restore,
    name_key="dbclusteridentifier",
    # As for Aurora's snapshots, whose size AWS Backup does not know.
    size=lambda kept: 0,  # noqa: ARG005
    forget=_forget,
    remove=_remove,
    inferred=_inferred,
)
