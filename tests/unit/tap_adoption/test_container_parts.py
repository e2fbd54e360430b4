"""Listeners and namespaces are found where they exist, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from tap.account import Account
from tap.adoption.children import find_child, is_child
from tap.adoption.planned import PlannedCreate


def create(type_: str, **values: Any) -> PlannedCreate:
    return PlannedCreate(f"{type_}.x", type_, values)


@pytest.fixture
def vpc(account: Account) -> str:
    return str(account.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])


def test_a_listener_is_known_by_its_load_balancer_and_port(account: Account, vpc: str) -> None:
    ec2, balancing = account.client("ec2"), account.client("elbv2")
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for number, zone in enumerate("ab")
    ]
    ids = [subnet["Subnet"]["SubnetId"] for subnet in subnets]
    balancer = balancing.create_load_balancer(Name="payment-pr-1", Subnets=ids)["LoadBalancers"][0]["LoadBalancerArn"]
    answer: Any = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    made = balancing.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[answer])
    listener = "aws_lb_listener"
    wanted = create(listener, load_balancer_arn=balancer, port=80)
    assert find_child(account, wanted) == made["Listeners"][0]["ListenerArn"]
    assert find_child(account, create(listener, load_balancer_arn=balancer, port=443)) is None
    assert find_child(account, create(listener, load_balancer_arn=balancer)) is None
    assert find_child(account, create(listener, port=80)) is None
    assert find_child(account, create(listener, load_balancer_arn=balancer.replace("pr-1", "pr-2"), port=80)) is None


def test_a_namespace_is_known_by_its_name_and_the_network_that_sees_it(account: Account, vpc: str) -> None:
    discovery, route53 = account.client("servicediscovery"), account.client("route53")
    name = "payment-services-pr-1.internal"
    network: Any = {"VPCId": vpc, "VPCRegion": "us-east-1"}
    zone = route53.create_hosted_zone(
        Name=name, CallerReference="1", VPC=network, HostedZoneConfig={"Comment": "", "PrivateZone": True}
    )["HostedZone"]["Id"].rpartition("/")[2]
    discovery.create_http_namespace(Name=name)
    discovery.create_private_dns_namespace(Name=f"{name}.org", Vpc=vpc)
    type_ = "aws_service_discovery_private_dns_namespace"
    assert find_child(account, create(type_, name=name, vpc=vpc)) is None

    listed: Any = [one for one in discovery.list_namespaces()["Namespaces"] if one["Name"] == name]
    listed[0]["Properties"] = {"DnsProperties": {"HostedZoneId": zone}}
    with pytest.MonkeyPatch.context() as patch:
        pages: Any = type("Pages", (), {"paginate": lambda _: [{"Namespaces": listed}]})
        patch.setattr(discovery, "get_paginator", lambda _: pages())
        assert find_child(account, create(type_, name=name, vpc=vpc)) == f"{listed[0]['Id']}:{vpc}"
        assert find_child(account, create(type_, name=name, vpc="vpc-other")) is None
        assert find_child(account, create(type_, name="other.internal", vpc=vpc)) is None
        assert find_child(account, create(type_, name=name)) is None


def test_both_are_looked_for() -> None:
    assert is_child("aws_lb_listener")
    assert is_child("aws_service_discovery_private_dns_namespace")
    assert not is_child("aws_appautoscaling_target")
