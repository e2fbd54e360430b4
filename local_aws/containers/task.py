"""One task: its containers from start to end.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
"""

import logging
import shutil
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from local_aws.containers.container import Container, task_health
from local_aws.containers.credentials import TaskCredentials, require_trust
from local_aws.containers.definition import container_definitions
from local_aws.containers.errors import TaskStartError
from local_aws.containers.health import UNHEALTHY
from local_aws.containers.images import ImageStore
from local_aws.containers.logs import LogStream
from local_aws.containers.network import TaskNetwork
from local_aws.containers.platform import platform_variables
from local_aws.containers.secret_values import secret_value
from local_aws.containers.task_request import TaskRequest
from local_aws.databases.errors import DatabaseError
from local_aws.turn import TURN

LOOK_SECONDS = 0.1
"""Time between two looks at what a task's containers do."""

DEFAULT_PORT = 8080

log = logging.getLogger(__name__)


class Task:
    """A task, which lives on a thread of its own. `directory` is a folder of its own."""

    def __init__(self, request: TaskRequest, images: ImageStore, directory: Path) -> None:
        self.request = request
        self.task_arn = request.new_arn()
        self.id = self.task_arn.rpartition("/")[2]
        self.cluster_arn = request.cluster_arn
        self.task_definition_arn: str = request.definition.arn
        self.tags = [dict(tag) for tag in request.tags]
        self.last_status = "PROVISIONING"
        self.desired_status = "RUNNING"
        self.stop_code = self.stopped_reason = ""
        self.times = {"createdAt": datetime.now(UTC)}
        self.was_ready = False
        self.network: TaskNetwork | None = None
        self.containers = [
            Container(one, self.task_arn, directory / one.name)
            for one in container_definitions(request.definition, request.overrides)
        ]
        self._credentials: TaskCredentials | None = None
        self._images = images
        self._directory = directory
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True, name=f"task {self.id}")

    def begin(self) -> None:
        """Starts it, in the background."""
        self._thread.start()

    def stop(self, code: str, reason: str) -> None:
        """Lets it end, in the background."""
        if not self._stopping.is_set():
            self.stop_code, self.stopped_reason = code, reason
            self.desired_status = "STOPPED"
            self._stopping.set()

    def wait(self) -> None:
        """Waits until it has ended."""
        self._ended.wait()

    def kill(self) -> None:
        """Ends its processes at once. Who waits for it has to `wait`."""
        for container in self.containers:
            container.end(0)

    @property
    def stopping(self) -> bool:
        """True from the first reason to end on."""
        return self._stopping.is_set()

    @property
    def stopped(self) -> bool:
        return self._ended.is_set()

    @property
    def health_status(self) -> str:
        return task_health(self.containers)

    @property
    def ready(self) -> bool:
        """True while it runs, is healthy and gets requests from all its load balancers."""
        running = self.last_status == "RUNNING" and not self.stopping
        fits = running and all(one.fits for one in self.containers if one.definition.essential)
        if fits and self.network and self.request.registrations.healthy(self.network.address):
            self.was_ready = True
            return True
        return False

    @property
    def unhealthy_group(self) -> str:
        """The target group whose health checks it fails."""
        return self.request.registrations.unhealthy_group(self.network.address) if self.network else ""

    def ship_logs(self) -> None:
        """Sends what the containers have written."""
        for container in self.containers:
            container.ship_log()

    def _live(self) -> None:
        try:
            with TURN:
                self._start()
            self._become("ACTIVATING")
            if self.network:
                self.request.registrations.register(self.network.address, self.id, self._attributes())
            self._become("RUNNING", "startedAt")
            self._watch()
        except (TaskStartError, DatabaseError) as error:
            self.stop("TaskFailedToStart", str(error))
        except Exception as error:
            log.exception("Task %s failed", self.task_arn)
            self.stop("TaskFailedToStart", f"The local AWS failed: {error}")
        try:
            self._end()
        except Exception:
            log.exception("Task %s did not end well", self.task_arn)
        finally:
            self._become("STOPPED", "stoppedAt")
            self._ended.set()

    def _start(self) -> None:
        """Pulls images, fetches secrets, starts the containers that can be had. Raises TaskStartError."""
        request, account, region = self.request, self.request.account, self.request.region
        require_trust(request.execution_role, account, region)
        self._become("PENDING", "pullStartedAt")
        ports = [int(port["containerPort"]) for port in request.ports] or [DEFAULT_PORT]
        self.network = TaskNetwork(request.network, account, region, ports[0])
        self._credentials = TaskCredentials(request.task_role, self.task_arn)
        variables = platform_variables(region, self.network.address) | self._credentials.variables()
        for container in self.containers:
            definition = container.definition
            try:
                image, digest = self._images.pull(definition.image, request.execution_role)
            except TaskStartError as error:
                if definition.essential:
                    raise
                log.warning("%s of %s does not run: %s", definition.name, self.task_arn, error)
                continue
            secrets = {
                name: secret_value(value, request.execution_role, account, region)
                for name, value in definition.secrets.items()
            }
            stream = LogStream(
                definition.log_options,
                f"{definition.name}/{self.id}",
                request.execution_role,
                account,
                container.output,
            )
            container.start(image, digest, self.network.address, {**secrets, **variables}, stream)
        self.times["pullStoppedAt"] = datetime.now(UTC)

    def _watch(self) -> None:
        """Returns when an essential container has ended, or when the task is to stop."""
        essential = [one for one in self.containers if one.definition.essential]
        while not self._stopping.wait(LOOK_SECONDS):
            ended = next((one for one in essential if not one.running), None)
            if ended:
                self.stop("EssentialContainerExited", "Essential container in task exited")
                return
            for container in self.containers:
                if container.running and container.health:
                    container.health.check()
            self.request.registrations.set_health(self.id, self.health_status != UNHEALTHY)

    def _end(self) -> None:
        """Takes it out of its load balancers, then ends the containers: SIGTERM, and SIGKILL after their time."""
        self._become("DEACTIVATING", "stoppingAt")
        if self.network:
            self.request.registrations.deregister(self.network.address, self.id)
        self._become("STOPPING")
        for container in self.containers:
            container.terminate()
        deadline = time.monotonic()
        for container in self.containers:
            container.end(max(0.0, deadline + container.definition.stop_seconds - time.monotonic()))
            container.ship_log(last=True)
        self._become("DEPROVISIONING", "executionStoppedAt")
        with TURN:
            if self.network:
                self.network.remove()
            if self._credentials:
                self._credentials.end()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _become(self, status: str, time_name: str = "") -> None:
        self.last_status = status
        if time_name:
            self.times[time_name] = datetime.now(UTC)

    def _attributes(self) -> dict[str, str]:
        """What Cloud Map knows of it
        (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-discovery.html)."""
        assert self.network
        return {
            "AVAILABILITY_ZONE": self.network.zone,
            "AWS_INIT_HEALTH_STATUS": "HEALTHY",
            "AWS_INSTANCE_IPV4": self.network.address,
            "ECS_CLUSTER_NAME": self.cluster_arn.rpartition("/")[2],
            "ECS_SERVICE_NAME": self.request.group.removeprefix("service:"),
            "ECS_TASK_DEFINITION_FAMILY": self.request.definition.family,
            "REGION": self.request.region,
        }
