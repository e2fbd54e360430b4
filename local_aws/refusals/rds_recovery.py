"""What RDS refuses of clusters that are being restored, rewound or renamed, and moto accepts."""

from local_aws.calls import Call
from local_aws.databases.background import status_of
from local_aws.errors import NOT_IMPLEMENTED, AwsError
from local_aws.refusals.rds import IDENTIFIER, IDENTIFIER_RULE
from local_aws.registry import refuses


@refuses("rds", "ModifyDBCluster", "DeleteDBCluster", "FailoverDBCluster", "StopDBCluster", "StartDBCluster")
@refuses("rds", "CreateDBClusterSnapshot", "CreateDBInstance")
def changes_of_busy_clusters(call: Call) -> None:
    """One thing after the other."""
    name = call.params.get("DBClusterIdentifier") or ""
    cluster = call.backend().clusters.get(name.rpartition(":")[2])
    if cluster is not None and status_of(cluster):
        raise AwsError("InvalidDBClusterStateFault", f"DB cluster {name} is not in available state.")


@refuses("rds", "ModifyDBInstance", "DeleteDBInstance", "RebootDBInstance")
def changes_of_instances_of_busy_clusters(call: Call) -> None:
    """The same for its instances, of which several may be renamed at a time."""
    name = call.params["DBInstanceIdentifier"]
    instance = call.backend().databases.get(name)
    cluster = getattr(instance, "cluster", None)
    busy = status_of(cluster) if cluster is not None else None
    if busy and (busy, instance.status) != ("renaming", "available"):
        raise AwsError("InvalidDBInstanceState", f"DB instance {name} is not in available state.")


@refuses("rds", "ModifyDBCluster")
def new_cluster_names(call: Call) -> None:
    """A new name must be one, and be free."""
    name = _new_name(call, "NewDBClusterIdentifier")
    if name and name in call.backend().clusters:
        raise AwsError("DBClusterAlreadyExistsFault", "DB Cluster already exists")


@refuses("rds", "ModifyDBInstance")
def new_instance_names(call: Call) -> None:
    """The same for an instance."""
    name = _new_name(call, "NewDBInstanceIdentifier")
    if name and name in call.backend().databases:
        raise AwsError("DBInstanceAlreadyExists", "DB instance already exists")


def _new_name(call: Call, parameter: str) -> str | None:
    name: str | None = call.params.get(parameter)
    if name and not IDENTIFIER.fullmatch(name):
        text = f"The parameter {parameter} is not a valid identifier: {name}. {IDENTIFIER_RULE}"
        raise AwsError("InvalidParameterValue", text)
    if name and not call.params.get("ApplyImmediately"):
        text = "The local AWS has no maintenance windows: rename with ApplyImmediately."
        raise AwsError(NOT_IMPLEMENTED, text)
    return name
