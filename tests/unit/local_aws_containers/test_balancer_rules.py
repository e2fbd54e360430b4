"""Listeners choose by their rules, targets by their health."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from local_aws.load_balancers.checks import matches, target_group_arns
from local_aws.load_balancers.rules import Request, action_for, redirect_location, target_group_arn
from local_aws.load_balancers.targets import DRAINING, HEALTHY, INITIAL, UNHEALTHY, UNUSED, Member, members, receiving

REQUEST = Request(
    method="GET",
    scheme="http",
    host="pay.example.org",
    port=80,
    path="/payments/1",
    query="trace=on&x=1",
    headers={"x-tenant": "blue"},
    source_ip="10.0.0.9",
)


def listener(*conditions: dict[str, Any]) -> Any:
    """A listener with one rule, which leads to `ruled`, and a default."""
    rule = SimpleNamespace(is_default=False, priority=1, conditions=conditions, actions=[action("ruled")])
    later = SimpleNamespace(is_default=False, priority=2, conditions=conditions, actions=[action("later")])
    default = SimpleNamespace(is_default=True, priority="default", conditions=[], actions=[action("default")])
    return SimpleNamespace(rules={1: later, 2: rule, 0: default}, default_actions=[action("default")])


def action(group: str) -> Any:
    """An action that forwards."""
    return SimpleNamespace(type="forward", data={"Type": "forward", "TargetGroupArn": group})


def field(name: str, config: str, *values: Any, **more: Any) -> dict[str, Any]:
    """A condition of a rule."""
    return {"Field": name, config: {"Values": list(values), **more}}


MET = [
    field("path-pattern", "PathPatternConfig", "/other", "/payments/*"),
    field("host-header", "HostHeaderConfig", "PAY.example.*"),
    field("http-request-method", "HttpRequestMethodConfig", "GET"),
    field("http-header", "HttpHeaderConfig", "bl?e", HttpHeaderName="X-Tenant"),
    field("query-string", "QueryStringConfig", {"Key": "trace", "Value": "o*"}),
    field("query-string", "QueryStringConfig", {"Value": "1"}),
    field("source-ip", "SourceIpConfig", "192.168.0.0/16", "10.0.0.0/8"),
]


@pytest.mark.parametrize("condition", MET)
def test_the_first_rule_whose_conditions_are_met_counts(condition: dict[str, Any]) -> None:
    assert action_for(listener(condition, *MET), REQUEST)["TargetGroupArn"] == "ruled"


@pytest.mark.parametrize(
    "condition",
    [
        field("path-pattern", "PathPatternConfig", "/payments"),
        field("host-header", "HostHeaderConfig", "*.example.com"),
        field("http-request-method", "HttpRequestMethodConfig", "POST"),
        field("http-header", "HttpHeaderConfig", "blue", HttpHeaderName="X-Other"),
        field("query-string", "QueryStringConfig", {"Key": "x", "Value": "on"}),
        field("source-ip", "SourceIpConfig", "192.168.0.0/16"),
        {"Field": "something-new"},
    ],
)
def test_else_the_default_does(condition: dict[str, Any]) -> None:
    assert action_for(listener(*MET, condition), REQUEST)["TargetGroupArn"] == "default"


def test_a_redirect_keeps_what_it_does_not_name() -> None:
    config = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    location = redirect_location({"RedirectConfig": config}, REQUEST)
    assert location == (301, "https://pay.example.org:443/payments/1?trace=on&x=1")
    config = {"Host": "new.#{host}", "Path": "/v2/#{path}", "Query": "from=#{port}", "StatusCode": "HTTP_302"}
    location = redirect_location({"RedirectConfig": config}, replace(REQUEST, query=""))
    assert location == (302, "http://new.pay.example.org:80/v2/payments/1?from=80")


def test_weights_choose_among_target_groups() -> None:
    groups = [{"TargetGroupArn": "blue", "Weight": 1}, {"TargetGroupArn": "green", "Weight": 0}]
    weighted = {"ForwardConfig": {"TargetGroups": groups}}
    assert {target_group_arn(weighted) for _ in range(20)} == {"blue"}
    assert target_group_arns(weighted) == ["blue", "green"]


@pytest.mark.parametrize(("codes", "fits"), [("200", True), ("200-299", True), ("201,200", True), ("201-299", False)])
def test_a_matcher_has_codes_and_ranges(codes: str, fits: bool) -> None:
    assert matches(codes, 200) is fits


def target(state: str = INITIAL) -> Member:
    """A target of a group of its own."""
    settings = {
        "healthy_threshold_count": "2",
        "unhealthy_threshold_count": "3",
        "health_check_interval_seconds": "30",
        "health_check_port": "traffic-port",
    }
    group: Any = SimpleNamespace(**settings)
    member = Member(group, "127.9.9.9", 8080)
    member.state = state
    members(group)["127.9.9.9", 8080] = member
    return member


def test_a_target_is_healthy_after_its_checks_have_succeeded_often_enough() -> None:
    member = target()
    member.passed()
    assert member.state == INITIAL
    member.passed()
    assert member.state == HEALTHY
    for expected in (HEALTHY, HEALTHY, UNHEALTHY):
        member.failed("Target.Timeout")
        assert member.state == expected
    assert member.description()["TargetHealth"] == {
        "State": UNHEALTHY,
        "Reason": "Target.Timeout",
        "Description": "Request timed out",
    }


def test_a_target_that_begins_may_fail_for_a_while() -> None:
    member = target()
    for _ in range(9):
        member.failed("Target.FailedHealthChecks")
    assert member.state == INITIAL


def test_a_target_drains_until_its_requests_are_done() -> None:
    member = target(HEALTHY)
    assert receiving(member.group) == [member]
    with member.request():
        member.drain(30)
        member.passed()
        assert (member.state, member.drained, receiving(member.group)) == (DRAINING, False, [])
    member.wait_until_drained()
    assert member.drained
    assert members(member.group) == {}


def test_a_request_that_takes_too_long_is_not_waited_for() -> None:
    member = target(HEALTHY)
    with member.request():
        member.drain(0)
        member.wait_until_drained()
        assert member.drained


def test_where_no_target_is_healthy_all_get_requests() -> None:
    member = target(UNHEALTHY)
    assert receiving(member.group) == [member]
    member.not_used()
    assert (member.state, receiving(member.group)) == (UNUSED, [])
    member.passed()
    assert member.state == INITIAL
