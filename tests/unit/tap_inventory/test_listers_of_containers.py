"""What containers have without tags, by what it is part of."""

from __future__ import annotations

import io
import zipfile

import pytest

from tap.account import Account
from tap.inventory.finder import Finder
from tap.inventory.listers.containers import groups_named
from tap.inventory.resource import Evidence, environment_tags
from tests.unit.tap_inventory.conftest import Answers
from tests.unit.tap_inventory.finding import ACCOUNT, TAGS, arn, earlier, parts, state_with
from tests.unit.tap_removal.container_makers import document, log_policy, scalable_target
from tests.unit.tap_removal.maker import Maker
from tests.unit.tap_removal.service_makers import log_group, service

ACL = arn("wafv2", "regional/webacl/payment-pr-1/1-a")


@pytest.fixture
def ours(account: Account) -> Maker:
    return Maker(account, "pr-1", TAGS)


@pytest.fixture
def theirs(account: Account) -> Maker:
    return Maker(account, "pr-12", environment_tags("pr-12"))


def test_scalable_targets_of_the_environments_services(finder: Finder, ours: Maker, theirs: Maker) -> None:
    owner = service(ours)
    target = scalable_target(ours, owner)
    scalable_target(theirs, service(theirs))
    (found,) = parts(finder, None, earlier(owner)).values()
    assert (found.arn, found.owner) == (target, owner)
    assert found.type == "application-autoscaling:scalable-target"
    ours.ecs.delete_service(cluster="payment-pr-1", service=owner, force=True)
    assert [one.arn for one in parts(finder, None, earlier(owner)).values()] == [target]


def test_log_policies_by_the_log_groups_that_they_name(finder: Finder, ours: Maker, theirs: Maker) -> None:
    group, policy_of_state = log_group(ours), state_with("aws_cloudwatch_log_resource_policy", policy_name="x")
    policy = log_policy(ours, "payment-web-pr-1", group)
    log_policy(theirs, "payment-web-pr-12", log_group(theirs))
    (found,) = parts(finder, None, earlier(group, ACL)).values()
    assert (found.arn, found.owner, found.type) == (policy, group, "logs:resource-policy")
    assert found.name == "payment-web-pr-1"
    assert parts(finder, policy_of_state, earlier(group)).keys() == {policy}
    assert parts(finder, None, earlier(group)) == {}  # No web ACL: the Region's policies are not asked for.


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (document("arn:aws:logs:us-east-1:1:log-group:/a/b"), {"arn:aws:logs:us-east-1:1:log-group:/a/b"}),
        (
            '{"Statement": {"Resource": "arn:aws:logs:us-east-1:1:log-group:a:*"}}',
            {"arn:aws:logs:us-east-1:1:log-group:a"},
        ),
        ('{"Statement": [{"Effect": "Deny"}]}', set()),
        ("[]", set()),
        ("no JSON", set()),
    ],
)
def test_the_log_groups_in_a_policy(text: str, named: set[str]) -> None:
    assert groups_named(text) == named


def test_the_function_of_a_canary_that_is_gone_by_the_state(finder: Finder, ours: Maker) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", "")
    name = "cwsyn-payment-canary-fast-1"
    function = arn("lambda", f"function:{name}")
    canary = arn("synthetics", "canary:payment-canary-fast-pr-1")
    known = state_with("aws_synthetics_canary", arn=canary, engine_arn=f"{function}:1")
    assert parts(finder, known) == {}
    role = ours.role()
    ours.lambda_.create_function(
        FunctionName=name, Role=role, Runtime="python3.13", Handler="index.x", Code={"ZipFile": packed.getvalue()}
    )
    (found,) = parts(finder, known).values()
    assert (found.arn, found.type, found.evidence) == (function, "lambda:function", Evidence.STATE)
    assert parts(finder) == {}
    assert parts(finder, state_with("aws_synthetics_canary", arn=canary)) == {}


@pytest.mark.parametrize(
    ("writer", "name"),
    [
        (arn("lambda", "function:payment-processor-pr-1"), "/aws/lambda/payment-processor-pr-1"),
        (arn("codebuild", "project/payment-service-pr-1"), "/aws/codebuild/payment-service-pr-1"),
        (arn("ecs", "cluster/payment-cluster-pr-1"), "/aws/ecs/containerinsights/payment-cluster-pr-1/performance"),
    ],
)
def test_log_groups_that_were_made_anew_by_what_writes_to_them(
    finder: Finder, ours: Maker, writer: str, name: str
) -> None:
    assert parts(finder, None, earlier(writer)) == {}
    ours.logs.create_log_group(logGroupName=f"{name}2")
    ours.logs.create_log_group(logGroupName=name)
    (found,) = parts(finder, None, earlier(writer)).values()
    assert (found.arn, found.owner) == (arn("logs", f"log-group:{name}"), writer)


def test_a_log_group_with_its_tags_is_found_once(finder: Finder, ours: Maker) -> None:
    function = ours.function()
    group = log_group(ours)
    found = finder.environment("pr-1").resources
    assert [(one.arn, one.evidence) for one in found if one.type == "logs:log-group"] == [(group, Evidence.TAGS)]
    assert function.endswith(f":{ACCOUNT}:function:payment-pr-1")


def test_tasks_come_and_go_with_their_service(finder: Finder, answers: Answers) -> None:
    tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    passing = [arn("ecs", f"{kind}/payment-cluster-pr-1/1") for kind in ("task", "task-set")]
    page = {"ResourceTagMappingList": [{"ResourceARN": one, "Tags": tags} for one in passing]}
    answers.instead(finder.account, "resourcegroupstaggingapi", "GetResources", page)
    assert finder.environment("pr-1").resources == ()
