"""Looks for parts of load balancers and of Cloud Map in a VPC (`tap.adoption.children`)."""

from __future__ import annotations

from typing import Any

from tap.account import Account
from tap.adoption.planned import PlannedCreate


def listener(account: Account, create: PlannedCreate) -> str | None:
    """The listener of a load balancer's port, of which there is one."""
    balancer, port = create.value("load_balancer_arn"), create.values.get("port")
    if balancer is None or port is None:
        return None
    pages = account.client("elbv2").get_paginator("describe_listeners").paginate(LoadBalancerArn=balancer)
    found = (one["ListenerArn"] for page in pages for one in page["Listeners"] if one["Port"] == port)
    return next((str(arn) for arn in found), None)


def namespace(account: Account, create: PlannedCreate) -> str | None:
    """The namespace of that name whose hosted zone the VPC sees."""
    if (named := create.values_of("name", "vpc")) is None:
        return None
    name, vpc = named
    pages = account.client("servicediscovery").get_paginator("list_namespaces").paginate()
    for found in (one for page in pages for one in page["Namespaces"] if one["Name"] == name):
        zone: Any = found.get("Properties", {}).get("DnsProperties", {}).get("HostedZoneId")
        if zone and _sees(account, zone, vpc):
            return f"{found['Id']}:{vpc}"
    return None


def _sees(account: Account, zone: str, vpc: str) -> bool:
    described = account.client("route53").get_hosted_zone(Id=zone)
    return any(one["VPCId"] == vpc for one in described.get("VPCs", ()))
