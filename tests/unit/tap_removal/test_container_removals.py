"""Removals of what belongs to containers, where they are more than one call, or otherwise in moto than in AWS."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import Stubber

from tap.account import Account
from tap.inventory.resource import Evidence, Resource, environment_tags, resource_type
from tap.removal.ownership import read_now
from tap.removal.remover import Scope
from tap.removal.removers import REMOVERS
from tap.removal.sweep import Sweeper, SweepReport
from tests.unit.tap_removal.container_makers import log_policy, scalable_target
from tests.unit.tap_removal.maker import ACCOUNT, Maker
from tests.unit.tap_removal.service_makers import log_group, service

OURS = environment_tags("pr-1")
PAIRS = [{"Key": key, "Value": value} for key, value in OURS.items()]
GROUP_ARN = f"arn:aws:codedeploy:us-east-1:{ACCOUNT}:deploymentgroup:payment-pr-1/blue-green"
NAMED = {"applicationName": "payment-pr-1", "deploymentGroupName": "blue-green"}


def sweep(account: Account, *resources: Resource, **options: Any) -> SweepReport:
    return Sweeper(account).sweep("pr-1", resources, **{"timeout": 20, **options})


def part(arn: str, owner: str) -> Resource:
    return Resource(arn, resource_type(arn), evidence=Evidence.OWNER, owner=owner)


@pytest.fixture
def scaling(account: Account, monkeypatch: pytest.MonkeyPatch) -> Any:
    """moto cannot tell the tags of scalable targets."""
    client = account.client("application-autoscaling")
    monkeypatch.setattr(client, "list_tags_for_resource", lambda **_: {"Tags": OURS})
    return client


def test_an_application_goes_with_its_groups(account: Account) -> None:
    """moto removes no applications."""
    arn = f"arn:aws:codedeploy:us-east-1:{ACCOUNT}:application:payment-pr-1"
    application, named = Resource(arn, "codedeploy:application", OURS), {"applicationName": "payment-pr-1"}
    with Stubber(account.client("codedeploy")) as client:
        client.add_response("get_application", {"application": named}, named)
        client.add_response("list_tags_for_resource", {"Tags": PAIRS}, {"ResourceArn": arn})
        client.add_response("delete_application", {}, named)
        client.add_client_error("get_application", "ApplicationDoesNotExistException")
        assert sweep(account, application).swept == [application]
        client.assert_no_pending_responses()


def test_a_deployment_that_goes_on_is_stopped_before_its_group_goes(account: Account) -> None:
    """moto removes no deployment groups, and its deployments end at once."""
    group = Resource(GROUP_ARN, "codedeploy:deploymentgroup", OURS)
    with Stubber(account.client("codedeploy")) as client:
        client.add_response("get_deployment_group", {"deploymentGroupInfo": {}}, NAMED)
        client.add_response("list_tags_for_resource", {"Tags": PAIRS}, {"ResourceArn": GROUP_ARN})
        under_way = ["Created", "Queued", "InProgress", "Baking", "Ready"]
        client.add_response("list_deployments", {"deployments": ["d-1"]}, {**NAMED, "includeOnlyStatuses": under_way})
        client.add_response("stop_deployment", {}, {"deploymentId": "d-1", "autoRollbackEnabled": False})
        client.add_response("delete_deployment_group", {}, NAMED)
        client.add_client_error("get_deployment_group", "DeploymentGroupDoesNotExistException")
        assert sweep(account, group).swept == [group]
        client.assert_no_pending_responses()


def test_a_build_that_goes_on_is_stopped_before_its_project_goes(account: Account) -> None:
    """moto's builds end at once."""
    arn = f"arn:aws:codebuild:us-east-1:{ACCOUNT}:project/payment-pr-1"
    project, lower = Resource(arn, "codebuild:project", OURS), [{"key": k, "value": v} for k, v in OURS.items()]
    builds = [{"id": "payment-pr-1:1", "buildStatus": "SUCCEEDED"}, {"id": "payment-pr-1:2"}]
    builds[1]["buildStatus"] = "IN_PROGRESS"
    with Stubber(account.client("codebuild")) as client:
        client.add_response("batch_get_projects", {"projects": [{"tags": lower}]}, {"names": ["payment-pr-1"]})
        client.add_response("list_builds_for_project", {"ids": [build["id"] for build in builds]})
        client.add_response("batch_get_builds", {"builds": builds})
        client.add_response("stop_build", {}, {"id": "payment-pr-1:2"})
        client.add_response("delete_project", {}, {"name": "payment-pr-1"})
        client.add_response("batch_get_projects", {"projects": []})
        assert sweep(account, project).swept == [project]
        client.assert_no_pending_responses()


def test_a_scalable_target_goes_before_its_service(account: Account, scaling: Any) -> None:
    owner = service(Maker(account, "pr-1", OURS))
    other = service(Maker(account, "pr-12", environment_tags("pr-12")))
    target = scalable_target(Maker(account, "pr-1", OURS), owner)
    kept = scalable_target(Maker(account, "pr-12", {}), other)
    found = part(target, owner)
    report = sweep(account, found, Resource(owner, "ecs:service", OURS))
    assert [one.arn for one in report.swept] == [target, owner]
    left = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    assert [one["ScalableTargetARN"] for one in left] == [kept]


def test_the_scalable_target_of_another_service_stays(
    account: Account, scaling: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = service(Maker(account, "pr-1", OURS))
    other = service(Maker(account, "pr-12", environment_tags("pr-12")))
    foreign = scalable_target(Maker(account, "pr-12", {}), other)
    assert sweep(account, part(foreign, owner)) == SweepReport(swept=[part(foreign, owner)])  # Not there for `owner`.
    assert read_now(Scope(account, "pr-1", REMOVERS), part(foreign, other)) is not None
    theirs = {"Tags": environment_tags("pr-12")}
    monkeypatch.setattr(scaling, "list_tags_for_resource", lambda **_: theirs)
    report = sweep(account, part(foreign, other))
    assert report.swept == []
    assert report.failed[0][1].startswith("its tags name another environment than pr-1")


def test_a_log_policy_goes_when_it_names_a_log_group_of_the_environment(account: Account) -> None:
    make = Maker(account, "pr-1", OURS)
    group = log_group(make)
    foreign = log_group(Maker(account, "pr-12", environment_tags("pr-12")))
    policy = log_policy(make, "payment-pr-1", group)
    other = log_policy(make, "payment-pr-12", foreign)
    found = Resource(group, "logs:log-group", OURS)
    report = sweep(account, part(policy, group), part(other, group), found)
    assert {one.arn for one in report.swept} == {policy, group}
    [(left, reason)] = report.failed
    assert left.arn == other
    assert reason.startswith(f"it is not part of {group} (any more)")
    policies = account.client("logs").describe_resource_policies()["resourcePolicies"]
    assert [one["policyName"] for one in policies] == ["payment-pr-12"]


def test_a_web_acl_that_a_load_balancer_still_has_is_tried_again(account: Account) -> None:
    """moto lets it go at once."""
    arn = f"arn:aws:wafv2:us-east-1:{ACCOUNT}:regional/webacl/payment-pr-1/1-a"
    acl = Resource(arn, resource_type(arn), OURS)
    named = {"Name": "payment-pr-1", "Scope": "REGIONAL", "Id": "1-a"}
    with Stubber(account.client("wafv2")) as client:
        for token in ("one", "two"):
            client.add_response("get_web_acl", {"LockToken": token}, named)
            client.add_response("list_tags_for_resource", {"TagInfoForResource": {"TagList": PAIRS}})
            if token == "one":
                client.add_client_error("delete_web_acl", "WAFAssociatedItemException")
        client.add_response("delete_web_acl", {}, {**named, "LockToken": "two"})
        client.add_client_error("get_web_acl", "WAFNonexistentItemException")
        assert sweep(account, acl).swept == [acl]
        client.assert_no_pending_responses()


def test_log_groups_of_builds_and_of_container_insights_are_part_of_what_writes_to_them(account: Account) -> None:
    logs, here = account.client("logs"), f"us-east-1:{ACCOUNT}"
    owners = {
        "/aws/codebuild/payment-pr-1": f"arn:aws:codebuild:{here}:project/payment-pr-1",
        "/aws/ecs/containerinsights/payment-pr-1/performance": f"arn:aws:ecs:{here}:cluster/payment-pr-1",
    }
    for name, owner in owners.items():
        logs.create_log_group(logGroupName=name)
        group = part(f"arn:aws:logs:{here}:log-group:{name}", owner)
        assert sweep(account, group).failed[0][1].startswith(f"its owner {owner} is gone")
        assert sweep(account, group, owners=[owner]).swept == [group]
