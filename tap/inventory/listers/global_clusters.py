"""Aurora global databases: any Region lists them, and no Region is theirs.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeGlobalClusters.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tap.account import Account
from tap.inventory.listers.search import Lister, Search, part_of
from tap.inventory.listing import listed
from tap.inventory.resource import Resource, suffix_of


def environment_global_clusters(account: Account) -> list[Resource]:
    """The global databases of all environments, by their tags. Raises `InventoryError`."""
    found = ((one["GlobalClusterArn"], _tags(one)) for one in _all(account))
    return [Resource(arn, "rds:global-cluster", tags) for arn, tags in found if suffix_of(tags)]


def global_clusters(search: Search) -> Iterator[Resource]:
    """Global databases that lack tags, and hold a cluster of the environment."""
    clusters = set(search.owners("rds:cluster"))
    if not clusters:
        return
    for one in _all(search.account):
        members = {member["DBClusterArn"] for member in one.get("GlobalClusterMembers") or ()}
        if members & clusters and not suffix_of(_tags(one)):
            yield part_of(min(members & clusters), one["GlobalClusterArn"])


def _all(account: Account) -> list[Any]:
    return listed(account, "rds", "describe_global_clusters", "GlobalClusters")


def _tags(cluster: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in cluster.get("TagList") or ()}


LISTERS = (
    Lister(
        "rds:global-cluster",
        "Their ARNs name no Region: no Region's tagging API is sure to return them.",
        global_clusters,
        is_global=True,
    ),
)
