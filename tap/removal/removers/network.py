"""Parts of a VPC, and the VPC: all described by one operation each, with their tags and the ids of what they are in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap.inventory.resource import Resource
from tap.removal.calls import deletes
from tap.removal.remover import (
    GoesWithError,
    Reading,
    RemovalRefusedError,
    Remover,
    ResourceGoneError,
    Scope,
    StillInUseError,
    as_tags,
    only,
    sibling,
)

DESCRIBED = {
    "ec2:vpc": ("describe_vpcs", "VpcIds", "Vpcs"),
    "ec2:subnet": ("describe_subnets", "SubnetIds", "Subnets"),
    "ec2:route-table": ("describe_route_tables", "RouteTableIds", "RouteTables"),
    "ec2:internet-gateway": ("describe_internet_gateways", "InternetGatewayIds", "InternetGateways"),
    "ec2:natgateway": ("describe_nat_gateways", "NatGatewayIds", "NatGateways"),
    "ec2:elastic-ip": ("describe_addresses", "AllocationIds", "Addresses"),
    "ec2:vpc-endpoint": ("describe_vpc_endpoints", "VpcEndpointIds", "VpcEndpoints"),
    "ec2:vpc-flow-log": ("describe_flow_logs", "FlowLogIds", "FlowLogs"),
    "ec2:network-interface": ("describe_network_interfaces", "NetworkInterfaceIds", "NetworkInterfaces"),
    "ec2:network-acl": ("describe_network_acls", "NetworkAclIds", "NetworkAcls"),
    "ec2:security-group": ("describe_security_groups", "GroupIds", "SecurityGroups"),
    "ec2:security-group-rule": ("describe_security_group_rules", "SecurityGroupRuleIds", "SecurityGroupRules"),
}
"""Operation, its parameter for ids, and its output, by resource type."""

WHOLES = {"vpc": "vpc", "subnet": "subnet", "sg": "security-group", "eni": "network-interface"}
"""Kinds of what others are part of, by the prefix of their ids."""


def read(scope: Scope, resource: Resource) -> Reading:
    """Describes the resource. EC2 goes on showing NAT gateways and endpoints that are deleted."""
    operation, parameter, output = DESCRIBED[resource.type]
    answer = getattr(scope.client("ec2", resource), operation)(**{parameter: [resource.name]})
    found = only(answer[output])
    if str(found.get("State", "")).lower() == "deleted":
        raise ResourceGoneError
    tags = as_tags(found.get("Tags") or found.get("TagSet"))
    return Reading(tags, frozenset(_owners(resource, found)), found)


def _owners(resource: Resource, found: Mapping[str, Any]) -> set[str]:
    attachments = found.get("Attachments") or ()
    groups = (group["GroupId"] for group in found.get("Groups") or ())
    named = [found.get(name) for name in ("VpcId", "SubnetId", "GroupId", "NetworkInterfaceId", "ResourceId")]
    ids = [str(identity) for identity in (*named, *groups, *(each.get("VpcId") for each in attachments)) if identity]
    arns = {
        sibling(resource, f"{WHOLES[identity.partition('-')[0]]}/{identity}")
        for identity in ids
        if identity.partition("-")[0] in WHOLES
    }
    return arns - {resource.arn}


def remove_route_table(scope: Scope, resource: Resource, reading: Reading) -> None:
    """A table goes after its associations; the main one with its VPC."""
    ec2 = scope.client("ec2", resource)
    associations = reading.details.get("Associations") or ()
    if any(association.get("Main") for association in associations):
        raise GoesWithError(sibling(resource, f"vpc/{reading.details['VpcId']}"))
    for association in associations:
        ec2.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])
    ec2.delete_route_table(RouteTableId=resource.name)


def remove_internet_gateway(scope: Scope, resource: Resource, reading: Reading) -> None:
    """Detached first: that cuts a VPC off, so it has to be this environment's."""
    ec2 = scope.client("ec2", resource)
    for attachment in reading.details.get("Attachments") or ():
        if not scope.ours(sibling(resource, f"vpc/{attachment['VpcId']}")):
            raise RemovalRefusedError(
                f"it is attached to {attachment['VpcId']}, a VPC that is not of this environment: detach it there"
            )
        ec2.detach_internet_gateway(InternetGatewayId=resource.name, VpcId=attachment["VpcId"])
    ec2.delete_internet_gateway(InternetGatewayId=resource.name)


def remove_nat_gateway(scope: Scope, resource: Resource, reading: Reading) -> None:
    if reading.details["State"] != "deleting":
        scope.client("ec2", resource).delete_nat_gateway(NatGatewayId=resource.name)


def remove_address(scope: Scope, resource: Resource, reading: Reading) -> None:
    """Released when nothing has it any more: to take it away would cut off whoever uses it."""
    if reading.details.get("AssociationId"):
        raise StillInUseError(f"the address is associated with {reading.details.get('NetworkInterfaceId')}")
    scope.client("ec2", resource).release_address(AllocationId=resource.name)


def remove_endpoint(scope: Scope, resource: Resource, reading: Reading) -> None:
    if str(reading.details.get("State")).lower() != "deleting":
        _all_done(scope.client("ec2", resource).delete_vpc_endpoints(VpcEndpointIds=[resource.name]))


def remove_flow_log(scope: Scope, resource: Resource, _: Reading) -> None:
    _all_done(scope.client("ec2", resource).delete_flow_logs(FlowLogIds=[resource.name]))


def _all_done(answer: Mapping[str, Any]) -> None:
    """Some deletions of EC2 answer with what they did not do instead of an error."""
    for failure in answer.get("Unsuccessful") or ():
        raise StillInUseError(f"{failure['Error']['Code']}: {failure['Error']['Message']}")


def remove_network_interface(scope: Scope, resource: Resource, reading: Reading) -> None:
    """Those of Lambda, NAT gateways and endpoints are taken back by their service; Lambda takes up to an hour.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    if reading.details["Status"] != "available":
        raise StillInUseError(f"in use: {reading.details.get('Description') or 'a service'} has not released it yet")
    scope.client("ec2", resource).delete_network_interface(NetworkInterfaceId=resource.name)


def remove_network_acl(scope: Scope, resource: Resource, reading: Reading) -> None:
    """The subnets that use it have gone before it; the default one goes with its VPC."""
    if reading.details.get("IsDefault"):
        raise GoesWithError(sibling(resource, f"vpc/{reading.details['VpcId']}"))
    scope.client("ec2", resource).delete_network_acl(NetworkAclId=resource.name)


REMOVERS = {
    "ec2:vpc": Remover(read, deletes("ec2", "delete_vpc", "VpcId")),
    "ec2:subnet": Remover(read, deletes("ec2", "delete_subnet", "SubnetId")),
    "ec2:route-table": Remover(read, remove_route_table),
    "ec2:internet-gateway": Remover(read, remove_internet_gateway),
    "ec2:natgateway": Remover(read, remove_nat_gateway),
    "ec2:elastic-ip": Remover(read, remove_address),
    "ec2:vpc-endpoint": Remover(read, remove_endpoint),
    "ec2:vpc-flow-log": Remover(read, remove_flow_log),
    "ec2:network-interface": Remover(read, remove_network_interface),
    "ec2:network-acl": Remover(read, remove_network_acl),
}
