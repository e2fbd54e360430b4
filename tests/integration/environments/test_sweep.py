"""A sweep of what was left of an environment, among its near-namesakes, on the local AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from local_aws.server import LocalAws
from tap.account import Account
from tap.inventory.resource import Evidence, Resource, environment_tags
from tap.removal.ownership import read_now
from tap.removal.remover import Scope
from tap.removal.removers import REMOVERS
from tap.removal.sweep import Sweeper, SweepEvent, SweepStep
from tests.integration.environments.account_dump import dump
from tests.unit.tap_removal.maker import Maker
from tests.unit.tap_removal.makers import TAGGED
from tests.unit.tap_removal.parts import PARTS

REGION = "us-east-1"
OTHERS = ("pr-12", "pr-1-b", "x-pr-1")


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws.started(tmp_path_factory.mktemp("local_aws")) as running:
        yield running


@pytest.fixture
def account(aws: LocalAws) -> Account:
    aws.reset()
    return Account.of_local_aws(aws, REGION)


def network(make: Maker) -> list[Resource]:
    """A VPC that every part of it keeps."""
    ec2, tags = make.ec2, make.specification
    vpc = make.vpc()
    subnet = make.subnet(vpc)
    gateway = ec2.create_internet_gateway(TagSpecifications=tags("internet-gateway"))
    internet = gateway["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=internet, VpcId=vpc)
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=tags("elastic-ip"))["AllocationId"]
    made = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address, TagSpecifications=tags("natgateway"))
    nat = made["NatGateway"]["NatGatewayId"]
    table = ec2.create_route_table(VpcId=vpc, TagSpecifications=tags("route-table"))["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    groups = []
    for name in ("function", "database"):
        group = ec2.create_security_group(
            GroupName=f"payment-{name}-{make.name}",
            Description=name,
            VpcId=vpc,
            TagSpecifications=tags("security-group"),
        )
        groups.append(group["GroupId"])
    for group, other in (groups, groups[::-1]):
        permission = {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "UserIdGroupPairs": [{"GroupId": other}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    interface = ec2.create_network_interface(SubnetId=subnet, Groups=groups[:1])["NetworkInterface"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        VpcEndpointType="Interface",
        ServiceName=f"com.amazonaws.{REGION}.kms",
        SubnetIds=[subnet],
        SecurityGroupIds=groups[1:],
        TagSpecifications=tags("vpc-endpoint"),
    )["VpcEndpoint"]["VpcEndpointId"]
    default = ec2.describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"][0]["GroupId"]
    ec2.create_tags(Resources=[default], Tags=make.pairs)
    ids = {
        "vpc": [vpc],
        "subnet": [subnet],
        "internet-gateway": [internet],
        "elastic-ip": [address],
        "natgateway": [nat],
        "route-table": [table],
        "security-group": [*groups, default],
        "vpc-endpoint": [endpoint],
    }
    tagged = [
        Resource(make.ec2_arn(f"{kind}/{identity}"), f"ec2:{kind}", make.tags)
        for kind, identities in ids.items()
        for identity in identities
    ]
    left = make.ec2_arn(f"network-interface/{interface['NetworkInterfaceId']}")
    of_vpc = make.ec2_arn(f"vpc/{vpc}")
    return [*tagged, Resource(left, "ec2:network-interface", evidence=Evidence.OWNER, owner=of_vpc)]


def backups(make: Maker) -> list[Resource]:
    """A cluster with a snapshot made by hand, and a vault with a plan and a recovery point of it."""
    snapshot = PARTS["rds:cluster-snapshot"](make)
    cluster = str(snapshot.owner)
    name = f"payment-vault-{make.name}"
    vault = make.backup.create_backup_vault(BackupVaultName=name, BackupVaultTags=make.tags)["BackupVaultArn"]
    role = make.iam.create_role(
        RoleName=f"payment-backup-{make.name}",
        AssumeRolePolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
                ],
            }
        ),
        Tags=make.pairs,
    )["Role"]["Arn"]
    rules = [{"RuleName": "daily", "TargetBackupVaultName": name}]
    plan = make.backup.create_backup_plan(
        BackupPlan={"BackupPlanName": f"payment-{make.name}", "Rules": rules}, BackupPlanTags=make.tags
    )
    make.backup.create_backup_selection(
        BackupPlanId=plan["BackupPlanId"],
        BackupSelection={"SelectionName": "ledger", "IamRoleArn": role, "Resources": [cluster]},
    )
    job = make.backup.start_backup_job(BackupVaultName=name, ResourceArn=cluster, IamRoleArn=role)
    return [
        snapshot,
        Resource(cluster, "rds:cluster", make.tags),
        Resource(plan["BackupPlanArn"], "backup:backup-plan", make.tags),
        Resource(vault, "backup:backup-vault", make.tags),
        Resource(job["RecoveryPointArn"], "backup:recovery-point", evidence=Evidence.OWNER, owner=vault),
        Resource(role, "iam:role", make.tags),
    ]


def rest(make: Maker) -> list[Resource]:
    """A bus with rule and archive, a key with an alias, a role with attachments, a bucket, and what writes logs."""
    rule = TAGGED["events:rule"](make)
    bus = f"{rule.partition(':rule/')[0]}:event-bus/payment-{make.name}"
    archive = make.events.create_archive(ArchiveName=f"payment-{make.name}", EventSourceArn=bus)["ArchiveArn"]
    queue = Resource(f"arn:aws:sqs:{REGION}:123456789012:payment-{make.name}", "sqs:queue", make.tags)
    profile = TAGGED["iam:role"](make)
    alias = PARTS["kms:alias"](make)
    back = TAGGED["logs:log-group"](Maker(make.account, make.name, {}))
    types = ("sns:topic", "s3:bucket", "ssm:parameter", "secretsmanager:secret", "dynamodb:table", "route53:hostedzone")
    return [
        Resource(rule, "events:rule", make.tags),
        Resource(bus, "events:event-bus", make.tags),
        Resource(archive, "events:archive", evidence=Evidence.OWNER, owner=bus),
        queue,
        Resource(profile, "iam:role", make.tags),
        Resource(profile.replace(":role/", ":policy/"), "iam:policy", make.tags),
        Resource(profile.replace(":role/", ":instance-profile/"), "iam:instance-profile", make.tags),
        alias,
        Resource(str(alias.owner), "kms:key", make.tags),
        Resource(back, "logs:log-group", evidence=Evidence.STATE),
        *(Resource(TAGGED[type_](make), type_, make.tags) for type_ in types),
    ]


def environment(account: Account, suffix: str, tags: dict[str, str]) -> list[Resource]:
    make = Maker(account, suffix, tags)
    return [*network(make), *backups(make), *rest(make)]


def test_everything_of_one_environment_is_swept_and_nothing_else_changes(aws: LocalAws, account: Account) -> None:
    others = {suffix: environment(account, suffix, environment_tags(suffix)) for suffix in OTHERS}
    others["pr-1x"] = environment(account, "pr-1x", {"Name": "payment-pr-1"})
    dump(account)  # A cluster is first seen as creating, and then as available.
    before, left_before = dump(account), aws.leftovers()
    resources = environment(account, "pr-1", environment_tags("pr-1"))
    events: list[SweepEvent] = []
    report = Sweeper(account, on_event=events.append).sweep("pr-1", resources, timeout=120)
    assert report.failed == []
    assert sorted(resource.arn for resource in report.swept) == sorted(resource.arn for resource in resources)
    assert aws.leftovers() == left_before
    assert set(before) <= set(dump(account))
    swept = [event.resource for event in events if event.step is SweepStep.SWEPT]
    assert len(swept) == len(resources)
    everything_else = [replace(one, tags=environment_tags("pr-1")) for other in others.values() for one in other]
    again = Sweeper(account).sweep("pr-1", everything_else, timeout=120)
    # A log group and what else only a state speaks for has no tags that could say whose it is.
    assert all(resource.evidence is Evidence.STATE for resource in again.swept)
    assert len(again.failed) == len(everything_else) - len(again.swept)


def test_a_second_sweep_finds_everything_gone(aws: LocalAws, account: Account) -> None:
    resources = environment(account, "pr-1", environment_tags("pr-1"))
    assert Sweeper(account).sweep("pr-1", resources, timeout=120).failed == []
    again = Sweeper(account).sweep("pr-1", resources, timeout=120)
    assert again.failed == []
    assert len(again.swept) == len(resources)
    assert aws.leftovers() == {}


def test_what_somebody_else_uses_is_reported_and_the_rest_is_swept(account: Account) -> None:
    make = Maker(account, "pr-1", environment_tags("pr-1"))
    resources = network(make)
    [vpc] = [resource for resource in resources if resource.type == "ec2:vpc"]
    theirs = Maker(account, "pr-12", environment_tags("pr-12"))
    group = theirs.ec2.create_security_group(
        GroupName="theirs",
        Description="Of another environment",
        VpcId=vpc.name,
        TagSpecifications=theirs.specification("security-group"),
    )["GroupId"]
    report = Sweeper(account).sweep("pr-1", resources, timeout=10)
    failed = {resource.type: reason for resource, reason in report.failed}
    assert set(failed) == {"ec2:vpc", "ec2:security-group"}
    assert failed["ec2:vpc"].startswith("DependencyViolation: ")
    assert failed["ec2:security-group"] == f"AWS removes it with {vpc.arn}: which was not removed here"
    scope = Scope(account, "pr-12", REMOVERS)
    assert read_now(scope, Resource(make.ec2_arn(f"security-group/{group}"), "ec2:security-group")) is not None
