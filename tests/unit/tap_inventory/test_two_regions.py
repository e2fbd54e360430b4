"""Environments in two Regions: found in both, from their home, and in one of them as before."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lib.provider_options import state_key
from lib.settings import load_settings
from tap.account import Account
from tap.inventory.errors import InventoryError
from tap.inventory.finder import Finder
from tap.inventory.resource import Evidence
from tap.inventory.states import S3States
from tests.unit.tap_inventory.conftest import BUCKET, REGION, Answers
from tests.unit.tap_inventory.finding import ACCOUNT

OTHER, THIRD = "us-west-2", "eu-north-1"
TAGGING = "resourcegroupstaggingapi"


def tags_of(suffix: str, secondary: str = OTHER) -> dict[str, str]:
    inputs = {"architecture": "multi-region", "aws_region": REGION, "secondary_region": secondary}
    return load_settings(_env_file=None, environment_suffix=suffix, **inputs).tags


def pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def make_queue(account: Account, region: str, name: str, tags: dict[str, str]) -> str:
    account.client("sqs", region).create_queue(QueueName=name, tags=tags)
    return f"arn:aws:sqs:{region}:{ACCOUNT}:{name}"


def denied(code: str = "AccessDeniedException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetResources")


@pytest.fixture
def finder(account: Account, states: S3States) -> Finder:
    """It guesses that the other Region is the one of the inputs."""
    return Finder(account, states, OTHER)


def test_resources_of_both_regions_are_the_environments(finder: Finder, account: Account) -> None:
    queues = [make_queue(account, region, "q", tags_of("pr-1")) for region in (REGION, OTHER)]
    for found in (finder.all()[0], finder.environment("pr-1")):
        assert [one.arn for one in found.resources] == sorted(queues)
        assert (found.architecture, found.secondary_region, found.elsewhere) == ("multi-region", OTHER, None)


def test_the_other_region_is_no_home(states: S3States, account_in: Callable[[str], Account]) -> None:
    there = account_in(OTHER)
    for region in (REGION, OTHER):
        make_queue(there, region, "q", tags_of("pr-1"))
    finder = Finder(there, states, "us-east-2")
    assert finder.all() == []
    assert finder.elsewhere == {"pr-1": REGION}
    found = finder.environment("pr-1")
    assert (found.exists, found.elsewhere) == (False, REGION)


def test_an_environment_names_another_region_than_the_inputs(finder: Finder, account: Account) -> None:
    queues = [make_queue(account, region, "q", tags_of("pr-1", THIRD)) for region in (REGION, THIRD)]
    for found in (finder.all()[0], finder.environment("pr-1")):
        assert [one.arn for one in found.resources] == sorted(queues)
        assert found.secondary_region == THIRD


def test_the_state_names_a_region_that_no_tag_does(finder: Finder, account: Account) -> None:
    tags = {name: value for name, value in tags_of("pr-1").items() if name != "SecondaryRegion"}
    queue = make_queue(account, THIRD, "q", tags)
    block = {
        "mode": "managed",
        "type": "aws_sqs_queue",
        "name": "a",
        "instances": [{"attributes": {"arn": queue, "tags_all": tags}}],
    }
    body = json.dumps({"version": 4, "serial": 1, "lineage": "", "resources": [block]}).encode()
    account.client("s3").put_object(Bucket=BUCKET, Key=state_key("multi-region", "pr-1"), Body=body)
    assert [one.arn for one in finder.environment("pr-1").resources] == [queue]


@pytest.mark.parametrize("code", ["AccessDeniedException", "UnrecognizedClientException"])
def test_a_guessed_region_that_may_not_be_asked_is_empty(
    finder: Finder, account: Account, answers: Answers, code: str
) -> None:
    queue = make_queue(account, REGION, "q", load_settings(environment_suffix="pr-1", aws_region=REGION).tags)
    answers.instead(account, TAGGING, "GetResources", denied(code), OTHER)
    for found in (finder.all()[0], finder.environment("pr-1")):
        assert [one.arn for one in found.resources] == [queue]
    assert answers.asked


def test_a_region_that_an_environment_names_must_answer(finder: Finder, account: Account, answers: Answers) -> None:
    make_queue(account, REGION, "q", tags_of("pr-1"))
    answers.instead(account, TAGGING, "GetResources", denied(), OTHER)
    for search in (finder.all, lambda: finder.environment("pr-1")):
        with pytest.raises(InventoryError, match=r"GetResources in us-west-2 failed"):
            search()


def test_a_guessed_region_that_fails_is_no_empty_one(finder: Finder, account: Account, answers: Answers) -> None:
    answers.instead(account, TAGGING, "GetResources", denied("InternalServiceException"), OTHER)
    with pytest.raises(InventoryError, match=r"GetResources in us-west-2 failed"):
        finder.all()


@pytest.mark.parametrize(
    ("home", "guessed", "asked"),
    [
        ("us-east-1", OTHER, {"us-east-1", OTHER}),
        (REGION, OTHER, {REGION, "us-east-1", OTHER}),
        (REGION, None, {REGION, "us-east-1"}),
        ("cn-north-1", OTHER, {"cn-north-1", "cn-northwest-1"}),
        ("us-gov-east-1", OTHER, {"us-gov-east-1", "us-gov-west-1"}),
    ],
)
def test_each_region_is_asked_once(
    account_in: Callable[[str], Account],
    states: S3States,
    answers: Answers,
    home: str,
    guessed: str | None,
    asked: set[str],
) -> None:
    account = account_in(home)
    for region in asked:
        answers.instead(account, TAGGING, "GetResources", {"ResourceTagMappingList": []}, region)
    Finder(account, states, guessed).all()
    assert len(answers.asked) == len(asked)


def test_parts_are_listed_in_each_region(finder: Finder, account: Account) -> None:
    """Archives of the same name in both, and in a Region of a neighbor's."""
    for region, suffix in ((REGION, "pr-1"), (OTHER, "pr-1"), (OTHER, "pr-12")):
        events, name = account.client("events", region), f"payment-events-{suffix}"
        bus = events.create_event_bus(Name=name, Tags=pairs(tags_of(suffix)))["EventBusArn"]
        events.create_archive(ArchiveName=name, EventSourceArn=bus)
    found = {one.arn: one for one in finder.environment("pr-1").resources if one.evidence is Evidence.OWNER}
    rest = f":{ACCOUNT}:archive/payment-events-pr-1"
    assert found.keys() == {f"arn:aws:events:{region}{rest}" for region in (REGION, OTHER)}
    assert {one.owner.split(":")[3] == one.region for one in found.values() if one.owner} == {True}


def test_a_zone_that_serves_both_vpcs_is_found_once(finder: Finder, account: Account) -> None:
    vpcs = {}
    for region in (REGION, OTHER):
        specification = [{"ResourceType": "vpc", "Tags": pairs(tags_of("pr-1"))}]
        made = account.client("ec2", region).create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=specification)
        vpcs[region] = made["Vpc"]["VpcId"]
    route53 = account.client("route53")
    zone = route53.create_hosted_zone(
        Name="payment-pr-1.testing.local",
        CallerReference="a",
        VPC={"VPCRegion": REGION, "VPCId": vpcs[REGION]},
        HostedZoneConfig={"PrivateZone": True},
    )["HostedZone"]["Id"]
    route53.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC={"VPCRegion": OTHER, "VPCId": vpcs[OTHER]})
    found = [one for one in finder.environment("pr-1").resources if one.type == "route53:hostedzone"]
    assert [one.name for one in found] == [zone.rpartition("/")[2]]


def clusters_answer(*clusters: tuple[str, str, str | None]) -> dict[str, Any]:
    """Name, member, and suffix of the tags."""
    return {
        "GlobalClusters": [
            {
                "GlobalClusterIdentifier": name,
                "GlobalClusterArn": f"arn:aws:rds::{ACCOUNT}:global-cluster:{name}",
                "GlobalClusterMembers": [{"DBClusterArn": member, "IsWriter": True}] if member else [],
                "TagList": pairs(tags_of(suffix)) if suffix else [],
            }
            for name, member, suffix in clusters
        ]
    }


def test_global_databases_by_their_tags_or_their_clusters(finder: Finder, account: Account, answers: Answers) -> None:
    cluster = f"arn:aws:rds:{OTHER}:{ACCOUNT}:cluster:payment-secondary-pr-1"
    listing = clusters_answer(
        ("payment-global-pr-1", "", "pr-1"),
        ("untagged", cluster, None),
        ("anothers", cluster, "pr-12"),
        ("strangers", "arn:aws:rds:eu-west-1:123456789012:cluster:other", None),
    )
    answers.instead(account, "rds", "DescribeGlobalClusters", listing)
    answers.instead(account, "rds", "DescribeDBClusterAutomatedBackups", {"DBClusterAutomatedBackups": []}, OTHER)
    (listed,) = (one for one in finder.all() if one.suffix == "pr-1")
    assert [one.name for one in listed.resources] == ["payment-global-pr-1"]
    earlier = tuple(one for one in listed.resources)
    assert {one.name: one.evidence for one in finder.environment("pr-1").resources} == {
        "payment-global-pr-1": Evidence.TAGS
    }
    account.client("rds", OTHER).create_db_cluster(
        DBClusterIdentifier="payment-secondary-pr-1",
        Engine="aurora-mysql",
        MasterUsername="admin",
        MasterUserPassword="0123456789",
        Tags=pairs(tags_of("pr-1")),
    )
    found = {one.name: one for one in finder.environment("pr-1", None, earlier).resources}
    assert found.keys() == {"payment-global-pr-1", "payment-secondary-pr-1", "untagged"}
    assert (found["untagged"].evidence, found["untagged"].owner) == (Evidence.OWNER, cluster)


def test_a_replica_that_has_no_tags_yet_is_part_of_its_table(
    finder: Finder, account: Account, answers: Answers
) -> None:
    account.client("dynamodb").create_table(
        TableName="payment-sessions-pr-1",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        Tags=pairs(tags_of("pr-1")),
    )
    described = {
        "Table": {
            "TableName": "payment-sessions-pr-1",
            "TableStatus": "ACTIVE",
            "Replicas": [{"RegionName": REGION}, {"RegionName": OTHER}],
        }
    }
    answers.instead(account, "dynamodb", "DescribeTable", described)
    table, replica = (f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/payment-sessions-pr-1" for region in (REGION, OTHER))
    found = {one.arn: one.owner for one in finder.environment("pr-1").resources}
    assert found == {table: None, replica: table}
