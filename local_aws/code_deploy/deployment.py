"""A blue-green deployment of an ECS service, from the new tasks to the end of the old ones, or back.

https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html
"""

import json
import logging
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local_aws.code_deploy.faults import DeploymentFaultError
from local_aws.code_deploy.routing import route, steps
from local_aws.code_deploy.target import Target
from local_aws.containers.deployment import Deployment as TaskSet
from local_aws.turn import TURN

MINUTE_SECONDS = 0.5
"""A minute of the deployment's configuration, so that nobody waits for what is only to be seen."""

INSTALL_SECONDS = 30.0
"""What new tasks get to become healthy, in the place of CodeDeploy's 60 minutes. Their own checks give up before."""

LOOK_SECONDS = 0.1

CREATED, IN_PROGRESS, SUCCEEDED, FAILED, STOPPED = "Created", "InProgress", "Succeeded", "Failed", "Stopped"
FAILURE, STOP_ON_ALARM, STOP_ON_REQUEST = "DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"

log = logging.getLogger(__name__)


class Deployment:
    """One deployment, which runs on a thread of its own. `given` are the parameters of CreateDeployment."""

    def __init__(
        self, group: Any, given: dict[str, Any], account: str, region: str, register: Callable[..., None]
    ) -> None:
        self.id = f"d-{secrets.token_hex(5)[:9].upper()}"
        self.group = group
        self.given = given
        self.status = CREATED
        self.creator = "user"
        self.error: dict[str, str] = {}
        self.rollback: dict[str, str] = {}
        self.times = {"createTime": datetime.now(UTC)}
        self.stop_rolls_back: bool | None = None
        self.configuration = str(given.get("deploymentConfigName") or group.deployment_config_name)
        self._account, self._region, self._register = account, region, register
        self._stopping = threading.Event()
        self._target: Target | None = None
        self._green: TaskSet | None = None

    @property
    def under_way(self) -> bool:
        return self.status in (CREATED, IN_PROGRESS)

    def begin(self) -> None:
        """Starts it, in the background."""
        threading.Thread(target=self._live, args=[self._deploy], daemon=True, name=f"deploys {self.id}").start()

    def stop(self, rolls_back: bool | None) -> None:
        """Lets it end where it is, and go back if so wanted."""
        self.stop_rolls_back = rolls_back
        self._stopping.set()

    def _live(self, work: Callable[[], None]) -> None:
        self.status, self.times["startTime"] = IN_PROGRESS, datetime.now(UTC)
        status = SUCCEEDED
        try:
            work()
        except DeploymentFaultError as fault:
            status = STOPPED if fault.stopped else FAILED
            self.error = {"code": fault.code, "message": str(fault)}
            self._go_back(fault)
        except Exception as error:
            log.exception("Deployment %s failed", self.id)
            status, self.error = FAILED, {"code": "INTERNAL_ERROR", "message": f"The local AWS failed: {error}"}
        self.status, self.times["completeTime"] = status, datetime.now(UTC)

    def _deploy(self) -> None:
        """Blue's tasks stay until green's have had all requests for a while."""
        properties = self._properties()
        target = self._target = Target.of(self.group, self._account, self._region)
        target.watch()
        run, blue = target.run, target.run.primary
        for action in ("ecs:DescribeServices", "ecs:CreateTaskSet", "ecs:UpdateServicePrimaryTaskSet"):
            target.require(action, run.service.arn)
        for arn in (*target.listeners, *target.test_listeners):
            target.require("elasticloadbalancing:ModifyListener", arn)
        definition, balancer = target.definition(properties["TaskDefinition"]), properties["LoadBalancerInfo"]
        with TURN:
            registered = {
                "targetGroupArn": target.green,
                "containerName": balancer["ContainerName"],
                "containerPort": int(balancer["ContainerPort"]),
            }
            self._green = green = run.add(definition, [registered])
        for arn in target.listeners:
            self._route(arn, 0)
        for arn in target.test_listeners:
            self._route(arn, 100)
        self._await_ready(green)
        for percent, minutes in steps(self.configuration) or []:
            for arn in target.listeners:
                self._route(arn, percent)
            self._pause(minutes)
        with TURN:
            run.make_primary(green)
        self._pause(self._blue_minutes())
        self._settle(target.green)
        with TURN:
            run.remove(blue)

    def _properties(self) -> dict[str, Any]:
        """What the application specification says of the service."""
        revision = self.given["revision"]
        content = (revision.get("appSpecContent") or revision.get("string") or {}).get("content") or ""
        try:
            found: dict[str, Any] = json.loads(content)["Resources"][0]["TargetService"]["Properties"]
        except (ValueError, LookupError, TypeError):
            raise DeploymentFaultError(
                "INVALID_REVISION", "The AppSpec content is not valid for an ECS service."
            ) from None
        return found

    def _await_ready(self, green: TaskSet) -> None:
        """New tasks must be healthy in their target group, which no request reaches before but those of tests."""
        target, deadline = self._reached(), time.monotonic() + INSTALL_SECONDS
        while len(green.ready) < target.run.desired:
            self._pause(0)
            if time.monotonic() > deadline:
                text = "The deployment timed out while waiting for the replacement task set to become healthy."
                raise DeploymentFaultError("TIMEOUT", text)

    def _pause(self, minutes: float) -> None:
        """Raises DeploymentFaultError as soon as an alarm is on, or somebody stops the deployment."""
        deadline = time.monotonic() + max(minutes * MINUTE_SECONDS, LOOK_SECONDS)
        while time.monotonic() < deadline:
            if self._stopping.wait(LOOK_SECONDS):
                raise DeploymentFaultError("MANUAL_STOP", "The deployment was stopped by a user.", stopped=True)
            self._reached().watch()

    def _route(self, arn: str, percent: int) -> None:
        """Lets a part of a listener's requests go to green."""
        target = self._reached()
        route(arn, {target.green: percent, target.blue: 100 - percent})

    def _settle(self, group: str) -> None:
        """Lets all listeners forward to one target group."""
        target = self._reached()
        for arn in (*target.listeners, *target.test_listeners):
            route(arn, {group: 100})

    def _go_back(self, fault: DeploymentFaultError) -> None:
        """Begins the deployment that gives the traffic back to blue, where the group or who stopped this wants it."""
        rules = self.group.auto_rollback_configuration
        event = FAILURE if not fault.stopped else STOP_ON_ALARM if fault.code == "ALARM_ACTIVE" else STOP_ON_REQUEST
        wanted = bool(rules.get("enabled")) and event in (rules.get("events") or [])
        if fault.code == "MANUAL_STOP" and self.stop_rolls_back is not None:
            wanted = self.stop_rolls_back
        if not wanted or self._green is None:
            return
        back = Deployment(self.group, self.given, self._account, self._region, self._register)
        back.creator, back._target, back._green = "codeDeployRollback", self._target, self._green
        back.rollback = {"rollbackTriggeringDeploymentId": self.id}
        self.rollback = {"rollbackDeploymentId": back.id, "rollbackMessage": f"Rolling back with {back.id}."}
        self._register(back)
        threading.Thread(target=back._live, args=[back._restore], daemon=True, name=f"deploys {back.id}").start()

    def _restore(self) -> None:
        target, green = self._reached(), self._green
        assert green is not None  # There is nothing to go back from without it.
        self._settle(target.blue)
        target.require("ecs:DeleteTaskSet", f"{target.run.service.arn.replace(':service/', ':task-set/')}/{green.id}")
        with TURN:
            blue = next(one for one in target.run.deployments if one is not green)
            if target.run.primary is green:
                target.run.make_primary(blue)
            target.run.remove(green)

    def _reached(self) -> Target:
        assert self._target is not None  # It is found before anything is done with it.
        return self._target

    def _blue_minutes(self) -> float:
        terminate = self.group.blue_green_deployment_configuration.get("terminateBlueInstancesOnDeploymentSuccess")
        return float((terminate or {}).get("terminationWaitTimeInMinutes") or 0)
