"""Private zones that a killed run left without tags: found by name and VPC, and swept; no others are."""

from __future__ import annotations

import pytest

from tap.account import Account
from tap.inventory.finder import Finder
from tap.inventory.resource import Resource, environment_tags
from tap.removal.sweep import Sweeper
from tests.unit.tap_inventory.conftest import REGION
from tests.unit.tap_inventory.finding import arn, parts


def network(account: Account, suffix: str) -> str:
    tags = [{"Key": key, "Value": value} for key, value in environment_tags(suffix).items()]
    specification = [{"ResourceType": "vpc", "Tags": tags}]
    vpc = account.client("ec2").create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=specification)["Vpc"]
    return str(vpc["VpcId"])


def zone(account: Account, name: str, vpc: str) -> str:
    answer = account.client("route53").create_hosted_zone(
        Name=name,
        CallerReference=f"{name} {vpc}",
        VPC={"VPCId": vpc, "VPCRegion": REGION},
        HostedZoneConfig={"PrivateZone": True},
    )
    return str(answer["HostedZone"]["Id"]).rpartition("/")[2]


@pytest.fixture
def vpc(finder: Finder) -> str:
    return network(finder.account, "pr-1")


def only_part(finder: Finder, earlier: tuple[Resource, ...] = ()) -> Resource:
    [found] = parts(finder, None, earlier).values()
    return found


def test_one_of_the_environments_name_in_its_vpc(finder: Finder, vpc: str) -> None:
    half_made = zone(finder.account, "payment-pr-1.testing.local", vpc)
    zone(finder.account, "payment-pr-12.testing.local", vpc)
    zone(finder.account, "shared.local", vpc)
    zone(finder.account, "payment-pr-1.testing.local", network(finder.account, "pr-12"))
    found = only_part(finder)
    assert (found.arn, found.owner) == (f"arn:aws:route53:::hostedzone/{half_made}", arn("ec2", f"vpc/{vpc}"))


def test_it_is_swept_also_after_its_vpc(finder: Finder, vpc: str) -> None:
    zone(finder.account, "payment-pr-1.testing.local", vpc)
    found = only_part(finder)
    finder.account.client("ec2").delete_vpc(VpcId=vpc)
    assert only_part(finder, (found,)) == found
    report = Sweeper(finder.account).sweep("pr-1", [found], owners=[str(found.owner)])
    assert report.swept == [found]
    assert parts(finder, None, (found,)) == {}


def test_one_that_serves_another_vpc_too_stays(finder: Finder, vpc: str) -> None:
    shared = zone(finder.account, "payment-pr-1.testing.local", vpc)
    other = {"VPCId": network(finder.account, "pr-12"), "VPCRegion": REGION}
    finder.account.client("route53").associate_vpc_with_hosted_zone(HostedZoneId=shared, VPC=other)
    [(_, reason)] = Sweeper(finder.account).sweep("pr-1", [only_part(finder)]).failed
    assert "serves other VPCs too" in reason
    assert finder.account.client("route53").get_hosted_zone(Id=shared)
