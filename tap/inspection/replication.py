"""How the copies of an environment's data in its two Regions are: of the ledger and of the sessions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError

from tap.account import Account
from tap.inventory.found import FoundEnvironment
from tap.inventory.listing import is_gone
from tap.inventory.resource import Resource


@dataclass(frozen=True)
class Copy:
    """One copy: of which data, in which Region, what it does (`writes`, `follows`, `replica`), and in which state."""

    of: str
    region: str
    role: str
    state: str

    def as_json(self) -> dict[str, str]:
        """As a JSON object."""
        return asdict(self)


def copies_of(account: Account, found: FoundEnvironment) -> list[Copy]:
    """All copies, those of the ledger first. Raises botocore's errors, but not for what is gone by now."""
    copies: list[Copy] = []
    for resource in sorted(found.resources, key=lambda one: (one.type != "rds:global-cluster", one.arn)):
        try:
            if resource.type == "rds:global-cluster":
                copies += _of_ledger(account, resource)
            elif resource.type == "dynamodb:table" and resource.region == account.region:
                copies += _of_table(account, resource)
        except ClientError as error:
            if not is_gone(error):
                raise
    return copies


def _of_ledger(account: Account, resource: Resource) -> Iterator[Copy]:
    """The clusters of a global database; while it fails over, that is the state of all.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_GlobalClusterMember.html
    """
    answer: Any = account.client("rds").describe_global_clusters(GlobalClusterIdentifier=resource.name)
    for cluster in answer["GlobalClusters"]:
        moving = (cluster.get("FailoverState") or {}).get("Status")
        for member in cluster.get("GlobalClusterMembers") or ():
            role = "writes" if member.get("IsWriter") else "follows"
            state = moving or member.get("SynchronizationStatus") or cluster.get("Status", "unknown")
            yield Copy(resource.name, member["DBClusterArn"].split(":")[3], role, state)


def _of_table(account: Account, resource: Resource) -> Iterator[Copy]:
    """A table and its replicas, each of which takes writes. Nothing of a table without replicas."""
    table: Any = account.client("dynamodb").describe_table(TableName=resource.name)["Table"]
    others = {one["RegionName"]: one.get("ReplicaStatus", "unknown") for one in table.get("Replicas") or ()}
    if not others:
        return
    states = {account.region: table["TableStatus"], **{region: others[region] for region in sorted(others)}}
    for region, state in states.items():
        yield Copy(resource.name, region, "replica", state)
