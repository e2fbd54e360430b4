"""All services and tasks of one local AWS."""

import atexit
import logging
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from moto.ecs.models import Service

from local_aws.containers.images import ImageStore
from local_aws.containers.service_run import KEPT_TASKS, ServiceRun
from local_aws.containers.task import Task
from local_aws.containers.task_request import TaskRequest
from local_aws.containers.task_sets import TaskSetRun
from local_aws.process_folders import process_folder, remove_abandoned
from local_aws.turn import TURN

STEP_SECONDS = 0.1
"""Time between two steps of each service."""

FOLDER_KIND = "local-aws-tasks"

log = logging.getLogger(__name__)


class Scheduler:
    """Everything it starts ends with `stop`, or with this process."""

    def __init__(self) -> None:
        remove_abandoned(FOLDER_KIND)
        self.images = ImageStore()
        self.services: dict[str, ServiceRun] = {}
        self._alone: dict[str, Task] = {}
        self._folder: Path | None = None
        threading.Thread(target=self._run, daemon=True, name="schedules services").start()
        atexit.register(self.stop)

    def add(self, service: Service, settings: dict[str, Any], definition: Any) -> ServiceRun:
        """Lets a new service run."""
        by_codedeploy = (settings.get("deploymentController") or {}).get("type") == "CODE_DEPLOY"
        kind = TaskSetRun if by_codedeploy else ServiceRun
        run = self.services[service.arn] = kind(service, settings, definition, self._start)
        return run

    def run_task(self, request: TaskRequest) -> Task:
        """Starts a task that belongs to no service."""
        task = self._start(request)
        self._alone[task.task_arn] = task
        return task

    def tasks(self) -> list[Task]:
        """All tasks, also some that have stopped."""
        return [*self._alone.values(), *(task for run in list(self.services.values()) for task in run.tasks)]

    def stop(self) -> None:
        """Ends all tasks at once and forgets everything."""
        with TURN:
            tasks = self.tasks()
            self.services.clear()
            self._alone.clear()
            for task in tasks:
                task.stop("UserInitiated", "The local AWS was emptied")
        for task in tasks:
            task.kill()
            task.wait()
        self.images.clear()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None

    def _start(self, request: TaskRequest) -> Task:
        self._folder = self._folder or process_folder(FOLDER_KIND)
        task = Task(request, self.images, Path(tempfile.mkdtemp(dir=self._folder)))
        task.begin()
        return task

    def _run(self) -> None:
        while True:
            time.sleep(STEP_SECONDS)
            for arn, run in list(self.services.items()):
                try:
                    with TURN:
                        if arn in self.services:
                            run.step()
                except Exception:
                    log.exception("Service %s could not be scheduled", arn)
            for task in self.tasks():
                if not task.stopping:
                    task.ship_logs()
            ended = [arn for arn, task in list(self._alone.items()) if task.stopped]
            for arn in ended[:-KEPT_TASKS]:
                self._alone.pop(arn, None)
