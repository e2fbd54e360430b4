"""What a deployment works on: a service, its listeners and target groups, with what CodeDeploy's role may do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.exceptions import ServiceException
from moto.ecs.models import ecs_backends

from local_aws import containers
from local_aws.code_deploy.faults import DeploymentFaultError
from local_aws.code_deploy.routing import group_named, groups_behind
from local_aws.containers.task_sets import TaskSetRun
from local_aws.functions.execution_role import role_allows, role_trusts

PRINCIPAL = "codedeploy.amazonaws.com"
TASKS = "ecs-tasks.amazonaws.com"


@dataclass(frozen=True)
class Target:
    """A deployment group's, as its API has it."""

    account: str
    region: str
    role: str
    run: TaskSetRun
    listeners: Sequence[str]
    test_listeners: Sequence[str]
    blue: str
    green: str
    alarms: Sequence[str]

    @classmethod
    def of(cls, group: Any, account: str, region: str) -> "Target":
        """Raises DeploymentFaultError where something of it is not there, or CodeDeploy may not assume its role."""
        role, place = str(group.service_role_arn), f"{region}:{account}"
        source = f"arn:aws:codedeploy:{place}:deploymentgroup:{group.application.application_name}"
        if not role_trusts(role, PRINCIPAL, f"{source}/{group.deployment_group_name}"):
            raise DeploymentFaultError("IAM_ROLE_PERMISSIONS", f"CodeDeploy cannot assume the role {role}.")
        named = group.ecs_services[0]
        run = containers.running().services.get(
            f"arn:aws:ecs:{place}:service/{named['clusterName']}/{named['serviceName']}"
        )
        if not isinstance(run, TaskSetRun) or run.service.status != "ACTIVE":
            raise DeploymentFaultError(
                "INVALID_ECS_SERVICE", f"The ECS service {named['serviceName']} cannot be deployed to."
            )
        pair = group.load_balancer_info["targetGroupPairInfoList"][0]
        groups = [group_named(one["name"], account, region) for one in pair["targetGroups"]]
        listeners = pair["prodTrafficRoute"]["listenerArns"]
        serving = [arn for arn in groups if arn and arn in groups_behind(listeners[0])]
        if None in groups or len(groups) != 2 or len(serving) != 1:
            text = "The production listener must forward to one of the two target groups of the deployment group."
            raise DeploymentFaultError("ELASTIC_LOAD_BALANCING_INVALID", text)
        green = next(str(arn) for arn in groups if arn != serving[0])
        tests = (pair.get("testTrafficRoute") or {}).get("listenerArns") or []
        alarms = group.alarm_configuration or {}
        names = [str(one["name"]) for one in alarms.get("alarms") or []] if alarms.get("enabled") else []
        return cls(account, region, role, run, listeners, tests, serving[0], green, names)

    def definition(self, arn: str) -> Any:
        """A task definition. Raises DeploymentFaultError where it is not there, or its roles may not be handed over."""
        try:
            definition = ecs_backends[self.account][self.region].describe_task_definition(arn)
        except ServiceException as error:
            raise DeploymentFaultError("INVALID_REVISION", str(error)) from None
        for role in (definition.execution_role_arn, definition.task_role_arn):
            self.require("iam:PassRole", str(role), {"iam:passedtoservice": TASKS})
        return definition

    def require(self, action: str, resource: str, context: Mapping[str, str] | None = None) -> None:
        """Raises DeploymentFaultError if CodeDeploy's role does not allow it."""
        if not role_allows(self.role, action, resource, context):
            text = f"The IAM role {self.role} does not give you permission to perform {action} on {resource}."
            raise DeploymentFaultError("IAM_ROLE_PERMISSIONS", text)

    def watch(self) -> None:
        """Raises DeploymentFaultError if one of the alarms is on."""
        if not self.alarms:
            return
        self.require("cloudwatch:DescribeAlarms", "*")
        held = cloudwatch_backends[self.account][self.region].alarms
        active = [name for name in self.alarms if name in held and held[name].state_value == "ALARM"]
        if active:
            text = f"One or more alarms have been activated, and the deployment was stopped: {', '.join(active)}"
            raise DeploymentFaultError("ALARM_ACTIVE", text, stopped=True)
