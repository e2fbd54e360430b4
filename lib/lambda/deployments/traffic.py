"""The service's traffic: with the tasks of one task definition, or being shifted to those of another."""

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from deployments.waiting import CALLS, DeploymentError, wait

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

# https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentInfo.html
UNDER_WAY = ["Created", "Queued", "InProgress", "Baking", "Ready"]
STEADY = "STEADY_STATE"
# What new tasks get to become healthy. CodeDeploy itself waits for an hour.
INSTALL_SECONDS = 480
SHOWN_EVENTS = 3


@dataclass(frozen=True, kw_only=True)
class Shift:
    """A task definition to be run by a service of a CodeDeploy deployment group, which balances a container's port."""

    application: str
    group: str
    cluster: str
    service: str
    task_definition: str
    container: str
    port: int

    @property
    def description(self) -> str:
        """By what a deployment is found again."""
        return f"Runs {self.task_definition}"

    def application_specification(self) -> str:
        """https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html"""
        properties = {
            "TaskDefinition": self.task_definition,
            "LoadBalancerInfo": {"ContainerName": self.container, "ContainerPort": self.port},
        }
        target = {"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}
        return json.dumps({"version": 0.0, "Resources": [target]})


class Traffic:
    """The deployments of one shift."""

    def __init__(self, region: str, shift: Shift) -> None:
        self._shift = shift
        self._ecs: Any = boto3.client("ecs", region_name=region, config=CALLS)
        self._codedeploy: Any = boto3.client("codedeploy", region_name=region, config=CALLS)

    def under_way(self) -> str | None:
        """The deployment that another invocation did not see the end of. Raises `DeploymentError` for any other."""
        held = self._codedeploy.list_deployments(
            applicationName=self._shift.application,
            deploymentGroupName=self._shift.group,
            includeOnlyStatuses=UNDER_WAY,
        )["deployments"]
        for identity in held:
            described = self._info(identity).get("description")
            if described == self._shift.description:
                return str(identity)
            raise DeploymentError(
                f"deployment {identity} ({described}) is under way; stop it, or deploy again when it ended"
            )
        return None

    def is_shifted(self) -> bool:
        """Whether the service runs the task definition."""
        primary = next(one for one in self._service()["taskSets"] if one["status"] == "PRIMARY")
        return bool(primary["taskDefinition"] == self._shift.task_definition)

    def await_steady(self, context: "LambdaContext") -> None:
        """Returns when the tasks are healthy. Raises `DeploymentError`."""
        if not wait(lambda: self.is_steady() or None, context):
            raise DeploymentError(f"service {self._shift.service} is not steady: {self._events()}")

    def begin(self) -> str:
        """A new deployment's id."""
        content = {"content": self._shift.application_specification()}
        return str(
            self._codedeploy.create_deployment(
                applicationName=self._shift.application,
                deploymentGroupName=self._shift.group,
                revision={"revisionType": "AppSpecContent", "appSpecContent": content},
                description=self._shift.description,
            )["deploymentId"]
        )

    def follow(self, identity: str, context: "LambdaContext") -> None:
        """Returns when the deployment succeeded, and ends one whose tasks never become healthy.

        Raises `DeploymentError`, once a deployment that failed was rolled back.
        """
        outcome = self._ended(identity, context, _Installation(self, identity))
        if outcome["status"] == "Succeeded":
            return
        reason = outcome.get("errorInformation", {}).get("message", "no reason given")
        reason = f"{reason} The service says: {self._events()}"
        rollback = outcome.get("rollbackInfo", {}).get("rollbackDeploymentId")
        if rollback:
            back = self._ended(rollback, context)
            reason = f"{reason} It was rolled back by deployment {rollback}, which ended as {back['status']}."
        raise DeploymentError(f"deployment {identity} ended as {outcome['status']}: {reason}")

    def stop(self, identity: str) -> None:
        """Ends a deployment, which goes back."""
        self._codedeploy.stop_deployment(deploymentId=identity, autoRollbackEnabled=True)

    def _ended(
        self, identity: str, context: "LambdaContext", installation: "_Installation | None" = None
    ) -> dict[str, Any]:
        def ended() -> dict[str, Any] | None:
            found = self._info(identity)
            if found["status"] not in UNDER_WAY:
                return found
            if installation:
                installation.look()
            return None

        outcome = wait(ended, context)
        if outcome is None:
            raise DeploymentError(f"deployment {identity} is not over yet and goes on; deploy again to wait for it")
        return outcome

    def _info(self, identity: str) -> dict[str, Any]:
        found: dict[str, Any] = self._codedeploy.get_deployment(deploymentId=identity)["deploymentInfo"]
        return found

    def _service(self) -> dict[str, Any]:
        found: dict[str, Any] = self._ecs.describe_services(
            cluster=self._shift.cluster, services=[self._shift.service]
        )["services"][0]
        return found

    def is_steady(self) -> bool:
        """Whether the task definition's tasks are all there and healthy."""
        sets = [one for one in self._service()["taskSets"] if one["taskDefinition"] == self._shift.task_definition]
        return any(one["stabilityStatus"] == STEADY for one in sets)

    def _events(self) -> str:
        return " ".join(event["message"] for event in self._service()["events"][:SHOWN_EVENTS])


class _Installation:
    """The new tasks of a deployment until they are healthy for the first time, or given up."""

    def __init__(self, traffic: Traffic, identity: str) -> None:
        self._traffic = traffic
        self._identity = identity
        self._deadline = time.monotonic() + INSTALL_SECONDS
        self._over = False

    def look(self) -> None:
        if self._over:
            return
        self._over = self._traffic.is_steady()
        if not self._over and time.monotonic() > self._deadline:
            self._traffic.stop(self._identity)
            self._over = True
