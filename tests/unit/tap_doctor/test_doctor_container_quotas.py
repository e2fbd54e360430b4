"""Quotas of the container architecture: processors of Fargate by capacity provider, load balancers, web ACLs."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import pytest

from tap.account import Account
from tap.doctor.check import Check, Status
from tap.doctor.design import Design
from tap.doctor.fargate import ON_DEMAND, SPOT, in_use, spread, vcpus
from tap.doctor.quotas import examinations
from tests.unit.stacks import synthesized
from tests.unit.tap_doctor.scripted_account import ScriptedAccount

CONTAINERS: dict[str, object] = {"architecture": "containers", "domain": "acme.org", "parent_zone_id": "Z123456ABCDEFG"}
QUOTA = "service-quotas.get_service_quota"
USED = "cloudwatch.get_metric_statistics"


def design(**inputs: object) -> Design:
    return Design(synthesized(**CONTAINERS, **inputs))


def check(name: str, found: Design, answers: dict[str, Any]) -> list[Check]:
    account = cast(Account, ScriptedAccount(answers))
    return next(each for each in examinations(account, "dev", lambda: found) if each.name == name).checks()


@pytest.mark.parametrize(
    ("tasks", "strategy", "by_provider"),
    [
        (4, [(ON_DEMAND, 1, 1), (SPOT, 0, 3)], {ON_DEMAND: 2, SPOT: 3}),
        (50, [(ON_DEMAND, 10, 1)], {ON_DEMAND: 50}),
        (2, [(ON_DEMAND, 10, 1), (SPOT, 0, 1)], {ON_DEMAND: 2, SPOT: 0}),
        (3, [(SPOT, 0, 0)], {SPOT: 0}),
        (3, [], {ON_DEMAND: 3}),
    ],
)
def test_tasks_are_spread_over_capacity_providers(
    tasks: int, strategy: list[tuple[str, int, int]], by_provider: dict[str, int]
) -> None:
    items = [{"capacity_provider": name, "base": base, "weight": weight} for name, base, weight in strategy]
    assert spread(tasks, items) == by_provider


def test_production_has_all_of_its_tasks_on_demand() -> None:
    found = design(environment_class="production")
    assert (vcpus(ON_DEMAND)(found), vcpus(SPOT)(found)) == (Counter({"": 50}), Counter({"": 0}))


def test_processors_follow_from_the_size_of_a_task() -> None:
    found = design(service_cpu=512, service_memory_mb=1024, service_max_tasks=6)
    tasks = spread(6, next(iter(found.of_type("aws_ecs_service").values()))["capacity_provider_strategy"])
    assert vcpus(ON_DEMAND)(found)[""] == (tasks[ON_DEMAND] + 1) // 2
    assert vcpus(SPOT)(found)[""] == (tasks[SPOT] + 1) // 2


def test_code_deploy_starts_its_tasks_where_the_service_has_them() -> None:
    found = design(deployment_strategy="blue-green")
    assert vcpus(ON_DEMAND)(found)[""] + vcpus(SPOT)(found)[""] >= 4


def test_a_service_that_does_not_scale_has_its_own_number_of_tasks() -> None:
    resources = {
        "aws_ecs_service": {"web": {"task_definition": "${aws_ecs_task_definition.web.arn}", "desired_count": 3}},
        "aws_ecs_task_definition": {"web": {"cpu": "2048"}},
        "aws_appautoscaling_target": {"other": {"resource_id": "${aws_ecs_service.other.name}", "max_capacity": 9}},
    }
    assert vcpus(ON_DEMAND)(Design({"resource": resources})) == Counter({"": 6})


def test_an_account_that_never_asked_for_more_has_no_room_for_production() -> None:
    points = {"Datapoints": [{"Maximum": 1.25}, {"Maximum": 0.5}]}
    answers = {QUOTA: {"Quota": {"Value": 6.0}}, USED: points, "ec2.describe_vpcs": [{"Vpcs": []}]}
    [found] = check("Fargate vCPUs on demand", design(environment_class="production"), answers)
    assert (found.status, found.found) == (
        Status.FAULT,
        "quota 6, used 2, needed 50: the environment does not fit",
    )
    assert found.remedy is not None
    assert "--service-code fargate --quota-code L-3032A538 --desired-value 52" in found.remedy


def test_what_runs_is_asked_of_the_usage_metric_of_its_kind() -> None:
    account = ScriptedAccount({USED: {"Datapoints": []}})
    assert in_use("Spot")(cast(Account, account)) == Counter({"": 0})
    [(_, _, asked)] = account.asked
    assert {"Name": "Class", "Value": "Standard/Spot"} in asked["Dimensions"]


def test_load_balancers_of_another_type_do_not_count() -> None:
    balancers = [{"Type": "application"}, {"Type": "network"}, {}]
    answers = {QUOTA: {"Quota": {"Value": 50.0}}, "elbv2.describe_load_balancers": [{"LoadBalancers": balancers}]}
    [found] = check("application load balancers", design(), answers)
    assert found.found == "quota 50, used 1, needed 1: 49 more environments fit"


def test_web_acls_are_counted_on_all_pages() -> None:
    pages = iter(
        [
            {"WebACLs": [{}] * 100, "NextMarker": "one"},
            {"WebACLs": [{}], "NextMarker": "two"},
            {"WebACLs": [], "NextMarker": "two"},
        ]
    )
    answers: dict[str, Any] = {
        QUOTA: {"Quota": {"Value": 102.0}},
        "wafv2.list_web_acls": lambda **_: next(pages),
    }
    [found] = check("web ACLs", design(), answers)
    assert found.found == "quota 102, used 101, needed 1: 1 more environment fits"


def test_builds_wait_for_one_another() -> None:
    [found] = check("builds at a time", design(), {QUOTA: {"Quota": {"Value": 1.0}}})
    assert found == Check.ok("Quotas", "builds at a time", "quota 1, needed 1")
