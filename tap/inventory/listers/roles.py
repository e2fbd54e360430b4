"""IAM roles: GetResources returns none (https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html).

One operation lists all roles of the account with their tags and ages.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tap.account import Account
from tap.inventory.listing import listed
from tap.inventory.resource import Resource, suffix_of

PER_PAGE = 1000


@dataclass(frozen=True)
class FoundRole:
    """A role with an environment's tags, and when it was made."""

    resource: Resource
    created: datetime


def environment_roles(account: Account) -> list[FoundRole]:
    """The roles of all environments. Raises `InventoryError`."""
    details = listed(
        account,
        "iam",
        "get_account_authorization_details",
        "RoleDetailList",
        Filter=["Role"],
        PaginationConfig={"PageSize": PER_PAGE},
    )
    found = []
    for role in details:
        tags = {tag["Key"]: tag["Value"] for tag in role.get("Tags") or ()}
        if suffix_of(tags):
            found.append(FoundRole(Resource(role["Arn"], "iam:role", tags), role["CreateDate"]))
    return found
