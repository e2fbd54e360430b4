"""What AWS is still making or removing is waited for, and what is broken is told from what is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tap.account import Account
from tap.adoption.settling import Condition, UnsettledError, settle, takes_time

SHAPES: dict[str, tuple[str, str, Callable[[str], dict[str, Any]]]] = {
    "aws_rds_cluster": ("rds", "describe_db_clusters", lambda status: {"DBClusters": [{"Status": status}]}),
    "aws_rds_cluster_instance": (
        "rds",
        "describe_db_instances",
        lambda status: {"DBInstances": [{"DBInstanceStatus": status}]},
    ),
    "aws_db_proxy": ("rds", "describe_db_proxies", lambda status: {"DBProxies": [{"Status": status}]}),
    "aws_nat_gateway": ("ec2", "describe_nat_gateways", lambda status: {"NatGateways": [{"State": status}]}),
    "aws_vpc_endpoint": ("ec2", "describe_vpc_endpoints", lambda status: {"VpcEndpoints": [{"State": status}]}),
    "aws_dynamodb_table": ("dynamodb", "describe_table", lambda status: {"Table": {"TableStatus": status}}),
    "aws_lambda_function": ("lambda", "get_function_configuration", lambda status: {"State": status}),
    "aws_kms_key": ("kms", "describe_key", lambda status: {"KeyMetadata": {"KeyState": status}}),
}
GONE = "gone"


@pytest.fixture
def aws_says(account: Account, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, list[str]], list[str]]:
    """Has AWS tell these statuses of a resource in turn; what is left of them afterwards was not asked for."""

    def say(type_: str, statuses: list[str]) -> list[str]:
        service, operation, shape = SHAPES[type_]

        def answer(**_: object) -> dict[str, Any]:
            status = statuses.pop(0)
            if status == GONE:
                raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "none"}}, operation)
            return shape(status)

        monkeypatch.setattr(account.client(service), operation, answer)
        return statuses

    return say


@pytest.mark.parametrize(
    ("type_", "statuses", "condition"),
    [
        ("aws_rds_cluster", ["creating", "creating", "available"], Condition.READY),
        ("aws_rds_cluster", ["deleting", GONE], Condition.GONE),
        ("aws_rds_cluster", ["creating", "failed"], Condition.BROKEN),
        ("aws_rds_cluster_instance", ["creating", "configuring-enhanced-monitoring", "available"], Condition.READY),
        ("aws_db_proxy", ["creating", "available"], Condition.READY),
        ("aws_nat_gateway", ["pending", "available"], Condition.READY),
        ("aws_nat_gateway", ["deleting", "deleted"], Condition.GONE),
        ("aws_nat_gateway", ["pending", "failed"], Condition.BROKEN),
        ("aws_vpc_endpoint", ["Pending", "Available"], Condition.READY),
        ("aws_dynamodb_table", ["CREATING", "ACTIVE"], Condition.READY),
        ("aws_dynamodb_table", ["DELETING", GONE], Condition.GONE),
        ("aws_lambda_function", ["Pending", "Failed"], Condition.BROKEN),
        ("aws_lambda_function", ["Inactive"], Condition.READY),
        ("aws_kms_key", ["PendingDeletion"], Condition.GONE),
        ("aws_kms_key", ["Creating", "Enabled"], Condition.READY),
    ],
)
def test_it_waits_for_the_end_of_what_aws_is_at(
    account: Account,
    aws_says: Callable[[str, list[str]], list[str]],
    type_: str,
    statuses: list[str],
    condition: Condition,
) -> None:
    left = aws_says(type_, statuses)
    assert settle(account, type_, "x", poll=0) is condition
    assert left == []


def test_what_never_ends_is_an_error_that_says_what_it_is_at(
    account: Account, aws_says: Callable[[str, list[str]], list[str]]
) -> None:
    aws_says("aws_rds_cluster", ["creating"] * 1000)
    with pytest.raises(UnsettledError, match=r"aws_rds_cluster x is 'creating' since 0 s.*run this again"):
        settle(account, "aws_rds_cluster", "x", poll=0, timeout=0)


def test_what_may_not_be_asked_is_an_error(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeKey")

    monkeypatch.setattr(account.client("kms"), "describe_key", refuse)
    with pytest.raises(ClientError, match="AccessDenied"):
        settle(account, "aws_kms_key", "x")


def test_other_types_are_ready_at_once(account: Account) -> None:
    assert not takes_time("aws_iam_role")
    assert settle(account, "aws_iam_role", "x") is Condition.READY
    assert account.calls.total() == 0
