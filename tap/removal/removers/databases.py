"""RDS in one Region. What is protected from deletion is reported, and the protection left on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap.inventory.resource import Resource
from tap.removal.calls import ListTags, after_colon, deletes, described
from tap.removal.remover import Reading, RemovalRefusedError, Remover, ResourceGoneError, Scope, as_tags, paged, sibling

TAGS = ListTags("list_tags_for_resource", "ResourceName", "TagList")
UNPROTECT = "it is protected from deletion: deploy the environment with ENVIRONMENT_CLASS=staging first"


def cluster_of(resource: Resource, details: Mapping[str, Any]) -> set[str]:
    """The ARN of the cluster that a description names."""
    identity = details.get("DBClusterIdentifier")
    return {sibling(resource, f"cluster:{identity}")} if identity else set()


def remove_cluster(scope: Scope, resource: Resource, reading: Reading) -> None:
    """Its instances have gone before it. Automated backups, which would outlast it, go with it."""
    if reading.details.get("DeletionProtection"):
        raise RemovalRefusedError(UNPROTECT)
    if reading.details.get("Status") != "deleting":
        scope.client("rds", resource).delete_db_cluster(
            DBClusterIdentifier=after_colon(resource), SkipFinalSnapshot=True, DeleteAutomatedBackups=True
        )


def remove_instance(scope: Scope, resource: Resource, reading: Reading) -> None:
    if reading.details.get("DeletionProtection"):
        raise RemovalRefusedError(UNPROTECT)
    if reading.details.get("DBInstanceStatus") != "deleting":
        alone = {} if reading.details.get("DBClusterIdentifier") else {"DeleteAutomatedBackups": True}
        scope.client("rds", resource).delete_db_instance(
            DBInstanceIdentifier=after_colon(resource), SkipFinalSnapshot=True, **alone
        )


def read_proxy(scope: Scope, resource: Resource) -> Reading:
    """A proxy's ARN does not hold its name."""
    rds = scope.client("rds", resource)
    for proxy in paged(rds, "describe_db_proxies", "DBProxies"):
        if proxy["DBProxyArn"] == resource.arn:
            tags = rds.list_tags_for_resource(ResourceName=resource.arn)["TagList"]
            return Reading(as_tags(tags), details=proxy)
    raise ResourceGoneError


def remove_proxy(scope: Scope, resource: Resource, reading: Reading) -> None:
    if reading.details.get("Status") != "deleting":
        scope.client("rds", resource).delete_db_proxy(DBProxyName=reading.details["DBProxyName"])


REMOVERS = {
    "rds:cluster": Remover(
        described("rds", "describe_db_clusters", "DBClusterIdentifier", "DBClusters", value=after_colon, tags=TAGS),
        remove_cluster,
    ),
    "rds:db": Remover(
        described(
            "rds",
            "describe_db_instances",
            "DBInstanceIdentifier",
            "DBInstances",
            value=after_colon,
            tags=TAGS,
            owners=cluster_of,
        ),
        remove_instance,
    ),
    "rds:db-proxy": Remover(read_proxy, remove_proxy),
    "rds:subgrp": Remover(
        described("rds", "describe_db_subnet_groups", "DBSubnetGroupName", "DBSubnetGroups", tags=TAGS),
        deletes("rds", "delete_db_subnet_group", "DBSubnetGroupName"),
    ),
    "rds:cluster-pg": Remover(
        described(
            "rds",
            "describe_db_cluster_parameter_groups",
            "DBClusterParameterGroupName",
            "DBClusterParameterGroups",
            tags=TAGS,
        ),
        deletes("rds", "delete_db_cluster_parameter_group", "DBClusterParameterGroupName"),
    ),
    "rds:pg": Remover(
        described("rds", "describe_db_parameter_groups", "DBParameterGroupName", "DBParameterGroups", tags=TAGS),
        deletes("rds", "delete_db_parameter_group", "DBParameterGroupName"),
    ),
}
