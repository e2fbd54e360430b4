"""Quotas: what is needed, what is used, whether it fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError

from tap.account import Account
from tap.doctor import usage
from tap.doctor.check import Check, Status
from tap.doctor.design import Design
from tap.doctor.examination import REACH, CannotCheckError
from tap.doctor.permissions import ACTION_OF_OPERATION, ACTIONS
from tap.doctor.quota_table import QUOTAS
from tap.doctor.quotas import examinations
from tests.unit.tap_doctor.scripted_account import NoSuchResourceError, ScriptedAccount, refused

DESIGN = Design(
    {
        "resource": {
            "aws_vpc": {"vpc": {}},
            "aws_subnet": {
                "public_a": {"availability_zone": "eu-west-1a"},
                "public_b": {"availability_zone": "eu-west-1b"},
            },
            "aws_nat_gateway": {
                "a": {"subnet_id": "${aws_subnet.public_a.id}"},
                "b": {"subnet_id": "${aws_subnet.public_b.id}"},
            },
            "aws_vpc_endpoint": {"s3": {}, "kms": {"vpc_endpoint_type": "Interface"}},
            "aws_rds_cluster": {"ledger": {"manage_master_user_password": True}},
            "aws_secretsmanager_secret": {"user": {}},
            "aws_iam_role": {f"role_{number}": {} for number in range(6)},
            "aws_lambda_function": {"payments": {"reserved_concurrent_executions": 50}, "migrations": {}},
        }
    }
)


def check(name: str, answers: dict[str, Any], design: Callable[[], Design] = lambda: DESIGN) -> list[Check]:
    account = cast(Account, ScriptedAccount(answers))
    return next(each for each in examinations(account, "dev", design) if each.name == name).checks()


def quota(value: float, *, adjustable: bool = True) -> dict[str, Any]:
    return {"service-quotas.get_service_quota": {"Quota": {"Value": value, "Adjustable": adjustable}}}


def vpcs(number: int, *, deployed: bool = False) -> Callable[..., list[dict[str, Any]]]:
    def answer(**parameters: Any) -> list[dict[str, Any]]:
        if parameters:
            assert parameters["Filters"] == [{"Name": "tag:EnvironmentSuffix", "Values": ["dev"]}]
            return [{"Vpcs": [{}] * deployed}]
        return [{"Vpcs": [{}] * number}]

    return answer


def test_room_is_shown_with_quota_use_and_need() -> None:
    [found] = check("VPCs", quota(5.0) | {"ec2.describe_vpcs": [{"Vpcs": [{}, {}]}, {"Vpcs": [{}]}]})
    assert found == Check.ok("Quotas", "VPCs", "quota 5, used 3, needed 1: 2 more environments fit")


def test_a_last_place_is_enough() -> None:
    [found] = check("VPCs", quota(5.0) | {"ec2.describe_vpcs": [{"Vpcs": [{}] * 4}]})
    assert (found.status, found.found) == (Status.OK, "quota 5, used 4, needed 1: 1 more environment fits")


def test_a_full_quota_is_a_fault_with_the_command_that_raises_it() -> None:
    [found] = check("VPCs", quota(5.0) | {"ec2.describe_vpcs": vpcs(5)})
    assert (found.status, found.found) == (Status.FAULT, "quota 5, used 5, needed 1: the environment does not fit")
    assert found.remedy is not None
    assert (
        "`aws service-quotas request-service-quota-increase --service-code vpc --quota-code L-F678F1CE "
        "--desired-value 6 --region eu-west-1`"
    ) in found.remedy
    assert "https://eu-west-1.console.aws.amazon.com/servicequotas/home/services/vpc/quotas/L-F678F1CE" in found.remedy


def test_a_quota_that_aws_does_not_raise_offers_no_command() -> None:
    [found] = check("VPCs", quota(5.0, adjustable=False) | {"ec2.describe_vpcs": vpcs(5)})
    assert found.status is Status.FAULT
    assert found.remedy == "AWS does not raise it: destroy an environment that is no longer needed (`tap env list`)"


def test_a_full_quota_does_not_stop_an_environment_that_is_there() -> None:
    [found] = check("VPCs", quota(5.0) | {"ec2.describe_vpcs": vpcs(5, deployed=True)})
    assert found.status is Status.WARNING
    assert "no environment fits beside 'dev', which is deployed and needs no more" in found.found


def test_nat_gateways_are_counted_in_their_zones() -> None:
    answers = quota(5.0) | {
        "ec2.describe_nat_gateways": [{"NatGateways": [{"SubnetId": "one"}] * 5 + [{"SubnetId": "two"}]}],
        "ec2.describe_subnets": [
            {
                "Subnets": [
                    {"SubnetId": "one", "AvailabilityZone": "eu-west-1b"},
                    {"SubnetId": "two", "AvailabilityZone": "eu-west-1a"},
                ]
            }
        ],
        "ec2.describe_vpcs": vpcs(1),
    }
    [found] = check("NAT gateways in a zone", answers)
    assert found.status is Status.FAULT
    assert found.found.startswith("quota 5, used 5, needed 1 in eu-west-1b")


def test_a_quota_of_one_vpc_is_all_of_it_for_the_next_one() -> None:
    [found] = check("interface endpoints of a VPC", quota(50.0))
    assert found == Check.ok("Quotas", "interface endpoints of a VPC", "quota 50, needed 1")


def test_the_secret_that_rds_makes_counts() -> None:
    [found] = check("secrets", quota(10.0) | {"secretsmanager.list_secrets": [{"SecretList": []}]})
    assert found.found == "quota 10, used 0, needed 2: 5 more environments fit"


def test_reserved_concurrency_leaves_what_aws_keeps_for_all() -> None:
    limit = {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 120}
    answers = quota(1000.0) | {"lambda.get_account_settings": {"AccountLimit": limit}, "ec2.describe_vpcs": vpcs(1)}
    [found] = check("reserved Lambda concurrency", answers)
    assert found.found.startswith("quota 1000, used 980, needed 50: the environment does not fit")


def test_what_the_design_does_not_use_is_not_asked_for() -> None:
    assert check("RDS proxies", {}) == []


def test_a_default_counts_where_the_account_has_no_quota_of_its_own() -> None:
    answers = {
        "service-quotas.get_service_quota": NoSuchResourceError,
        "service-quotas.get_aws_default_service_quota": {"Quota": {"Value": 7.0}},
        "ec2.describe_vpcs": [{"Vpcs": []}],
    }
    [found] = check("VPCs", answers)
    assert found.found == "quota 7, used 0, needed 1: 7 more environments fit"


def test_a_quota_that_service_quotas_does_not_know_is_not_checked() -> None:
    answers = {
        "service-quotas.get_service_quota": NoSuchResourceError,
        "service-quotas.get_aws_default_service_quota": NoSuchResourceError,
    }
    [found] = check("VPCs", answers)
    assert (found.status, found.found) == (
        Status.NOT_CHECKED,
        "Service Quotas knows no quota vpc/L-F678F1CE in eu-west-1",
    )


def test_global_quotas_are_asked_for_in_the_first_region() -> None:
    account = ScriptedAccount(quota(1000.0) | {"iam.get_account_summary": {"SummaryMap": {"Roles": 10}}})
    [roles] = [each for each in examinations(cast(Account, account), "dev", lambda: DESIGN) if each.name == "IAM roles"]
    assert roles.checks()[0].found == "quota 1000, used 10, needed 6: 165 more environments fit"
    assert account.asked[0][:2] == ("service-quotas.get_service_quota", "us-east-1")


@pytest.mark.parametrize(
    ("answers", "action"),
    [
        (
            {"service-quotas.get_service_quota": refused("GetServiceQuota", "AccessDeniedException")},
            "servicequotas:GetServiceQuota",
        ),
        (quota(5.0) | {"ec2.describe_vpcs": refused("DescribeVpcs", "UnauthorizedOperation")}, "ec2:DescribeVpcs"),
    ],
)
def test_what_is_not_permitted_names_the_action(answers: dict[str, Any], action: str) -> None:
    [found] = check("VPCs", answers)
    assert found == Check.not_checked(
        "Quotas", "VPCs", f"not permitted: {action}", f"allow {action} to these credentials"
    )


def test_another_error_of_aws_is_shown_in_one_line() -> None:
    error = refused("GetServiceQuota", "500", "<!doctype html>\n<html>")
    [found] = check("VPCs", {"service-quotas.get_service_quota": error})
    assert (found.status, found.found) == (Status.NOT_CHECKED, "GetServiceQuota: 500 <!doctype html>")


def test_what_does_not_answer_is_not_checked() -> None:
    error = EndpointConnectionError(endpoint_url="http://127.0.0.1:9")
    [found] = check("VPCs", {"service-quotas.get_service_quota": error})
    assert (found.status, found.remedy) == (Status.NOT_CHECKED, REACH)


def test_the_console_of_another_partition_is_not_guessed() -> None:
    account = ScriptedAccount(quota(1.0) | {"ec2.describe_vpcs": vpcs(1)}, region="cn-north-1")
    vpc = next(each for each in examinations(cast(Account, account), "dev", lambda: DESIGN) if each.name == "VPCs")
    [found] = vpc.checks()
    assert found.status is Status.FAULT
    assert "--region cn-north-1`, or destroy" in str(found.remedy)


def test_without_a_design_nothing_is_known() -> None:
    def unknown() -> Design:
        raise CannotCheckError("what the settings need is not known", "see Inputs")

    [found] = check("VPCs", {}, unknown)
    assert (found.status, found.remedy) == (Status.NOT_CHECKED, "see Inputs")


def test_counting_stops_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "COUNT_SECONDS", -1.0)
    answers = quota(5.0) | {"ec2.describe_vpcs": [{"Vpcs": [{}] * 3}, {"Vpcs": [{}]}]}
    [found] = check("VPCs", answers)
    assert found.status is Status.NOT_CHECKED
    assert found.found.endswith("there are more than 3")


def test_pages_without_a_paginator_are_followed() -> None:
    def buses(**parameters: Any) -> dict[str, Any]:
        return {"EventBuses": [{}]} if "NextToken" in parameters else {"EventBuses": [{}, {}], "NextToken": "more"}

    account = cast(Account, ScriptedAccount({"events.list_event_buses": buses}))
    assert usage.listed("events", "list_event_buses", "EventBuses")(account)[""] == 3


def test_parameter_groups_of_aws_itself_do_not_count() -> None:
    groups = [{"DBClusterParameterGroupName": name} for name in ("default.aurora-mysql8.0", "payment-parameters-dev")]
    answers = {"rds.describe_db_cluster_parameter_groups": [{"DBClusterParameterGroups": groups}]}
    assert usage.cluster_parameter_groups(cast(Account, ScriptedAccount(answers)))[""] == 1


def test_no_quota_is_there_twice_and_the_actions_only_read() -> None:
    assert len({(quota.service, quota.code) for quota in QUOTAS}) == len(QUOTAS)
    assert all(action.split(":")[1].startswith(("Describe", "Get", "List")) for action in ACTIONS)
    assert set(ACTIONS) == set(ACTION_OF_OPERATION.values())
