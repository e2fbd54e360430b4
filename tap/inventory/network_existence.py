"""Which parts of a VPC still exist: EC2 is asked for up to two hundred ids at once and leaves out what is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap.account import Account
from tap.inventory.listing import batches, listed
from tap.inventory.resource import Resource

# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html: values of one filter.
AT_ONCE = 200
GONE = "deleted"
"""State of NAT gateways and endpoints that EC2 goes on describing for about an hour. One that is being deleted still
holds its address and its subnet, so it exists."""


@dataclass(frozen=True)
class Described:
    """The operation that describes a type, its filter by id, its list in the answer, and the id there."""

    operation: str
    filter: str
    output: str
    id: str
    parameter: str = "Filters"


NETWORK: Mapping[str, Described] = {
    "ec2:elastic-ip": Described("describe_addresses", "allocation-id", "Addresses", "AllocationId"),
    "ec2:internet-gateway": Described(
        "describe_internet_gateways", "internet-gateway-id", "InternetGateways", "InternetGatewayId"
    ),
    "ec2:natgateway": Described(
        "describe_nat_gateways", "nat-gateway-id", "NatGateways", "NatGatewayId", parameter="Filter"
    ),
    "ec2:network-interface": Described(
        "describe_network_interfaces", "network-interface-id", "NetworkInterfaces", "NetworkInterfaceId"
    ),
    "ec2:route-table": Described("describe_route_tables", "route-table-id", "RouteTables", "RouteTableId"),
    "ec2:security-group": Described("describe_security_groups", "group-id", "SecurityGroups", "GroupId"),
    "ec2:security-group-rule": Described(
        "describe_security_group_rules", "security-group-rule-id", "SecurityGroupRules", "SecurityGroupRuleId"
    ),
    "ec2:subnet": Described("describe_subnets", "subnet-id", "Subnets", "SubnetId"),
    "ec2:vpc": Described("describe_vpcs", "vpc-id", "Vpcs", "VpcId"),
    "ec2:vpc-endpoint": Described("describe_vpc_endpoints", "vpc-endpoint-id", "VpcEndpoints", "VpcEndpointId"),
    "ec2:vpc-flow-log": Described("describe_flow_logs", "flow-log-id", "FlowLogs", "FlowLogId", parameter="Filter"),
}


def existing_in_network(account: Account, resources: Sequence[Resource]) -> set[str]:
    """The ARNs of those that exist, all of one type and Region. Raises `InventoryError`."""
    described, ids = NETWORK[resources[0].type], set[str]()
    for batch in batches(resources, AT_ONCE):
        filters = [{"Name": described.filter, "Values": [resource.name for resource in batch]}]
        asked: dict[str, Any] = {described.parameter: filters, "region": resources[0].region}
        answer = listed(account, "ec2", described.operation, described.output, **asked)
        ids |= {one[described.id] for one in answer if str(one.get("State", "")).lower() != GONE}
    return {resource.arn for resource in resources if resource.name in ids}
