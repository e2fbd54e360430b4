"""Web ACLs, and the policies by which services write to log groups."""

from __future__ import annotations

from typing import Any

from tap.inventory.container_descriptions import REGIONAL, web_acl_name
from tap.inventory.listers.containers import groups_named
from tap.inventory.resource import Resource
from tap.removal.calls import deletes
from tap.removal.remover import Reading, Remover, Scope, as_tags, only, paged


def _named(resource: Resource) -> dict[str, str]:
    return {"Name": web_acl_name(resource), "Scope": REGIONAL, "Id": resource.name}


def read_web_acl(scope: Scope, resource: Resource) -> Reading:
    client = scope.client("wafv2", resource)
    details = client.get_web_acl(**_named(resource))
    tags: Any = client.list_tags_for_resource(ResourceARN=resource.arn)["TagInfoForResource"]["TagList"]
    return Reading(as_tags(tags), details=details)


def remove_web_acl(scope: Scope, resource: Resource, reading: Reading) -> None:
    """The load balancers that it stood before have gone before it. Its logging goes with it."""
    scope.client("wafv2", resource).delete_web_acl(**_named(resource), LockToken=reading.details["LockToken"])


def read_policy(scope: Scope, resource: Resource) -> Reading:
    """A policy has no tags: it is part of the log groups that it names."""
    policies = paged(scope.client("logs", resource), "describe_resource_policies", "resourcePolicies")
    details = only([policy for policy in policies if policy["policyName"] == resource.name])
    return Reading(owners=frozenset(groups_named(details["policyDocument"])), details=details)


REMOVERS = {
    "wafv2:webacl": Remover(read_web_acl, remove_web_acl),
    "logs:resource-policy": Remover(read_policy, deletes("logs", "delete_resource_policy", "policyName")),
}
