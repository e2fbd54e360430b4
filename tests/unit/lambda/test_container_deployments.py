"""An image is built once, and traffic is shifted, waited for, given up and found again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, cast

import boto3
import pytest

import container_deployments
from deployments import traffic, waiting
from deployments.waiting import DeploymentError

IMAGE = {"project": "service", "repository": "service", "tag": "new"}
SHIFT = {
    "application": "app",
    "group": "group",
    "cluster": "cluster",
    "service": "service",
    "task_definition": "task:2",
    "container": "payment",
    "port": 8080,
}


@dataclass
class Clock:
    """An invocation's time, which passes only when somebody sleeps."""

    now: float = 0.0
    limit: float = 900.0
    function_name: str = "shifter"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:shifter"
    aws_request_id: str = "11111111-2222-3333-4444-555555555555"

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def get_remaining_time_in_millis(self) -> int:
        return int((self.limit - self.now) * 1000)


class ImageNotFoundException(Exception):  # noqa: N818
    """ECR's own name."""


@dataclass
class FakeAws:
    """The four services, as far as deployments ask them. What `ends` say happens at a time of the clock."""

    clock: Clock
    tags: set[str] = field(default_factory=set)
    builds: dict[str, dict[str, Any]] = field(default_factory=dict)
    build_outcome: dict[str, Any] = field(default_factory=lambda: {"buildStatus": "SUCCEEDED", "phases": []})
    seconds: float = 60.0
    deployments: dict[str, dict[str, Any]] = field(default_factory=dict)
    outcome: dict[str, Any] = field(default_factory=lambda: {"status": "Succeeded"})
    task_sets: list[dict[str, Any]] = field(default_factory=list)
    steady_at: float = 30.0
    started: list[dict[str, Any]] = field(default_factory=list)
    stopped: list[dict[str, Any]] = field(default_factory=list)

    class exceptions:  # noqa: N801
        ImageNotFoundException = ImageNotFoundException

    def describe_images(self, *, repositoryName: str, imageIds: list[dict[str, str]]) -> None:  # noqa: N803
        if repositoryName != "service" or imageIds[0]["imageTag"] not in self.tags:
            raise ImageNotFoundException

    def list_builds_for_project(self, *, projectName: str) -> dict[str, Any]:  # noqa: N803
        return {"ids": [name for name in self.builds if name.startswith(projectName)]}

    def batch_get_builds(self, *, ids: list[str]) -> dict[str, Any]:
        found = []
        for name in ids:
            over = self.clock.now >= self.builds[name]["ends"]
            found.append(
                {**self.builds[name], "id": name, "buildComplete": over, **(self.build_outcome if over else {})}
            )
        return {"builds": found}

    def start_build(self, *, projectName: str) -> dict[str, Any]:  # noqa: N803
        self.add_build(f"{projectName}:started", "new")
        return {"build": {"id": f"{projectName}:started"}}

    def add_build(self, name: str, tag: str) -> None:
        variables = [{"name": "IMAGE_TAG", "value": tag}]
        self.builds[name] = {"ends": self.clock.now + self.seconds, "environment": {"environmentVariables": variables}}

    def describe_services(self, *, cluster: str, services: list[str]) -> dict[str, Any]:
        assert (cluster, services) == ("cluster", ["service"])
        sets = [
            {**one, "stabilityStatus": "STEADY_STATE" if self.clock.now >= self.steady_at else "STABILIZING"}
            for one in self.task_sets
        ]
        return {"services": [{"taskSets": sets, "events": [{"message": "has started 2 tasks."}]}]}

    def list_deployments(self, **given: Any) -> dict[str, Any]:
        assert (given["applicationName"], given["deploymentGroupName"]) == ("app", "group")
        ids = [one for one in self.deployments if self.info(one)["status"] in given["includeOnlyStatuses"]]
        return {"deployments": ids}

    def info(self, identity: str) -> dict[str, Any]:
        found = self.deployments[identity]
        over = self.clock.now >= found["ends"]
        return {"status": "InProgress", **found, **(found["outcome"] if over else {})}

    def get_deployment(self, *, deploymentId: str) -> dict[str, Any]:  # noqa: N803
        return {"deploymentInfo": self.info(deploymentId)}

    def create_deployment(self, **given: Any) -> dict[str, Any]:
        self.started.append(given)
        self.add_deployment("d-1", given["description"])
        return {"deploymentId": "d-1"}

    def add_deployment(self, name: str, description: str, **outcome: Any) -> None:
        ends = self.clock.now + self.seconds
        self.deployments[name] = {"ends": ends, "description": description, "outcome": outcome or self.outcome}
        if rollback := self.deployments[name]["outcome"].get("rollbackInfo"):
            self.add_deployment(rollback["rollbackDeploymentId"], "rollback", status="Succeeded")
            self.deployments[rollback["rollbackDeploymentId"]]["ends"] = ends + 20

    def stop_deployment(self, **given: Any) -> None:
        self.stopped.append(given)
        self.deployments[given["deploymentId"]]["ends"] = self.clock.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setenv("REGION", "eu-west-1")
    monkeypatch.setattr("deployments.waiting.time.sleep", clock.sleep)
    monkeypatch.setattr("deployments.traffic.time.monotonic", lambda: clock.now)
    return clock


@pytest.fixture
def aws(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    fake = FakeAws(clock)
    fake.task_sets = [{"status": "PRIMARY", "taskDefinition": "task:1"}]

    def client(service: str, *, region_name: str, config: object) -> FakeAws:
        assert (service in ("codebuild", "codedeploy", "ecr", "ecs"), region_name) == (True, "eu-west-1")
        assert config is waiting.CALLS
        return fake

    monkeypatch.setattr(boto3, "client", client)
    return fake


def build(clock: Clock) -> dict[str, object]:
    return container_deployments.build_image(IMAGE, cast("Any", clock))


def shift(clock: Clock) -> dict[str, object]:
    return container_deployments.shift_traffic(SHIFT, cast("Any", clock))


def test_image_that_is_there_is_not_built(aws: FakeAws, clock: Clock) -> None:
    aws.tags.add("new")
    assert build(clock) == {"tag": "new", "build": None}
    assert (aws.builds, clock.now) == ({}, 0)


@pytest.mark.usefixtures("aws")
def test_image_is_built_and_waited_for(clock: Clock) -> None:
    assert build(clock) == {"tag": "new", "build": "service:started"}
    assert 60 <= clock.now < 75


def test_build_that_is_under_way_is_waited_for_and_others_are_not(aws: FakeAws, clock: Clock) -> None:
    aws.add_build("service:other", "old")
    aws.add_build("service:same", "new")
    assert build(clock)["build"] == "service:same"
    assert "service:started" not in aws.builds


def test_build_that_fails_fails_with_its_own_error(aws: FakeAws, clock: Clock) -> None:
    aws.build_outcome = {
        "buildStatus": "FAILED",
        "phases": [
            {"phaseType": "PRE_BUILD", "contexts": [{"message": ""}]},
            {"phaseType": "BUILD", "contexts": [{"message": "exit status 1"}]},
            {"phaseType": "COMPLETED"},
        ],
        "logs": {"groupName": "/aws/codebuild/service", "streamName": "abc"},
    }
    with pytest.raises(DeploymentError) as fault:
        build(clock)
    assert str(fault.value) == (
        "build service:started ended as FAILED: exit status 1 (log group /aws/codebuild/service, stream abc)"
    )


def test_build_that_takes_longer_than_lambda_goes_on_and_is_found_again(aws: FakeAws, clock: Clock) -> None:
    aws.seconds = 1200
    with pytest.raises(DeploymentError, match="service:started is not over yet and goes on; deploy again"):
        build(clock)
    assert clock.limit - clock.now > 10
    clock.limit += 900
    assert build(clock)["build"] == "service:started"
    assert list(aws.builds) == ["service:started"]


def test_first_deploy_waits_until_the_service_is_steady(aws: FakeAws, clock: Clock) -> None:
    aws.task_sets = [{"status": "PRIMARY", "taskDefinition": "task:2"}]
    assert shift(clock) == {"task_definition": "task:2", "deployment": None}
    assert (clock.now >= 30, aws.started) == (True, [])


def test_service_that_does_not_become_steady_says_why(aws: FakeAws, clock: Clock) -> None:
    aws.task_sets, aws.steady_at = [{"status": "PRIMARY", "taskDefinition": "task:2"}], 10_000
    with pytest.raises(DeploymentError, match="service service is not steady: has started 2 tasks"):
        shift(clock)


def test_another_task_definition_is_deployed(aws: FakeAws, clock: Clock) -> None:
    aws.task_sets.append({"status": "ACTIVE", "taskDefinition": "task:2"})
    assert shift(clock) == {"task_definition": "task:2", "deployment": "d-1"}
    (started,) = aws.started
    specification = json.loads(started["revision"]["appSpecContent"]["content"])
    assert (started["applicationName"], started["deploymentGroupName"]) == ("app", "group")
    assert specification["Resources"][0]["TargetService"] == {
        "Type": "AWS::ECS::Service",
        "Properties": {
            "TaskDefinition": "task:2",
            "LoadBalancerInfo": {"ContainerName": "payment", "ContainerPort": 8080},
        },
    }
    assert aws.stopped == []


def test_deployment_that_fails_is_over_when_it_was_rolled_back(aws: FakeAws, clock: Clock) -> None:
    aws.outcome = {
        "status": "Failed",
        "errorInformation": {"code": "TIMEOUT", "message": "Never healthy."},
        "rollbackInfo": {"rollbackDeploymentId": "d-2"},
    }
    with pytest.raises(DeploymentError) as fault:
        shift(clock)
    assert "d-1 ended as Failed: Never healthy. The service says: has started 2 tasks." in str(fault.value)
    assert "rolled back by deployment d-2, which ended as Succeeded" in str(fault.value)


def test_deployment_that_fails_without_a_rollback_fails_at_once(aws: FakeAws, clock: Clock) -> None:
    aws.outcome = {"status": "Stopped"}
    with pytest.raises(DeploymentError, match="d-1 ended as Stopped: no reason given"):
        shift(clock)


def test_tasks_that_never_become_healthy_are_given_up(aws: FakeAws, clock: Clock) -> None:
    aws.seconds, aws.steady_at, aws.outcome = 3600, 10_000, {"status": "Stopped"}
    with pytest.raises(DeploymentError, match="ended as Stopped"):
        shift(clock)
    assert aws.stopped == [{"deploymentId": "d-1", "autoRollbackEnabled": True}]
    assert traffic.INSTALL_SECONDS < clock.now < traffic.INSTALL_SECONDS + 30


def test_stopping_takes_time_and_is_done_once(aws: FakeAws, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.seconds, aws.steady_at, aws.outcome = 600, 10_000, {"status": "Stopped"}
    monkeypatch.setattr(aws, "stop_deployment", lambda **given: aws.stopped.append(given))
    with pytest.raises(DeploymentError, match="ended as Stopped"):
        shift(clock)
    assert (len(aws.stopped), clock.now >= 600) == (1, True)


def test_deployment_that_takes_longer_than_lambda_is_found_again(aws: FakeAws, clock: Clock) -> None:
    aws.task_sets.append({"status": "ACTIVE", "taskDefinition": "task:2"})
    aws.seconds = 1200
    with pytest.raises(DeploymentError, match="d-1 is not over yet and goes on"):
        shift(clock)
    clock.limit += 900
    assert shift(clock)["deployment"] == "d-1"
    assert len(aws.started) == 1


def test_deployment_of_something_else_is_not_disturbed(aws: FakeAws, clock: Clock) -> None:
    aws.add_deployment("d-0", "Runs task:9")
    with pytest.raises(DeploymentError, match=r"d-0 \(Runs task:9\) is under way; stop it"):
        shift(clock)
    assert aws.started == []
