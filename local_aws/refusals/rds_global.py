"""What RDS refuses of global databases and their members, and moto accepts.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html#aurora-global-database.limitations
"""

from typing import Any

from local_aws.calls import Call
from local_aws.databases.global_databases import global_cluster_of, primary_of, source_of
from local_aws.errors import AwsError
from local_aws.operations.rds import BURSTABLE
from local_aws.operations.rds_global import cluster_named, global_cluster
from local_aws.registry import refuses

MANAGED_PASSWORD = "ManageMasterUserPassword is not supported for a DB cluster that is part of a global database."


def _combination(message: str) -> AwsError:
    return AwsError("InvalidParameterCombination", message)


def _state(message: str) -> AwsError:
    return AwsError("InvalidDBClusterStateFault", message)


@refuses("rds", "CreateDBCluster")
def new_members(call: Call) -> None:
    """A member has its global database's engine, version and encryption, and a password of the user's own.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html#rds-secrets-manager-limitations
    """
    given = call.params
    if "GlobalClusterIdentifier" not in given:
        return
    found = global_cluster(call)
    if given.get("ManageMasterUserPassword"):
        raise _combination(MANAGED_PASSWORD)
    for parameter, wanted in (("Engine", found.engine), ("EngineVersion", found.engine_version)):
        if given.get(parameter, wanted) != wanted:
            text = f"The {parameter} {given[parameter]} doesn't match the global cluster's, which is {wanted}."
            raise _combination(text)
    if given.get("StorageEncrypted", found.storage_encrypted) != found.storage_encrypted:
        raise _combination("The DB cluster and the global cluster must both be encrypted, or both be unencrypted.")
    if found.members:
        _secondary(call, found)
    elif not given.get("StorageEncrypted") and found.storage_encrypted:
        raise _combination("The primary DB cluster of an encrypted global cluster must be encrypted.")


def _secondary(call: Call, found: Any) -> None:
    """A secondary has all that is in it from a primary in another Region, which must be there to copy from."""
    given, primary = call.params, primary_of(found)
    for parameter, what in (
        ("MasterUsername", "username"),
        ("MasterUserPassword", "password"),
        ("DatabaseName", "database name"),
    ):
        if given.get(parameter):
            raise _combination(f"Cannot specify {what} for cross region replication cluster")
    if any(member.region == call.region for member in found.members):
        text = f"Global cluster {found.global_cluster_identifier} already has a DB cluster in {call.region}"
        raise AwsError("InvalidGlobalClusterStateFault", text)
    if primary is None or not any(one.status == "available" for one in primary.members):
        source = primary.arn if primary else found.arn
        raise _state(f"Source cluster: {source} is in a state which is not valid for physical replication")
    if primary.storage_encrypted and not given.get("PreSignedUrl"):
        raise _combination(f"Source cluster {primary.arn} is encrypted; pre-signed URL has to be specified")
    if primary.storage_encrypted and not given.get("KmsKeyId"):
        raise _combination(f"Source cluster {primary.arn} is encrypted; KMS key has to be specified")


@refuses("rds", "CreateGlobalCluster")
def unsuitable_sources(call: Call) -> None:
    """A cluster becomes a primary without backtrack and with a password of the user's own, and belongs to one only."""
    if "SourceDBClusterIdentifier" not in call.params:
        return
    source = cluster_named(call, call.params["SourceDBClusterIdentifier"])
    if global_cluster_of(source):
        raise _state(f"{source.arn} is already a member of a global cluster.")
    if source.manage_master_user_password:
        raise _combination(MANAGED_PASSWORD)
    if source.backtrack_window:
        raise _combination("Backtrack is not supported for a DB cluster that is part of a global database.")


@refuses("rds", "ModifyDBCluster")
def changes_of_members(call: Call) -> None:
    """Members have no backtrack and no managed password; a secondary's password is its primary's, its version first.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-upgrade.html
    """
    given, cluster = call.params, call.backend().clusters.get(call.params["DBClusterIdentifier"])
    found = global_cluster_of(cluster) if cluster else None
    if found is None:
        return
    if given.get("BacktrackWindow"):
        raise _combination("Backtrack is not supported for a DB cluster that is part of a global database.")
    if given.get("ManageMasterUserPassword"):
        raise _combination(MANAGED_PASSWORD)
    if given.get("MasterUserPassword") and not cluster.is_writer:
        raise _combination("Cannot specify password for cross region replication cluster")
    others = {one.engine_version for one in found.members if one is not cluster}
    if given.get("EngineVersion") and cluster.is_writer and others - {given["EngineVersion"]}:
        raise AwsError("InvalidParameterValue", f"Can't upgrade {cluster.arn}: upgrade global replicas first")


@refuses("rds", "CreateDBInstance", "ModifyDBInstance")
def burstable_members(call: Call) -> None:
    """Global databases have no burstable instances."""
    backend, given = call.backend(), call.params
    instance = backend.databases.get(given["DBInstanceIdentifier"])
    name = given.get("DBClusterIdentifier") or getattr(instance, "db_cluster_identifier", None)
    cluster = backend.clusters.get(name) if name else None
    family = given.get("DBInstanceClass", "").rpartition(".")[0]
    if cluster and global_cluster_of(cluster) and family in BURSTABLE:
        raise _combination(f"Aurora global databases don't support DB instance class {given['DBInstanceClass']}.")


@refuses("rds", "DeleteDBCluster")
def deletion_of_members(call: Call) -> None:
    """A member leaves its global database first."""
    cluster = call.backend().clusters.get(call.params["DBClusterIdentifier"])
    if cluster and global_cluster_of(cluster):
        raise _state("This cluster is a part of a global cluster, please remove it from globalcluster first")


@refuses("rds", "DeleteDBInstance")
def deletion_of_the_last_instance(call: Call) -> None:
    """A primary keeps an instance as long as it has secondaries."""
    instance = call.backend().databases.get(call.params["DBInstanceIdentifier"])
    cluster: Any = getattr(instance, "cluster", None)
    found = global_cluster_of(cluster) if cluster else None
    if found and cluster.is_writer and len(found.members) > 1 and len(cluster.members) == 1:
        raise _state(
            "Cannot delete the last instance of the master cluster. Delete the replica cluster before deleting the "
            "last master cluster instance."
        )


@refuses("rds", "StopDBCluster")
def stopping_members(call: Call) -> None:
    """Only the sole cluster of a global database can be stopped.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-cluster-stop-start.html#aurora-cluster-stop-limitations
    """
    cluster = call.backend().clusters.get(call.params["DBClusterIdentifier"])
    found = global_cluster_of(cluster) if cluster else None
    if found and len(found.members) > 1:
        name = found.global_cluster_identifier
        raise _state(f"{cluster.arn} can't be stopped: it is not the only cluster in global database {name}.")


@refuses("rds", "FailoverDBCluster")
def failover_of_secondaries(call: Call) -> None:
    """A secondary cluster has no writer that could change."""
    cluster = call.backend().clusters.get(call.params["DBClusterIdentifier"])
    if cluster and source_of(cluster):
        raise _state(f"{cluster.arn} is a secondary cluster of a global database and has no writer.")
