"""CodeDeploy replaces a service's tasks: new ones beside the old ones, then the requests, then the old ones end."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_aws_containers.stack_policies import allow, document, trust
from tests.integration.local_aws_containers.surroundings import NAME, Surroundings, body, eventually

ROLLBACK = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]
CANARY = "CodeDeployDefault.ECSCanary10Percent5Minutes"
PERMISSIONS = [
    "cloudwatch:DescribeAlarms",
    "ecs:CreateTaskSet",
    "ecs:DeleteTaskSet",
    "ecs:DescribeServices",
    "ecs:UpdateServicePrimaryTaskSet",
    "elasticloadbalancing:ModifyListener",
    "iam:PassRole",
]


@pytest.fixture(scope="module")
def blue_green(cloud: Surroundings) -> Iterator["Deployments"]:
    """A service of image `first`, and another image."""
    assert cloud.build("second") == "SUCCEEDED"
    deployments = Deployments(cloud)
    deployments.create()
    yield deployments
    cloud.remove(deployments.name)


class Deployments:
    """A service with CodeDeploy's group for it."""

    name = "shifted"

    def __init__(self, cloud: Surroundings) -> None:
        self.cloud = cloud
        self.api: Any = cloud.api.codedeploy

    def create(self) -> None:
        cloud = self.cloud
        role = cloud.api.iam
        role.create_role(RoleName="codedeploy", AssumeRolePolicyDocument=trust("codedeploy"))
        self.permit(PERMISSIONS)
        cloud.new_group("green")
        cloud.api.cloudwatch.put_metric_alarm(
            AlarmName="shifted-errors",
            Namespace="it",
            MetricName="errors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
        cloud.serve(self.name, self.definition("first"), deploymentController={"type": "CODE_DEPLOY"})
        self.api.create_application(applicationName=NAME, computePlatform="ECS")
        pair = {
            "targetGroups": [{"name": "blue"}, {"name": "green"}],
            "prodTrafficRoute": {"listenerArns": [cloud.listener]},
        }
        self.api.create_deployment_group(
            applicationName=NAME,
            deploymentGroupName=NAME,
            deploymentConfigName="CodeDeployDefault.ECSAllAtOnce",
            serviceRoleArn=cloud.role("codedeploy"),
            deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            blueGreenDeploymentConfiguration={
                "terminateBlueInstancesOnDeploymentSuccess": {
                    "action": "TERMINATE",
                    "terminationWaitTimeInMinutes": 5,
                }
            },
            autoRollbackConfiguration={"enabled": True, "events": ROLLBACK},
            alarmConfiguration={"enabled": True, "alarms": [{"name": "shifted-errors"}]},
            ecsServices=[{"clusterName": NAME, "serviceName": self.name}],
            loadBalancerInfo={"targetGroupPairInfoList": [pair]},
        )
        assert self.steady()

    def permit(self, actions: list[str]) -> None:
        policy = document(allow(actions, "*"))
        self.cloud.api.iam.put_role_policy(RoleName="codedeploy", PolicyName="shift", PolicyDocument=policy)

    def definition(self, tag: str, **changed: Any) -> str:
        return self.cloud.define(tag, family=self.name, **changed)

    def steady(self) -> bool:
        def stable() -> bool:
            sets = self.cloud.service(self.name)["taskSets"]
            return len(sets) == 1 and sets[0]["stabilityStatus"] == "STEADY_STATE"

        return bool(eventually(stable))

    def start(self, definition: str, **arguments: Any) -> str:
        balancer = {"ContainerName": NAME, "ContainerPort": 8080}
        properties = {"TaskDefinition": definition, "LoadBalancerInfo": balancer}
        content = {
            "version": 0.0,
            "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}],
        }
        revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(content)}}
        identity: str = self.api.create_deployment(
            applicationName=NAME, deploymentGroupName=NAME, revision=revision, **arguments
        )["deploymentId"]
        return identity

    def info(self, identity: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get_deployment(deploymentId=identity)["deploymentInfo"]
        return found

    def ended(self, identity: str) -> dict[str, Any]:
        """A deployment when it is over, with the rollback that it led to."""
        assert eventually(lambda: self.info(identity)["status"] not in ("Created", "InProgress"), 60)
        info = self.info(identity)
        rollback = info.get("rollbackInfo", {}).get("rollbackDeploymentId")
        if rollback:
            assert self.ended(rollback)["status"] == "Succeeded"
        return info

    def versions(self) -> set[str]:
        return {body(self.cloud.ask("/"))["version"] for _ in range(8)}


def test_requests_move_to_new_tasks_and_the_old_ones_end(blue_green: Deployments) -> None:
    started = blue_green.start(blue_green.definition("second"), deploymentConfigName=CANARY)
    with pytest.raises(ClientError, match="already has an active Deployment"):
        blue_green.start(blue_green.definition("second"))
    seen: set[str] = set()

    def both() -> bool:
        seen.update(blue_green.versions())
        return seen == {"first", "second"}

    assert eventually(both)
    assert blue_green.ended(started)["status"] == "Succeeded"
    assert blue_green.steady()
    assert blue_green.versions() == {"second"}
    tasks = blue_green.cloud.tasks(blue_green.name)
    assert len(tasks) == 2
    (target,) = blue_green.api.batch_get_deployment_targets(
        deploymentId=started, targetIds=blue_green.api.list_deployment_targets(deploymentId=started)["targetIds"]
    )["deploymentTargets"]
    assert [one["status"] for one in target["ecsTarget"]["taskSetsInfo"]] == ["PRIMARY"]


def test_tasks_that_never_become_healthy_get_no_request(blue_green: Deployments) -> None:
    definition = blue_green.definition("second", healthCheck={"command": ["CMD-SHELL", "exit 1"], "retries": 1})
    info = blue_green.ended(blue_green.start(definition))
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "TIMEOUT")
    assert blue_green.steady()
    service = blue_green.cloud.service(blue_green.name)
    assert service["taskDefinition"] != definition
    assert blue_green.versions() == {"second"}


@pytest.mark.parametrize("rolls_back", [True, None])
def test_a_deployment_that_is_stopped_goes_back(blue_green: Deployments, rolls_back: bool | None) -> None:
    started = blue_green.start(blue_green.definition("first"))
    assert eventually(lambda: blue_green.versions() == {"first"})
    chosen = {} if rolls_back is None else {"autoRollbackEnabled": rolls_back}
    blue_green.api.stop_deployment(deploymentId=started, **chosen)
    info = blue_green.ended(started)
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
    assert blue_green.steady()
    assert blue_green.versions() == {"second"}
    with pytest.raises(ClientError, match="has already completed"):
        blue_green.api.stop_deployment(deploymentId=started)


def test_an_alarm_gives_the_requests_back(blue_green: Deployments) -> None:
    cloudwatch = blue_green.cloud.api.cloudwatch
    started = blue_green.start(blue_green.definition("first"))
    assert eventually(lambda: blue_green.versions() == {"first"})
    cloudwatch.set_alarm_state(AlarmName="shifted-errors", StateValue="ALARM", StateReason="it")
    info = blue_green.ended(started)
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
    assert blue_green.versions() == {"second"}
    refused = blue_green.ended(blue_green.start(blue_green.definition("first")))
    cloudwatch.set_alarm_state(AlarmName="shifted-errors", StateValue="OK", StateReason="it")
    assert refused["errorInformation"]["code"] == "ALARM_ACTIVE"


@pytest.mark.parametrize("missing", ["ecs:CreateTaskSet", "elasticloadbalancing:ModifyListener", "iam:PassRole"])
def test_codedeploy_does_what_its_role_allows(blue_green: Deployments, missing: str) -> None:
    blue_green.permit([action for action in PERMISSIONS if action != missing])
    try:
        started = blue_green.start(blue_green.definition("first"))
        assert eventually(lambda: blue_green.info(started)["status"] == "Failed")
    finally:
        blue_green.permit(PERMISSIONS)
    info = blue_green.info(started)
    assert info["errorInformation"]["code"] == "IAM_ROLE_PERMISSIONS"
    assert missing in info["errorInformation"]["message"]
    assert eventually(
        lambda: not blue_green.api.list_deployments(includeOnlyStatuses=["Created", "InProgress"])["deployments"]
    )
    assert blue_green.versions() == {"second"}


def test_groups_are_changed_and_removed_with_their_application(blue_green: Deployments) -> None:
    api = blue_green.api
    api.create_application(applicationName="other", computePlatform="ECS")
    given = {"applicationName": "other", "serviceRoleArn": blue_green.cloud.role("codedeploy")}
    api.create_deployment_group(deploymentGroupName="one", **given)
    alarms = {"enabled": True, "ignorePollAlarmFailure": False, "alarms": [{"name": "errors"}]}
    api.update_deployment_group(
        applicationName="other",
        currentDeploymentGroupName="one",
        newDeploymentGroupName="two",
        alarmConfiguration=alarms,
    )
    found = api.get_deployment_group(applicationName="other", deploymentGroupName="two")["deploymentGroupInfo"]
    assert found["alarmConfiguration"] == alarms
    api.delete_deployment_group(applicationName="other", deploymentGroupName="two")
    assert api.list_deployment_groups(applicationName="other")["deploymentGroups"] == []
    api.delete_application(applicationName="other")
    assert api.list_applications()["applications"] == [NAME]


def test_what_cannot_be_deployed_says_why(blue_green: Deployments) -> None:
    with pytest.raises(ClientError, match="No deployment configuration of ECS"):
        blue_green.start(blue_green.definition("first"), deploymentConfigName="CodeDeployDefault.OneAtATime")
    missing = blue_green.ended(blue_green.start("arn:aws:ecs:us-east-1:123456789012:task-definition/none:1"))
    assert missing["errorInformation"]["code"] == "INVALID_REVISION"
