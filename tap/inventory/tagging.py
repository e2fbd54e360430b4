"""Resources by their tags: the Resource Groups Tagging API, read to its last page.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tap.account import Account
from tap.inventory.listing import asking, patiently
from tap.inventory.resource import MANAGED_BY, Resource, resource_type, suffix_of

PER_PAGE = 100
"""The most that AWS gives."""

PASSING = ("ecs:task", "ecs:task-set")
"""Types that bear the tags of an ECS service while it runs them: they come and go with it."""


def tagged_resources(account: Account, region: str, suffix: str | None = None) -> list[Resource]:
    """What carries all tags of an environment, `suffix` or any, in one Region's answer.

    AWS returns some that are deleted: `existence` tells. Raises `InventoryError` if one page fails.
    """
    with asking("resourcegroupstaggingapi.GetResources", f"in {region}"):
        return list(_owned(_mappings(account.client("resourcegroupstaggingapi", region), suffix), suffix))


def _mappings(client: Any, suffix: str | None) -> Iterator[Any]:
    of_suffix = {"Key": "EnvironmentSuffix", **({"Values": [suffix]} if suffix else {})}
    filters = [{"Key": "ManagedBy", "Values": [MANAGED_BY]}, of_suffix]
    asked: dict[str, Any] = {"TagFilters": filters, "ResourcesPerPage": PER_PAGE}
    while True:
        page = patiently(partial(client.get_resources, **asked))
        yield from page["ResourceTagMappingList"]
        if not page.get("PaginationToken"):
            return
        asked["PaginationToken"] = page["PaginationToken"]


def _owned(mappings: Iterator[Any], suffix: str | None) -> Iterator[Resource]:
    for mapping in mappings:
        tags = {tag["Key"]: tag["Value"] for tag in mapping["Tags"]}
        owner = suffix_of(tags)
        kind = resource_type(mapping["ResourceARN"])
        if owner is not None and suffix in (None, owner) and kind not in PASSING:
            yield Resource(mapping["ResourceARN"], kind, tags)
