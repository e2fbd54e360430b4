"""A deployment of a service: one task definition, brought into service, or given up.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
"""

import math
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local_aws.containers.task import Task

IN_PROGRESS, COMPLETED, FAILED = "IN_PROGRESS", "COMPLETED", "FAILED"
LEAST_FAILURES, MOST_FAILURES = 3, 200
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds before a task is started in the place of one that has failed, doubled with each; AWS's go up to 15 minutes
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html)."""

SHOWN = ("capacityProviderStrategy", "launchType", "networkConfiguration", "platformVersion")
"""What of a service's settings belongs to its deployments."""


class Deployment:
    """Tasks of one task definition under the settings of its time."""

    def __init__(self, definition: Any, settings: Mapping[str, Any]) -> None:
        self.id = f"ecs-svc/{secrets.randbelow(10**19):019d}"
        self.definition = definition
        self.settings = dict(settings)
        self.tasks: list[Task] = []
        self.failed = 0
        self.is_rollback = False
        self.removed = False
        self.state = IN_PROGRESS
        self.reason = f"ECS deployment {self.id} in progress."
        self.created = self.updated = datetime.now(UTC)
        self._next_start = 0.0
        self._counted: set[str] = set()

    @property
    def active(self) -> list[Task]:
        """Tasks that are to run."""
        return [task for task in self.tasks if not task.stopping]

    @property
    def left(self) -> list[Task]:
        """Tasks that have not ended."""
        return [task for task in self.tasks if not task.stopped]

    @property
    def ready(self) -> list[Task]:
        """Tasks that serve."""
        return [task for task in self.active if task.ready]

    @property
    def may_start(self) -> bool:
        return self.state != FAILED and time.monotonic() >= self._next_start

    def count_failures(self) -> None:
        """Counts the tasks that failed in a row: that ended by themselves or by their health before they served.

        One that was ready begins the row anew.
        """
        for task in self.tasks:
            if task.stopping and task.id not in self._counted:
                self._counted.add(task.id)
                if task.stop_code == "ServiceSchedulerInitiated" and not task.stopped_reason.startswith("Task failed"):
                    continue
                self.failed = self.failed if task.was_ready else self.failed + 1
                pause = FIRST_PAUSE * 2 ** min(self.failed, 10)
                self._next_start = time.monotonic() + min(pause, LONGEST_PAUSE)
        if self.ready:
            self.failed = 0

    def broken(self, desired: int) -> bool:
        """Whether the circuit breaker trips."""
        threshold = min(max(math.ceil(desired / 2), LEAST_FAILURES), MOST_FAILURES)
        return self.state == IN_PROGRESS and self.failed >= threshold

    def become(self, state: str, reason: str) -> None:
        """Changes its state."""
        self.state, self.reason, self.updated = state, reason, datetime.now(UTC)

    def shown(self, *, primary: bool, desired: int) -> dict[str, Any]:
        """As DescribeServices shows it."""
        running = [task for task in self.left if task.last_status == "RUNNING"]
        pending = [task for task in self.active if task.last_status != "RUNNING"]
        settings = {name: self.settings[name] for name in SHOWN if self.settings.get(name)}
        return {
            **settings,
            "id": self.id,
            "status": "PRIMARY" if primary else "ACTIVE",
            "taskDefinition": self.definition.arn,
            "desiredCount": desired,
            "runningCount": len(running),
            "pendingCount": len(pending),
            "failedTasks": self.failed,
            "platformFamily": "Linux",
            "rolloutState": self.state,
            "rolloutStateReason": self.reason,
            "createdAt": self.created,
            "updatedAt": self.updated,
        }
