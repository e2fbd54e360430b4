"""Routes, associations and rules of an environment's network, as `children.find_child` looks for them."""

from __future__ import annotations

from typing import Any

from tap.account import Account
from tap.adoption.planned import PlannedCreate


def route(account: Account, create: PlannedCreate) -> str | None:
    """A route of the table to the same destination."""
    if (named := create.values_of("route_table_id", "destination_cidr_block")) is None:
        return None
    table, destination = named
    routes = _route_table(account, table)["Routes"]
    found = any(each.get("DestinationCidrBlock") == destination for each in routes)
    return f"{table}_{destination}" if found else None


def route_table_association(account: Account, create: PlannedCreate) -> str | None:
    """The association of the subnet with the table."""
    if (named := create.values_of("route_table_id", "subnet_id")) is None:
        return None
    table, subnet = named
    associations = _route_table(account, table)["Associations"]
    found = any(each.get("SubnetId") == subnet for each in associations)
    return f"{subnet}/{table}" if found else None


def egress_rule(account: Account, create: PlannedCreate) -> str | None:
    """A rule for traffic that leaves."""
    return _rule(account, create, egress=True)


def ingress_rule(account: Account, create: PlannedCreate) -> str | None:
    """A rule for traffic that comes in."""
    return _rule(account, create, egress=False)


def _route_table(account: Account, table: str) -> dict[str, Any]:
    found: dict[str, Any] = account.client("ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"][0]
    return found


# The arguments of a rule, and what EC2 calls them.
_PEERS = {"cidr_ipv4": "CidrIpv4", "cidr_ipv6": "CidrIpv6", "prefix_list_id": "PrefixListId"}
_PORTS = {"from_port": "FromPort", "to_port": "ToPort"}


def _rule(account: Account, create: PlannedCreate, *, egress: bool) -> str | None:
    """EC2 takes no second rule with the same protocol, ports and peer."""
    group = create.value("security_group_id")
    peer = {name: create.value(name) for name in (*_PEERS, "referenced_security_group_id")}
    if group is None or not any(peer.values()):
        return None
    pages = account.client("ec2").get_paginator("describe_security_group_rules")
    for page in pages.paginate(Filters=[{"Name": "group-id", "Values": [group]}]):
        for rule in page["SecurityGroupRules"]:
            if rule["IsEgress"] == egress and _is_planned(rule, create, peer):
                return str(rule["SecurityGroupRuleId"])
    return None


def _is_planned(rule: dict[str, Any], create: PlannedCreate, peer: dict[str, str | None]) -> bool:
    protocol = create.value("ip_protocol")
    # A rule for every protocol has no ports.
    ports = protocol == "-1" or all(rule.get(theirs) == create.values.get(ours) for ours, theirs in _PORTS.items())
    peers = all(rule.get(theirs) == peer[ours] for ours, theirs in _PEERS.items())
    referenced = rule.get("ReferencedGroupInfo", {}).get("GroupId") == peer["referenced_security_group_id"]
    return rule["IpProtocol"] == protocol and ports and peers and referenced
