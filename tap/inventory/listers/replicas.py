"""Copies of tables in the other Region, which get their tags in a second step."""

from __future__ import annotations

from collections.abc import Iterator

from tap.inventory.listers.search import Lister, Search, part_of
from tap.inventory.listing import exists
from tap.inventory.resource import Resource


def replica_tables(search: Search) -> Iterator[Resource]:
    """The replicas of the environment's tables.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ReplicaDescription.html
    """
    for arn in search.owners("dynamodb:table"):
        table = Resource(arn, "dynamodb:table")
        answer = exists(search.account, "dynamodb", "describe_table", TableName=table.name)
        for replica in answer["Table"].get("Replicas") or () if answer else ():
            if replica["RegionName"] != table.region:
                yield part_of(arn, table.arn_in(replica["RegionName"]))


LISTERS = (
    Lister(
        "dynamodb:table",
        "A replica gets the tags of its table in a second step: a killed run leaves it without.",
        replica_tables,
    ),
)
