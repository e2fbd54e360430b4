"""What a removal meets beside the resource: the VPC it goes with, protection, and what is of other environments."""

from __future__ import annotations

from typing import Any

import pytest

from tap.account import Account
from tap.inventory.resource import Evidence, Resource, environment_tags
from tap.removal.ownership import read_now
from tap.removal.remover import Scope
from tap.removal.removers import REMOVERS
from tap.removal.sweep import Sweeper, SweepReport
from tests.unit.tap_removal.maker import Maker
from tests.unit.tap_removal.makers import TAGGED
from tests.unit.tap_removal.parts import function_alias

OURS, THEIRS = environment_tags("pr-1"), environment_tags("pr-12")


@pytest.fixture
def make(account: Account) -> Maker:
    return Maker(account, "pr-1", OURS)


def exists(account: Account, resource: Resource) -> bool:
    return read_now(Scope(account, "pr-1", REMOVERS), resource) is not None


def sweep(account: Account, *resources: Resource, **options: Any) -> SweepReport:
    return Sweeper(account).sweep("pr-1", resources, **{"timeout": 5, **options})


def ours(make: Maker, type_: str, identity: str) -> Resource:
    return Resource(make.ec2_arn(f"{type_}/{identity}"), f"ec2:{type_}", OURS)


def test_the_default_group_and_the_main_table_go_with_their_vpc(account: Account, make: Maker) -> None:
    identity = make.vpc()
    of_vpc = [{"Name": "vpc-id", "Values": [identity]}]
    group = make.ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"][0]["GroupId"]
    table = make.ec2.describe_route_tables(Filters=of_vpc)["RouteTables"][0]["RouteTableId"]
    make.ec2.create_tags(Resources=[group, table], Tags=make.pairs)
    parts = [ours(make, "security-group", group), ours(make, "route-table", table)]
    vpc = ours(make, "vpc", identity)
    failed = sweep(account, *parts, timeout=2).failed
    assert failed == [(part, f"AWS removes it with {vpc.arn}: which was not removed here") for part in parts]
    assert exists(account, vpc)


def test_what_is_removed_at_the_same_time_is_nobody_elses(account: Account, make: Maker) -> None:
    """A group that refers to another one can be gone before it was asked whose it is."""
    scope = Scope(account, "pr-1", REMOVERS)
    assert scope.ours(make.ec2_arn("security-group/sg-0123456789abcdef0"))
    assert scope.ours("arn:aws:rds:us-east-1:123456789012:cluster:gone")
    assert scope.ours(make.queue())
    assert not scope.ours(Maker(account, "pr-12", THEIRS).queue())


def test_rules_of_other_groups_of_the_environment_do_not_keep_a_group(account: Account, make: Maker) -> None:
    vpc = make.vpc()
    groups = []
    for name in ("one", "two"):
        made = make.ec2.create_security_group(
            GroupName=name, Description=name, VpcId=vpc, TagSpecifications=make.specification("security-group")
        )
        groups.append(made["GroupId"])
    for group, other in (groups, groups[::-1]):
        permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": other}]}
        make.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
        make.ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[permission])
    resources = [ours(make, "security-group", group) for group in groups]
    assert sweep(account, *resources).swept == resources


def test_a_rule_of_another_environment_s_group_is_not_taken_away(account: Account, make: Maker) -> None:
    vpc = make.vpc()
    theirs = Maker(account, "pr-12", THEIRS)
    made = make.ec2.create_security_group(
        GroupName="ours", Description="ours", VpcId=vpc, TagSpecifications=make.specification("security-group")
    )["GroupId"]
    other = theirs.ec2.create_security_group(
        GroupName="theirs", Description="theirs", VpcId=vpc, TagSpecifications=theirs.specification("security-group")
    )["GroupId"]
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": made}]}
    make.ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=[permission])
    before = make.ec2.describe_security_groups(GroupIds=[other])["SecurityGroups"]
    [(_, reason)] = sweep(account, ours(make, "security-group", made)).failed
    assert reason == f"a rule of {other}, which is not of this environment, refers to it: remove that rule"
    assert make.ec2.describe_security_groups(GroupIds=[other])["SecurityGroups"] == before


def test_a_gateway_of_another_environment_s_vpc_is_not_detached(account: Account, make: Maker) -> None:
    vpc = Maker(account, "pr-12", THEIRS).vpc()
    made = make.ec2.create_internet_gateway(TagSpecifications=make.specification("internet-gateway"))
    gateway = made["InternetGateway"]["InternetGatewayId"]
    make.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    resource = ours(make, "internet-gateway", gateway)
    [(_, reason)] = sweep(account, resource).failed
    assert reason == f"it is attached to {vpc}, a VPC that is not of this environment: detach it there"
    assert make.ec2.describe_internet_gateways(InternetGatewayIds=[gateway])["InternetGateways"][0]["Attachments"]


def test_a_policy_is_not_taken_from_another_environment_s_role(account: Account, make: Maker) -> None:
    policy = Resource(TAGGED["iam:policy"](make), "iam:policy", OURS)
    Maker(account, "pr-12", THEIRS).role()
    attachment = {"RoleName": "payment-pr-12", "PolicyArn": policy.arn}
    make.iam.attach_role_policy(**attachment)
    [(_, reason)] = sweep(account, policy).failed
    assert reason == "it is attached to role payment-pr-12, which is not of this environment: detach it there"
    assert make.iam.list_attached_role_policies(RoleName="payment-pr-12")["AttachedPolicies"]


def test_a_rule_of_another_environment_keeps_a_bus(account: Account, make: Maker) -> None:
    bus = Resource(make.bus(), "events:event-bus", OURS)
    pairs = Maker(account, "pr-12", THEIRS).pairs
    make.events.put_rule(Name="theirs", EventBusName="payment-pr-1", EventPattern='{"source": ["x"]}', Tags=pairs)
    [(_, reason)] = sweep(account, bus).failed
    assert reason == "rule theirs on it carries tags of another environment: remove that"
    assert make.events.describe_rule(Name="theirs", EventBusName="payment-pr-1")["Name"] == "theirs"


def test_a_protected_database_is_reported_and_stays_protected(account: Account, make: Maker) -> None:
    cluster = Resource(make.cluster(), "rds:cluster", OURS)
    make.rds.modify_db_cluster(DBClusterIdentifier="payment-pr-1", DeletionProtection=True)
    table = Resource(TAGGED["dynamodb:table"](make), "dynamodb:table", OURS)
    make.dynamodb.update_table(TableName="payment-pr-1", DeletionProtectionEnabled=True)
    report = sweep(account, cluster, table)
    reason = "it is protected from deletion: deploy the environment with ENVIRONMENT_CLASS=staging first"
    assert report == SweepReport(failed=[(cluster, reason), (table, reason)])
    assert make.rds.describe_db_clusters()["DBClusters"][0]["DeletionProtection"] is True
    assert make.dynamodb.describe_table(TableName="payment-pr-1")["Table"]["DeletionProtectionEnabled"] is True


def test_an_interface_in_use_is_waited_for(account: Account, make: Maker) -> None:
    image = make.ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    made = make.ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=make.subnet())["Instances"][0]
    interface = made["NetworkInterfaces"][0]["NetworkInterfaceId"]
    make.ec2.create_tags(Resources=[interface], Tags=make.pairs)
    [(_, reason)] = sweep(account, ours(make, "network-interface", interface), timeout=1).failed
    assert reason.startswith("in use: ")


def test_states_speak_only_for_what_has_no_tags_of_others(account: Account) -> None:
    theirs = Resource(Maker(account, "pr-1", THEIRS).queue(), "sqs:queue", {}, Evidence.STATE)
    [(_, reason)] = sweep(account, theirs).failed
    assert reason.startswith("its tags name another environment than pr-1")


def test_an_alias_goes_with_its_function(account: Account, make: Maker) -> None:
    alias = function_alias(make)
    function = Resource(str(alias.owner), "lambda:function", OURS)
    assert sweep(account, alias, function).swept == [function, alias]


def test_an_alias_stays_with_its_function(account: Account, make: Maker) -> None:
    alias = function_alias(make)
    function = Resource(str(alias.owner), "lambda:function", OURS)
    report = sweep(account, alias, function, keep=[function.arn])
    assert report.failed == [(alias, f"AWS removes it with {function.arn}: which was not removed here")]
    assert exists(account, alias)
