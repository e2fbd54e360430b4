"""Interfaces that a service holds, endpoints by id, and pages of zones, as a search for leftovers reads them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_aws.conftest import Cloud, Clouds


@pytest.fixture
def network(clouds: Clouds) -> Iterator[tuple[Cloud, str, str]]:
    """A VPC with a subnet on our server; both end with the test."""
    ec2 = clouds.ours.ec2
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    yield clouds.ours, vpc, subnet
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)


def interfaces_of(cloud: Cloud, vpc: str) -> list[tuple[str, str, bool]]:
    filters = [{"Name": "vpc-id", "Values": [vpc]}]
    found = cloud.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    return [(one["Status"], one["InterfaceType"], one["RequesterManaged"]) for one in found]


def test_a_nat_gateway_holds_its_interface(network: tuple[Cloud, str, str]) -> None:
    cloud, vpc, subnet = network
    gateway = cloud.ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    assert interfaces_of(cloud, vpc) == [("in-use", "nat_gateway", True)]
    filters = [{"Name": "vpc-id", "Values": [vpc]}]
    (held,) = cloud.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    with pytest.raises(ClientError, match=r"InvalidParameterValue.*currently in use"):
        cloud.ec2.delete_network_interface(NetworkInterfaceId=held["NetworkInterfaceId"])
    cloud.ec2.delete_nat_gateway(NatGatewayId=gateway)
    assert interfaces_of(cloud, vpc) == []


def test_an_endpoint_holds_its_interfaces_and_is_found_by_id(network: tuple[Cloud, str, str]) -> None:
    cloud, vpc, subnet = network
    service = "com.amazonaws.us-east-1.secretsmanager"
    endpoint = cloud.ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=service, VpcEndpointType="Interface", SubnetIds=[subnet]
    )["VpcEndpoint"]["VpcEndpointId"]
    assert interfaces_of(cloud, vpc) == [("in-use", "vpc_endpoint", True)]
    for ids, number in (([endpoint, "vpce-0"], 1), (["vpce-0"], 0)):
        filters = [{"Name": "vpc-endpoint-id", "Values": ids}]
        assert len(cloud.ec2.describe_vpc_endpoints(Filters=filters)["VpcEndpoints"]) == number
    cloud.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert interfaces_of(cloud, vpc) == []


def test_an_interface_of_a_user_can_be_deleted(network: tuple[Cloud, str, str]) -> None:
    cloud, vpc, subnet = network
    made = cloud.ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    cloud.ec2.delete_network_interface(NetworkInterfaceId=made)
    assert interfaces_of(cloud, vpc) == []


def test_zones_are_listed_on_several_pages(clouds: Clouds) -> None:
    route53 = clouds.ours.route53
    names = [f"paged-{number}.example.net" for number in range(3)]
    zones = [route53.create_hosted_zone(Name=name, CallerReference=name)["HostedZone"]["Id"] for name in names]
    pages = route53.get_paginator("list_hosted_zones").paginate(PaginationConfig={"PageSize": 1})
    found = {zone["Id"] for page in pages for zone in page["HostedZones"]}
    for zone in zones:
        route53.delete_hosted_zone(Id=zone)
    assert set(zones) <= found
