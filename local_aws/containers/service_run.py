"""A service that runs: its tasks are brought in line with what its API says, one small step at a time."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from uuid import uuid4

from moto.cloudwatch.models import cloudwatch_backends
from moto.ecs.models import Service

from local_aws.containers.capacity import next_provider
from local_aws.containers.deployment import COMPLETED, FAILED, IN_PROGRESS, Deployment
from local_aws.containers.health import UNHEALTHY
from local_aws.containers.registration import Registrations
from local_aws.containers.task import Task
from local_aws.containers.task_request import TaskRequest

SCHEDULER = "ServiceSchedulerInitiated"
KEPT_EVENTS = 100
KEPT_TASKS = 20
"""Stopped tasks that can still be described, of a deployment or of none; AWS shows them for an hour."""

MOST_STARTED = 500
"""ECS's own pace (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html)."""

Starter = Callable[[TaskRequest], Task]


class ServiceRun:
    """A service of moto's, with `settings` as its API has them, and the deployments of it, the newest first."""

    def __init__(self, service: Service, settings: dict[str, Any], definition: Any, start: Starter) -> None:
        self.service = service
        self.settings = settings
        self.created = datetime.now(UTC)
        self.deployments = [Deployment(definition, settings)]
        self.events: list[dict[str, Any]] = []
        self._start = start
        self._completed: Deployment | None = None

    @property
    def primary(self) -> Deployment:
        return self.deployments[0]

    @property
    def tasks(self) -> list[Task]:
        """All tasks, also some that have stopped."""
        return list(chain.from_iterable(one.tasks for one in self.deployments))

    @property
    def desired(self) -> int:
        """How many tasks are wanted: none once the service is being deleted."""
        return int(self.service.desired_count) if self.service.status == "ACTIVE" else 0

    def wanted(self, deployment: Deployment) -> int:
        """How many tasks a deployment is to have: the older as many as it still has."""
        return self.desired if deployment is self.primary else len(deployment.active)

    def deploy(self, definition: Any) -> None:
        """Begins a new deployment, with the settings as they are now."""
        if self.primary.state == IN_PROGRESS:
            self.primary.become(IN_PROGRESS, f"ECS deployment {self.primary.id} was replaced.")
        self.deployments.insert(0, Deployment(definition, self.settings))
        self._say("has started a new deployment")

    def step(self) -> None:
        """Does what is due: stops who is unhealthy, starts and stops tasks, ends deployments."""
        for deployment in self.deployments:
            self._tend(deployment)
        if self.service.status == "ACTIVE":
            self._guard()
        most = self._limit("maximumPercent", 200, math.floor)
        present = sum(len(one.left) for one in self.deployments)
        self._start_missing(self.primary, max(most, self.desired) - present)
        self._stop_surplus()
        self._complete()

    def _tend(self, deployment: Deployment) -> None:
        """Stops tasks that are unhealthy, and forgets those that stopped long ago."""
        self._stop_unhealthy(deployment)
        deployment.count_failures()
        stopped = [task for task in deployment.tasks if task.stopped]
        for task in stopped[:-KEPT_TASKS]:
            deployment.tasks.remove(task)

    def _stop_unhealthy(self, deployment: Deployment) -> None:
        """Stops tasks that their health checks have given up, once the service's grace period is over for them.

        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
        """
        grace = timedelta(seconds=int(self.settings.get("healthCheckGracePeriodSeconds") or 0))
        for task in deployment.active:
            if datetime.now(UTC) - task.times.get("startedAt", task.times["createdAt"]) < grace:
                continue
            if task.health_status == UNHEALTHY:
                task.stop(SCHEDULER, "Task failed container health checks")
            elif task.unhealthy_group:
                reason = f"Task failed ELB health checks in (target-group {task.unhealthy_group})"
                task.stop(SCHEDULER, reason)

    def _guard(self) -> None:
        """Gives a deployment up whose tasks fail, or whose alarms go off; goes back to the last one that was good."""
        rules, failing = self.settings.get("deploymentConfiguration") or {}, self.primary
        breaker, alarms = rules.get("deploymentCircuitBreaker") or {}, rules.get("alarms") or {}
        cause, rollback = "", False
        if breaker.get("enable") and failing.broken(self.desired):
            cause, rollback = "tasks failed to start", breaker.get("rollback", False)
        elif alarms.get("enable") and failing.state == IN_PROGRESS and self._alarmed(alarms.get("alarmNames") or []):
            cause, rollback = "an alarm is in ALARM state", alarms.get("rollback", False)
        if not cause or failing.is_rollback:
            return
        failing.become(FAILED, f"ECS deployment failed: {cause}.")
        self._say(f"(deployment {failing.id}) {failing.reason}")
        if rollback and self._completed and self._completed is not failing:
            good = self._completed
            self.service.task_definition = good.definition.arn
            self.settings = {**self.settings, **good.settings, "taskDefinition": good.definition.arn}
            self.deploy(good.definition)
            self.primary.is_rollback = True
            self.primary.reason = f"{failing.reason} Rolling back to deploymentId {good.id}."

    def _alarmed(self, names: list[str]) -> bool:
        alarms = cloudwatch_backends[self.service._account_id][self.service.region_name].alarms
        return any(name in alarms and alarms[name].state_value == "ALARM" for name in names)

    def _start_missing(self, deployment: Deployment, most: int = MOST_STARTED) -> None:
        """Starts tasks of a deployment, and not more than `most`."""
        missing = min(self.wanted(deployment) - len(deployment.active), most)
        started = 0
        while started < missing and deployment.may_start:
            deployment.tasks.append(self._start(self._request(deployment)))
            started += 1
        if started:
            names = "".join(f"(task {task.id})" for task in deployment.tasks[-started:])
            self._say(f"has started {started} tasks: {names}.")

    def _stop_surplus(self) -> None:
        """Stops what is too much, and the old as far as enough of all are ready; who is not ready goes first."""
        primary = self.primary
        surplus = sorted(primary.active, key=lambda task: task.ready)[: max(0, len(primary.active) - self.desired)]
        least = self._limit("minimumHealthyPercent", 100, math.ceil)
        older = sorted(chain.from_iterable(one.active for one in self.deployments[1:]), key=lambda task: task.ready)
        spare = sum(len(one.ready) for one in self.deployments) - least
        for task in older:
            if not task.ready or spare > 0:
                surplus.append(task)
                spare -= task.ready
        for task in surplus:
            task.stop(SCHEDULER, f"Scaling activity initiated by (deployment {primary.id})")

    def _limit(self, name: str, default: int, rounded: Callable[[float], int]) -> int:
        percent = (self.settings.get("deploymentConfiguration") or {}).get(name)
        return rounded(self.desired * (default if percent is None else int(percent)) / 100)

    def _complete(self) -> None:
        """Ends deployments that have no tasks left, and the newest when all of its tasks are ready."""
        primary, older = self.primary, self.deployments[1:]
        if not any(one.left for one in older) and len(primary.ready) >= self.desired:
            self.deployments = [primary]
            if primary.state == IN_PROGRESS:
                primary.become(COMPLETED, f"ECS deployment {primary.id} completed.")
                self._completed = primary
                self._say(f"(deployment {primary.id}) deployment completed.")
                self._say("has reached a steady state.")
        if self.service.status == "DRAINING" and not any(one.left for one in self.deployments):
            self.service.status = "INACTIVE"

    def _request(self, deployment: Deployment) -> TaskRequest:
        settings, service = deployment.settings, self.service
        held = [task.request.capacity_provider for task in deployment.active]
        tags = service.tags if settings.get("propagateTags") == "SERVICE" else []
        if settings.get("propagateTags") == "TASK_DEFINITION":
            tags = deployment.definition.tags
        return TaskRequest(
            cluster_arn=service.cluster_arn,
            definition=deployment.definition,
            network=settings["networkConfiguration"],
            group=f"service:{service.name}",
            started_by=deployment.id,
            capacity_provider=next_provider(settings.get("capacityProviderStrategy") or [], held),
            registrations=Registrations(
                tuple(settings.get("loadBalancers") or ()), tuple(settings.get("serviceRegistries") or ())
            ),
            tags=tuple(tags),
        )

    def _say(self, text: str) -> None:
        event = {"id": str(uuid4()), "createdAt": datetime.now(UTC), "message": f"(service {self.service.name}) {text}"}
        self.events = [event, *self.events[: KEPT_EVENTS - 1]]
