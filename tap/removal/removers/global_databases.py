"""What spans Regions: Aurora global databases, and DynamoDB tables with their replicas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap.inventory.resource import Evidence, Resource
from tap.removal.calls import ListTags, after_colon, by_arn, described
from tap.removal.remover import GoesWithError, Reading, RemovalRefusedError, Remover, Scope, StillInUseError
from tap.removal.removers.databases import UNPROTECT


def _members(_: Resource, details: Mapping[str, Any]) -> set[str]:
    return {member["DBClusterArn"] for member in details.get("GlobalClusterMembers") or ()}


def remove_global_cluster(scope: Scope, resource: Resource, reading: Reading) -> None:
    """Its clusters leave it, those that follow before the one that writes, and go on as clusters of their own.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-deleting.html
    """
    if reading.details.get("DeletionProtection"):
        raise RemovalRefusedError(UNPROTECT)
    members = reading.details.get("GlobalClusterMembers") or ()
    leaving = [member["DBClusterArn"] for member in members if not member.get("IsWriter")]
    leaving = leaving or [member["DBClusterArn"] for member in members]
    for cluster in leaving:
        if not scope.ours(cluster):
            raise RemovalRefusedError(f"{cluster}, which is not of this environment, is part of it: take that out")
        scope.account.client("rds", cluster.split(":")[3]).remove_from_global_cluster(
            GlobalClusterIdentifier=after_colon(resource), DbClusterIdentifier=cluster
        )
    if leaving:
        raise StillInUseError(f"its clusters are leaving it: {', '.join(leaving)}")
    scope.client("rds", resource).delete_global_cluster(GlobalClusterIdentifier=after_colon(resource))


def _others(resource: Resource, details: Mapping[str, Any]) -> dict[str, str]:
    """The replicas of a table, each with its status: every one of them lists the others."""
    replicas = details.get("Replicas") or ()
    found = {replica["RegionName"]: replica.get("ReplicaStatus", "") for replica in replicas}
    return {region: status for region, status in found.items() if region != resource.region}


def remove_table(scope: Scope, resource: Resource, reading: Reading) -> None:
    """A table goes after its replicas, which the one in the environment's home Region removes.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
    """
    if reading.details.get("DeletionProtectionEnabled"):
        raise RemovalRefusedError(UNPROTECT)
    if reading.details.get("TableStatus") == "DELETING":
        return
    others, home = _others(resource, reading.details), reading.tags.get("HomeRegion")
    if home in others:
        raise GoesWithError(resource.arn_in(home))
    if resource.evidence is Evidence.OWNER and resource.owner:
        raise GoesWithError(resource.owner)
    client = scope.client("dynamodb", resource)
    for region, status in others.items():
        if status != "DELETING":
            updates = [{"Delete": {"RegionName": region}}]
            client.update_table(TableName=resource.name, ReplicaUpdates=updates)
    if others:
        raise StillInUseError(f"its replicas are being removed: {', '.join(others)}")
    client.delete_table(TableName=resource.name)


def _replicas(resource: Resource, details: Mapping[str, Any]) -> set[str]:
    return {resource.arn_in(region) for region in _others(resource, details)}


REMOVERS = {
    "rds:global-cluster": Remover(
        described(
            "rds",
            "describe_global_clusters",
            "GlobalClusterIdentifier",
            "GlobalClusters",
            value=after_colon,
            tags="TagList",
            owners=_members,
        ),
        remove_global_cluster,
    ),
    "dynamodb:table": Remover(
        described(
            "dynamodb",
            "describe_table",
            "TableName",
            "Table",
            tags=ListTags("list_tags_of_resource", "ResourceArn", "Tags", value=by_arn),
            owners=_replicas,
        ),
        remove_table,
    ),
}
