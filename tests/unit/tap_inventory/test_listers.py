"""What belongs to an environment without carrying its tags, and what does not though it looks alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tap.account import Account
from tap.inventory.finder import Finder
from tap.inventory.resource import Evidence, environment_tags
from tests.unit.tap_inventory.conftest import Answers
from tests.unit.tap_inventory.finding import ACCOUNT, PAIRS, arn, earlier, parts, state_with


@pytest.mark.parametrize("type_", ["aws_cloudwatch_event_target", "aws_lambda_permission", "aws_unknown"])
def test_what_a_state_only_points_at_is_not_the_environments(finder: Finder, type_: str) -> None:
    events = finder.account.client("events")
    bus = events.create_event_bus(Name="shared")["EventBusArn"]
    events.create_archive(ArchiveName="shared", EventSourceArn=bus)
    assert parts(finder, state_with(type_, arn=bus)) == {}
    assert len(parts(finder, state_with("aws_cloudwatch_event_bus", arn=bus))) == 1


def test_archives_outlive_their_bus(finder: Finder) -> None:
    events = finder.account.client("events")
    buses = {}
    for suffix in ("pr-1", "pr-12"):
        pairs = [{"Key": key, "Value": value} for key, value in environment_tags(suffix).items()]
        buses[suffix] = events.create_event_bus(Name=f"payment-events-{suffix}", Tags=pairs)["EventBusArn"]
        events.create_archive(ArchiveName=f"payment-events-{suffix}", EventSourceArn=buses[suffix])
    (archive,) = parts(finder).values()
    assert (archive.arn, archive.owner) == (arn("events", "archive/payment-events-pr-1"), buses["pr-1"])


@pytest.fixture
def schedule(account: Account) -> Callable[[str, str], str]:
    def make(name: str, target: str) -> str:
        answer = account.client("scheduler").create_schedule(
            Name=name,
            ScheduleExpression="rate(1 minute)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": target, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"},
        )
        return str(answer["ScheduleArn"])

    return make


def test_schedules_by_their_target_or_the_state(finder: Finder, schedule: Callable[[str, str], str]) -> None:
    function = arn("lambda", "function:payment-processor-pr-1")
    called = schedule("payment-relay-pr-1", f"{function}:live")
    schedule("payment-relay-pr-12", arn("lambda", "function:payment-processor-pr-12:live"))
    listed = schedule("payment-other-pr-1", arn("sqs", "somewhere"))
    assert parts(finder) == {}
    (found,) = parts(finder, None, earlier(function)).values()
    assert (found.arn, found.owner) == (called, function)
    (found,) = parts(finder, state_with("aws_scheduler_schedule", arn=listed)).values()
    assert (found.arn, found.evidence) == (listed, Evidence.STATE)


def test_log_groups_that_were_made_anew_by_the_exact_name_in_the_state(finder: Finder) -> None:
    logs, name = finder.account.client("logs"), "/aws/rds/cluster/payment-cluster-pr-1/error"
    for other in (f"{name}2", "/aws/rds/cluster/payment-cluster-pr-12/error"):
        logs.create_log_group(logGroupName=other)
    known = state_with("aws_cloudwatch_log_group", name=name)
    assert parts(finder, known) == {}
    logs.create_log_group(logGroupName=name)
    (found,) = parts(finder, known).values()
    assert (found.name, found.evidence, found.type) == (name, Evidence.STATE, "logs:log-group")
    assert parts(finder) == {}


def test_the_dashboard_that_shows_the_environments_alarms(finder: Finder) -> None:
    cloudwatch = finder.account.client("cloudwatch")
    alarm = arn("cloudwatch", "alarm:payment-a-pr-1")

    def put(shown: str) -> None:
        widgets = [{"type": "alarm", "properties": {"alarms": [shown]}}]
        cloudwatch.put_dashboard(DashboardName="payment-pr-1", DashboardBody=json.dumps({"widgets": widgets}))

    put(arn("cloudwatch", "alarm:payment-a-pr-12"))
    assert parts(finder, None, earlier(alarm)) == {}
    put(alarm)
    (found,) = parts(finder, None, earlier(alarm)).values()
    assert (found.type, found.owner) == ("cloudwatch:dashboard", alarm)
    (found,) = parts(finder, state_with("aws_cloudwatch_dashboard", dashboard_name="payment-pr-1")).values()
    assert found.evidence is Evidence.STATE


def test_interfaces_that_nothing_holds_any_more(finder: Finder, answers: Answers) -> None:
    vpc = arn("ec2", "vpc/vpc-1")

    def interface(identity: str, **others: Any) -> dict[str, Any]:
        return {
            "NetworkInterfaceId": f"eni-{identity}",
            "VpcId": "vpc-1",
            "Status": "in-use",
            "RequesterManaged": True,
            **others,
        }

    interfaces = [
        interface("free", Status="available", RequesterManaged=False),
        interface("lambda", InterfaceType="lambda"),
        interface("nat", InterfaceType="nat_gateway"),
        interface("instance", InterfaceType="interface", RequesterManaged=False),
        interface("other", InterfaceType="quicksight"),
    ]
    answers.instead(finder.account, "ec2", "DescribeNetworkInterfaces", {"NetworkInterfaces": interfaces})
    ec2 = finder.account.client("ec2")
    network = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=network, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_nat_gateway(
        SubnetId=subnet,
        ConnectivityType="private",
        TagSpecifications=[{"ResourceType": "natgateway", "Tags": PAIRS}],
    )["NatGateway"]["NatGatewayId"]
    found = parts(finder, None, earlier(vpc))
    assert {one.name for one in found.values()} == {"eni-free", "eni-lambda"}
    assert {one.owner for one in found.values()} == {vpc}
    ec2.delete_nat_gateway(NatGatewayId=gateway)
    assert {one.name for one in parts(finder, None, earlier(vpc)).values()} == {"eni-free", "eni-lambda", "eni-nat"}


def test_stray_records_in_the_zone_and_own_ones_in_anothers(finder: Finder) -> None:
    route53 = finder.account.client("route53")

    def zone(name: str) -> str:
        made = route53.create_hosted_zone(Name=name, CallerReference=name)["HostedZone"]["Id"]
        return str(made).rpartition("/")[2]

    def record(zone_id: str, name: str, kind: str, value: str) -> None:
        entry = {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]}
        changes = [{"Action": "UPSERT", "ResourceRecordSet": entry}]
        route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})

    own, parent = zone("payment-pr-1.acme.org"), zone("acme.org")
    zones = earlier(f"arn:aws:route53:::hostedzone/{own}")
    record(own, "api.payment-pr-1.acme.org", "A", "1.2.3.4")
    record(own, "stray.payment-pr-1.acme.org", "A", "1.2.3.4")
    record(parent, "payment-pr-1.acme.org", "NS", "ns1.acme.org")
    record(parent, "payment-pr-12.acme.org", "NS", "ns1.acme.org")
    in_own = state_with("aws_route53_record", zone_id=own, name="api.payment-pr-1.acme.org", type="A")
    assert {one.rpartition("/")[0].rpartition("/")[2] for one in parts(finder, in_own, zones)} == {
        "stray.payment-pr-1.acme.org"
    }
    in_parent = state_with("aws_route53_record", zone_id=parent, fqdn="payment-pr-1.acme.org", type="NS")
    found = parts(finder, in_parent, zones)
    (delegation,) = (one for one in found.values() if one.evidence is Evidence.STATE)
    assert delegation.arn == f"arn:aws:route53:::hostedzone/{parent}/payment-pr-1.acme.org/NS"
    assert {one.owner for one in found.values()} == {None, f"arn:aws:route53:::hostedzone/{own}"}


def test_event_source_mappings_by_their_function(finder: Finder, answers: Answers) -> None:
    function = arn("lambda", "function:payment-processor-pr-1")
    mappings = [
        {"UUID": "1", "FunctionArn": f"{function}:live", "State": "Enabled"},
        {"UUID": "2", "FunctionArn": f"{function}2", "State": "Enabled"},
        {"UUID": "3", "FunctionArn": function, "State": "Deleting", "LastModified": datetime.now(UTC)},
    ]
    answers.instead(finder.account, "lambda", "ListEventSourceMappings", {"EventSourceMappings": mappings})
    (found,) = parts(finder, None, earlier(function)).values()
    assert (found.arn, found.owner) == (arn("lambda", "event-source-mapping:1"), function)
