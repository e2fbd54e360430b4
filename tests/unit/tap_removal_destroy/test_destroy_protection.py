"""Deletion protection as AWS tells it now, and which inputs protect."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from lib.settings import SettingsError, load_settings
from tap.account import Account
from tap.removal.protection import DeletionProtectionError, protection
from tests.unit.tap_removal_destroy.doubles import ACCOUNT, QUEUE, REGION, resource

TABLE = resource(f"dynamodb:{REGION}:{ACCOUNT}:table/payment-sessions-shop")
CLUSTER = resource(f"rds:{REGION}:{ACCOUNT}:cluster:payment-cluster-shop")
GLOBAL = resource(f"rds::{ACCOUNT}:global-cluster:payment-global-shop")
POINT = resource(f"backup:{REGION}:{ACCOUNT}:recovery-point:1-2")


@pytest.fixture
def account() -> Iterator[Account]:
    with mock_aws():
        yield Account(boto3.Session("testing", "testing", region_name=REGION))


def refusals(account: Account, *resources: object, environment_class: str = "ephemeral") -> tuple[str, ...]:
    made = protection(
        account,
        "shop",
        list(resources),  # type: ignore[arg-type]
        classes=[environment_class],
        protected_suffixes=[],
    )
    return made.refusals


@pytest.mark.parametrize("on", [True, False])
def test_deletion_protection_is_asked_of_aws(account: Account, on: bool) -> None:
    account.client("dynamodb").create_table(
        TableName="payment-sessions-shop",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=on,
    )
    account.client("rds").create_db_cluster(
        DBClusterIdentifier="payment-cluster-shop",
        Engine="aurora-mysql",
        MasterUsername="u",
        MasterUserPassword="p" * 10,
        DeletionProtection=on,
    )
    named = (
        "dynamodb:table payment-sessions-shop has deletion protection on",
        "rds:cluster payment-cluster-shop has deletion protection on",
    )
    assert refusals(account, TABLE, CLUSTER, QUEUE) == (named if on else ())


@pytest.mark.parametrize("on", [True, False])
def test_a_global_database_is_asked_too(account: Account, on: bool) -> None:
    account.client("rds").create_global_cluster(
        GlobalClusterIdentifier="payment-global-shop", Engine="aurora-mysql", DeletionProtection=on
    )
    named = ("rds:global-cluster payment-global-shop has deletion protection on",)
    assert refusals(account, GLOBAL) == (named if on else ())


def test_what_is_gone_by_now_protects_nothing(account: Account) -> None:
    assert refusals(account, TABLE, CLUSTER, GLOBAL) == ()


def test_recovery_points_of_production_alone_stand_in_the_way(account: Account) -> None:
    assert refusals(account, POINT) == ()
    assert refusals(account, POINT, environment_class="production") == (
        "its vault holds 1 recovery points of a production environment",
    )


def test_a_bucket_of_production_alone_is_not_emptied(account: Account) -> None:
    s3, bucket = account.client("s3"), resource("s3:::payment-audit-shop")
    assert refusals(account, bucket, environment_class="production") == ()
    s3.create_bucket(Bucket="payment-audit-shop")
    assert refusals(account, bucket, environment_class="production") == ()
    s3.put_object(Bucket="payment-audit-shop", Key="AWSLogs/1.json.gz", Body=b"{}")
    assert refusals(account, bucket) == ()
    named = ("bucket payment-audit-shop of a production environment is not empty",)
    assert refusals(account, bucket, environment_class="production") == named


def test_the_remedy_is_named_and_no_confirmation_is_enough(account: Account) -> None:
    made = protection(account, "shop", [POINT], classes=["production"], protected_suffixes=[])
    with pytest.raises(DeletionProtectionError, match=r"nothing was touched.*ENVIRONMENT_CLASS=staging tap env deploy"):
        made.check(confirmed="shop", account_id=account.id)


def test_protected_suffixes_are_a_list_of_suffixes() -> None:
    assert "live" in load_settings(_env_file=None).protected_suffixes.split(",")
    assert load_settings(_env_file=None, protected_suffixes=" a, b-c ,").protected_suffixes == "a,b-c"
    with pytest.raises(SettingsError, match="PROTECTED_SUFFIXES=a,B!: 'B!' is no suffix: use at most 20 characters"):
        load_settings(_env_file=None, protected_suffixes="a,B!")


def test_a_load_balancer_can_be_protected(account: Account) -> None:
    ec2, balancing = account.client("ec2"), account.client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for number, zone in enumerate("ab")
    ]
    ids = [subnet["SubnetId"] for subnet in subnets]
    arn = balancing.create_load_balancer(Name="payment-shop", Subnets=ids)["LoadBalancers"][0]["LoadBalancerArn"]
    balancer = resource(arn.removeprefix("arn:aws:"))
    assert refusals(account, balancer) == ()
    on = [{"Key": "deletion_protection.enabled", "Value": "true"}]
    balancing.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=on)
    assert refusals(account, balancer) == (
        f"elasticloadbalancing:loadbalancer {balancer.name} has deletion protection on",
    )
