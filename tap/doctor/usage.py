"""How much of a quota is in use: counted by the lists of the service itself, all pages of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from tap.account import Account
from tap.doctor.examination import CannotCheckError

COUNT_SECONDS = 20.0
"""How long counting may take: an account can have a hundred thousand topics or keys."""

Usage = Callable[[Account], Counter[str]]
"""The number in use, by place: by availability zone where the quota is one of a zone, else under ""."""

# Only gateways in these states count: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
_COUNTED_STATES = ["pending", "available", "deleting"]
# AWS gives no function more than what leaves this much to all others:
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
UNRESERVED_CONCURRENCY = 100


def listed(service: str, operation: str, key: str, **parameters: Any) -> Usage:
    """Counts what an operation lists under `key`."""

    def count(account: Account) -> Counter[str]:
        return Counter({"": sum(1 for _ in _items(account, service, operation, key, **parameters))})

    return count


def _items(account: Account, service: str, operation: str, key: str, **parameters: Any) -> Iterator[Any]:
    """Everything that an operation lists. Raises CannotCheckError after COUNT_SECONDS, botocore's errors."""
    client = account.client(service)
    deadline = time.monotonic() + COUNT_SECONDS
    seen = 0
    for page in _pages(client, operation, parameters):
        items = page.get(key, [])
        seen += len(items)
        yield from items
        if time.monotonic() > deadline:
            reason = f"counting took more than {COUNT_SECONDS:.0f} s: there are more than {seen}"
            raise CannotCheckError(reason, "compare with the Service Quotas console, which counts in the background")


def _pages(client: Any, operation: str, parameters: dict[str, Any]) -> Iterator[Any]:
    if client.can_paginate(operation):
        yield from client.get_paginator(operation).paginate(**parameters)
        return
    while True:
        page = getattr(client, operation)(**parameters)
        yield page
        if not page.get("NextToken"):
            return
        parameters = {**parameters, "NextToken": page["NextToken"]}


def nat_gateways(account: Account) -> Counter[str]:
    """NAT gateways by zone; their own list does not tell it, their subnets do."""
    filters = [{"Name": "state", "Values": _COUNTED_STATES}]
    gateways = list(_items(account, "ec2", "describe_nat_gateways", "NatGateways", Filters=filters))
    zones = {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in _subnets(account)} if gateways else {}
    return Counter(zones.get(gateway.get("SubnetId"), "") for gateway in gateways)


def _subnets(account: Account) -> Iterator[Any]:
    return _items(account, "ec2", "describe_subnets", "Subnets")


def cluster_parameter_groups(account: Account) -> Counter[str]:
    """Cluster parameter groups without AWS's own, which do not count."""
    groups = _items(account, "rds", "describe_db_cluster_parameter_groups", "DBClusterParameterGroups")
    own = (group for group in groups if not group["DBClusterParameterGroupName"].startswith("default."))
    return Counter({"": sum(1 for _ in own)})


def concurrency(account: Account) -> Counter[str]:
    """Reserved executions, and those that have to stay unreserved."""
    limits = account.client("lambda").get_account_settings()["AccountLimit"]
    reserved = limits["ConcurrentExecutions"] - limits["UnreservedConcurrentExecutions"]
    return Counter({"": reserved + UNRESERVED_CONCURRENCY})


def account_summary(entry: str) -> Usage:
    """IAM counts by itself: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html."""

    def count(account: Account) -> Counter[str]:
        return Counter({"": account.client("iam").get_account_summary()["SummaryMap"][entry]})

    return count


def unused(_: Account) -> Counter[str]:
    """For a quota of one VPC: a new VPC has used nothing of it."""
    return Counter()


def load_balancers(type_: str) -> Usage:
    """Load balancers of one type: each type has a quota of its own."""

    def count(account: Account) -> Counter[str]:
        found = _items(account, "elbv2", "describe_load_balancers", "LoadBalancers")
        return Counter({"": sum(1 for balancer in found if balancer.get("Type") == type_)})

    return count


def web_acls(account: Account) -> Counter[str]:
    """Web ACLs of a Region. AWS WAF names the next page otherwise than most services do."""
    client: Any = account.client("wafv2")
    asked: dict[str, Any] = {"Scope": "REGIONAL", "Limit": 100}
    number = 0
    while True:
        page = client.list_web_acls(**asked)
        number += len(page["WebACLs"])
        # A marker comes with every page that is not empty.
        if not page.get("NextMarker") or not page["WebACLs"]:
            return Counter({"": number})
        asked["NextMarker"] = page["NextMarker"]
