"""A global database that was failed over: Terraform, which has it as it was made, would begin with its writer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from tap.account import Account
from tap.inventory.resource import Resource

LEAVING_SECONDS = 900.0
POLL_SECONDS = 3.0
"""A cluster that leaves is promoted, which takes AWS minutes."""


class StillFollowedError(Exception):
    """A cluster did not leave its global database in time. Nothing else was removed; the removal can be run again."""


def part_switched_databases(account: Account, resources: Iterable[Resource], tell: Callable[[str], None]) -> None:
    """Takes what follows out of each global database whose writer is not in the home Region; waits until it has left.

    `resources` are the environment's: a database with a cluster of somebody else's is left as it is, and told of.
    RDS keeps the last instance of a writer that others follow, and Terraform would try for an hour and a half. Raises
    botocore's errors, and `StillFollowedError`.
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-deleting.html
    """
    own = {resource.arn: resource for resource in resources}
    for resource in own.values():
        if resource.type != "rds:global-cluster":
            continue
        members = _members(account, resource)
        followers = [arn for arn, writes in members.items() if not writes]
        if not any(_region(arn) == account.region for arn in followers):
            continue
        if foreign := members.keys() - own.keys():
            tell(f"{resource.name} was failed over, and {', '.join(sorted(foreign))} in it is not of this environment")
            continue
        tell(f"{resource.name} was failed over: {', '.join(followers)} leave it first")
        _part(account, resource, followers)


def _part(account: Account, resource: Resource, followers: Sequence[str]) -> None:
    for arn in followers:
        account.client("rds", _region(arn)).remove_from_global_cluster(
            GlobalClusterIdentifier=resource.name, DbClusterIdentifier=arn
        )
    waiting = Retrying(
        retry=retry_if_result(lambda members: len(members) > 1),
        wait=wait_fixed(POLL_SECONDS),
        stop=stop_after_delay(LEAVING_SECONDS),
    )
    try:
        waiting(_members, account, resource)
    except RetryError:
        raise StillFollowedError(
            f"{', '.join(followers)} did not leave {resource.name} within {LEAVING_SECONDS:.0f} s; "
            "look at its state in RDS, and run the same command again"
        ) from None


def _members(account: Account, resource: Resource) -> dict[str, bool]:
    """Whether each cluster of a global database writes, by ARN."""
    answer: Any = account.client("rds").describe_global_clusters(GlobalClusterIdentifier=resource.name)
    (found,) = answer["GlobalClusters"]
    return {member["DBClusterArn"]: bool(member["IsWriter"]) for member in found["GlobalClusterMembers"]}


def _region(arn: str) -> str:
    return arn.split(":")[3]
