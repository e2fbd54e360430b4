"""RDS: Aurora global databases, which belong to no Region: the same is seen from all.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.html
"""

from typing import Any

from moto.rds.models import GlobalCluster, rds_backends

from local_aws.calls import Call
from local_aws.databases.global_databases import HOME, global_clusters
from local_aws.errors import AwsError
from local_aws.operations.rds import page
from local_aws.registry import Output, operation


@operation("rds", "CreateGlobalCluster")
def create_global_cluster(call: Call) -> Output:
    """An empty one, or one around a cluster of this account, which becomes its primary."""
    given, known = call.params, global_clusters(call.account_id)
    name = given["GlobalClusterIdentifier"]
    if name in known:
        text = f"Global cluster {name} already exists"
        raise AwsError("GlobalClusterAlreadyExistsFault", text)
    source = cluster_named(call, given["SourceDBClusterIdentifier"]) if "SourceDBClusterIdentifier" in given else None
    if (source is None) == (given.get("Engine") is None):
        raise AwsError("InvalidParameterCombination", "Either an engine or a source DB cluster must be specified.")
    made: Any = GlobalCluster(
        backend=rds_backends[call.account_id][HOME],
        global_cluster_identifier=name,
        engine=source.engine if source else given["Engine"],
        engine_version=source.engine_version if source else given.get("EngineVersion"),
        storage_encrypted=source.storage_encrypted if source else given.get("StorageEncrypted"),
        deletion_protection=given.get("DeletionProtection"),
    )
    made.database_name = source.database_name if source else given.get("DatabaseName")
    made.tags = given.get("Tags")
    if source:
        made.members.append(source)
        source.is_writer, source.global_cluster_identifier = True, made.global_cluster_identifier
    known[name] = made
    return {"GlobalCluster": described(made)}


@operation("rds", "DescribeGlobalClusters")
def describe_global_clusters(call: Call) -> Output:
    """Those with a member by ARN or name, if the filter `db-cluster-id` says so."""
    if "GlobalClusterIdentifier" in call.params:
        found = [global_cluster(call)]
    else:
        found = list(global_clusters(call.account_id).values())
    for wanted in call.params.get("Filters") or []:
        found = [one for one in found if any({*_names(member)} & {*wanted["Values"]} for member in one.members)]
    return page(call, "GlobalClusters", [described(one) for one in found])


@operation("rds", "ModifyGlobalCluster")
def modify_global_cluster(call: Call) -> Output:
    """Protection and name. Minor versions change with the members."""
    found, given = global_cluster(call), call.params
    if given.get("EngineVersion", found.engine_version) != found.engine_version:
        raise AwsError(
            "InvalidParameterValue",
            "ModifyGlobalCluster only supports Major Version Upgrades. To patch the members of your global cluster to "
            "a newer minor version you need to call ModifyDbCluster in each one of them.",
        )
    found.deletion_protection = given.get("DeletionProtection", found.deletion_protection)
    if "NewGlobalClusterIdentifier" in given:
        known = global_clusters(call.account_id)
        del known[found.global_cluster_identifier]
        found.global_cluster_identifier = given["NewGlobalClusterIdentifier"]
        known[found.global_cluster_identifier] = found
        for member in found.members:
            member.global_cluster_identifier = found.global_cluster_identifier
    return {"GlobalCluster": described(found)}


@operation("rds", "DeleteGlobalCluster")
def delete_global_cluster(call: Call) -> Output:
    """Only an empty one, whose protection is off."""
    found = global_cluster(call)
    if found.deletion_protection:
        text = "Cannot delete protected Global Cluster, please disable deletion protection and try again."
        raise AwsError("InvalidParameterCombination", text)
    if found.members:
        raise AwsError("InvalidGlobalClusterStateFault", f"Global Cluster {found.arn} is not empty")
    del global_clusters(call.account_id)[found.global_cluster_identifier]
    return {"GlobalCluster": {**described(found), "Status": "deleting"}}


def global_cluster(call: Call) -> Any:
    """The global database that a call names. Raises AwsError."""
    name = call.params["GlobalClusterIdentifier"]
    found = global_clusters(call.account_id).get(name)
    if found is None:
        raise AwsError("GlobalClusterNotFoundFault", f"Global cluster {name} not found", 404)
    return found


def cluster_named(call: Call, name: str) -> Any:
    """A cluster of any Region by its ARN, or of this one by its name. Raises AwsError."""
    region = name.split(":")[3] if name.startswith("arn:") else call.region
    found = call.backend(region=region).clusters.get(name.rpartition(":")[2])
    if found is None:
        raise AwsError("DBClusterNotFoundFault", f"DBCluster {name} not found.", 404)
    return found


def described(found: Any) -> Output:
    """A global database as AWS shows it."""
    return {
        "GlobalClusterIdentifier": found.global_cluster_identifier,
        "GlobalClusterResourceId": found.global_cluster_resource_id,
        "GlobalClusterArn": found.arn,
        "Status": found.status,
        "Engine": found.engine,
        "EngineVersion": found.engine_version,
        "EngineLifecycleSupport": "open-source-rds-extended-support",
        "DatabaseName": found.database_name,
        "StorageEncrypted": found.storage_encrypted,
        "DeletionProtection": found.deletion_protection,
        "GlobalClusterMembers": [_member(found, member) for member in found.members],
        "Endpoint": found.endpoint,
        "FailoverState": found.failover_state,
        "TagList": found.tags,
    }


def _member(found: Any, member: Any) -> Output:
    if member.is_writer:
        readers = [one.arn for one in found.members if one is not member]
        return {"DBClusterArn": member.arn, "IsWriter": True, "Readers": readers}
    return {
        "DBClusterArn": member.arn,
        "IsWriter": False,
        "Readers": [],
        "GlobalWriteForwardingStatus": "enabled" if member.global_write_forwarding_requested else "disabled",
        "SynchronizationStatus": "connected",
    }


def _names(member: Any) -> tuple[str, str]:
    return member.arn, member.db_cluster_identifier
