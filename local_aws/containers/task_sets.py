"""A service whose deployments are CodeDeploy's: it has task sets, each with all of its tasks, instead of deployments.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html
"""

from itertools import chain
from typing import Any

from local_aws.containers.deployment import Deployment
from local_aws.containers.service_run import SCHEDULER, ServiceRun


class TaskSetRun(ServiceRun):
    """The first of its deployments is the primary task set; the others are scaled like it until they are removed."""

    def wanted(self, deployment: Deployment) -> int:
        """How many tasks a task set is to have."""
        return 0 if deployment.removed else self.desired

    def add(self, definition: Any, load_balancers: list[dict[str, Any]]) -> Deployment:
        """A new task set beside the primary, whose tasks are registered elsewhere."""
        added = Deployment(definition, {**self.settings, "loadBalancers": load_balancers})
        self.deployments.append(added)
        self._say(f"has created task set {added.id}.")
        return added

    def make_primary(self, deployment: Deployment) -> None:
        """What the service runs is what the task set runs from now on."""
        self.deployments.sort(key=lambda one: one is not deployment)
        self.settings = {**self.settings, **deployment.settings, "taskDefinition": deployment.definition.arn}
        self.service.task_definition = deployment.definition.arn
        self._say(f"updated its primary task set to {deployment.id}.")

    def remove(self, deployment: Deployment) -> None:
        """Lets the tasks of a task set end; it is gone when they have."""
        deployment.removed = True
        self._say(f"is deleting task set {deployment.id}.")

    def step(self) -> None:
        """Does what is due."""
        for deployment in self.deployments:
            self._tend(deployment)
            self._start_missing(deployment)
            surplus = max(0, len(deployment.active) - self.wanted(deployment))
            for task in sorted(deployment.active, key=lambda task: task.ready)[:surplus]:
                task.stop(SCHEDULER, f"Scaling activity initiated by (task set {deployment.id})")
        self.deployments = [one for one in self.deployments if one is self.primary or not one.removed or one.left]
        tasks = chain.from_iterable(one.left for one in self.deployments)
        if self.service.status == "DRAINING" and not any(tasks):
            self.service.status = "INACTIVE"
