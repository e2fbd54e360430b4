"""Rate-based rules count each address; what else a web ACL holds lets requests pass."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from moto.wafv2.models import FakeWebACL, wafv2_backends

from local_aws.load_balancers import lookup
from local_aws.load_balancers.targets import HEALTHY, UNHEALTHY
from local_aws.load_balancers.web_acls import refusal

ACCOUNT, REGION = "123456789012", "eu-west-1"
BALANCER: Any = SimpleNamespace(arn=f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/one/1")
BLOCK: dict[str, Any] = {"Block": {}}


@pytest.fixture(autouse=True)
def backend() -> Iterator[Any]:
    made = wafv2_backends[ACCOUNT][REGION]
    yield made
    made.wacls.clear()


def rate(limit: int, action: dict[str, Any], priority: int = 0, **more: Any) -> dict[str, Any]:
    statement = {"RateBasedStatement": {"Limit": limit, "AggregateKeyType": "IP", **more}}
    return {"Name": f"rate-{priority}", "Priority": priority, "Action": action, "Statement": statement, **VISIBLE}


VISIBLE = {"VisibilityConfig": {"MetricName": "rate", "CloudWatchMetricsEnabled": True, "SampledRequestsEnabled": True}}


def walled(backend: Any, *rules: dict[str, Any]) -> FakeWebACL:
    """A web ACL with these rules in front of the load balancer."""
    names = ("association_config", "captcha_config", "challenge_config", "custom_response_bodies", "token_domains")
    acl: FakeWebACL = backend.create_web_acl(
        name="acl",
        visibility_config=VISIBLE["VisibilityConfig"],
        default_action={"Allow": {}},
        scope="REGIONAL",
        description="",
        tags=[],
        rules=list(rules),
        **dict.fromkeys(names),
    )
    backend.associate_web_acl(acl.arn, BALANCER.arn)
    return acl


def statuses(count: int, source: str = "10.0.0.9") -> list[int | None]:
    answers = [refusal(BALANCER, source) for _ in range(count)]
    return [answer.status if answer else None for answer in answers]


def test_without_a_web_acl_all_pass() -> None:
    assert statuses(3) == [None] * 3


def test_each_address_is_counted_for_itself(backend: Any) -> None:
    walled(backend, rate(2, BLOCK))
    assert statuses(4) == [None, None, 403, 403]
    assert statuses(1, "10.0.0.8") == [None]


def test_requests_are_forgotten_after_the_window(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("local_aws.load_balancers.web_acls.time.monotonic", lambda: now)
    walled(backend, rate(2, BLOCK, EvaluationWindowSec=60))
    assert statuses(3) == [None, None, 403]
    now += 59
    assert statuses(1) == [403]
    now += 1
    assert statuses(1) == [None]


def test_a_response_of_the_rules_own(backend: Any) -> None:
    walled(backend, rate(1, {"Block": {"CustomResponse": {"ResponseCode": 429}}}))
    assert statuses(2) == [None, 429]


def test_rules_act_in_the_order_of_their_priorities(backend: Any) -> None:
    walled(backend, rate(1, BLOCK, 2), rate(2, {"Allow": {}}, 1), rate(1, {"Count": {}}, 0))
    assert statuses(4) == [None, 403, None, None]


def test_what_cannot_be_evaluated_lets_requests_pass(backend: Any) -> None:
    scope = {"ByteMatchStatement": {"SearchString": "x"}}
    managed = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}
    walled(
        backend,
        rate(1, BLOCK, 0, ScopeDownStatement=scope),
        rate(1, BLOCK, 1, AggregateKeyType="FORWARDED_IP"),
        {"Name": "managed", "Priority": 2, "OverrideAction": {"None": {}}, "Statement": managed, **VISIBLE},
    )
    assert statuses(3) == [None] * 3


@pytest.mark.parametrize(
    ("groups", "healthy"),
    [([], False), ([[]], False), ([[HEALTHY], []], False), ([[HEALTHY, UNHEALTHY]], True), ([[UNHEALTHY]], False)],
)
def test_a_group_without_targets_is_no_healthy_one(
    groups: list[list[str]], healthy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [
        SimpleNamespace(
            members={
                (str(number), 8080): SimpleNamespace(state=state, drained=False) for number, state in enumerate(states)
            }
        )
        for states in groups
    ]
    monkeypatch.setattr(lookup, "groups_of", lambda _: made)
    assert lookup.is_healthy(BALANCER) is healthy
