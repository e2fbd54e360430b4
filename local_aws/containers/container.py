"""One container of a task: a process with its environment, its health check and its log."""

import os
import shutil
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_aws.containers.definition import ContainerDefinition
from local_aws.containers.errors import TaskStartError
from local_aws.containers.health import HEALTHY, UNHEALTHY, UNKNOWN, ContainerHealth
from local_aws.containers.image_content import ImageContent
from local_aws.containers.logs import LogStream
from local_aws.containers.process import ContainerProcess

PATH = os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"])
"""Where programs of an image are looked for: this project's own first, whose packages stand in for the image's."""


class Container:
    """A container. `directory` is a folder of its own, for temporary files and its output."""

    def __init__(self, definition: ContainerDefinition, task_arn: str, directory: Path) -> None:
        self.definition = definition
        self.arn = f"{task_arn.replace(':task/', ':container/')}/{uuid.uuid4()}"
        self.digest = ""
        self.health: ContainerHealth | None = None
        self._task_arn = task_arn
        self._directory = directory
        self._process: ContainerProcess | None = None
        self._log: LogStream | None = None

    def start(
        self, image: ImageContent, digest: str, address: str, variables: Mapping[str, str], log: LogStream
    ) -> None:
        """Starts the process. `variables` are those that the platform sets. Raises TaskStartError."""
        self.digest, self._log = digest, log
        environment = self._environment(image, variables)
        folder = image.inside(self.definition.directory)
        command = self._command(image, environment["PATH"])
        self._process = ContainerProcess(command, environment, folder, self.output)
        self.health = ContainerHealth(self.definition.health_check, address, environment, folder)

    @property
    def output(self) -> Path:
        """What the process has written."""
        return self._directory / "output"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    @property
    def exit_code(self) -> int | None:
        """How the process has ended; None while it runs or has never run."""
        return None if self._process is None or self._process.running else self._process.exit_code

    @property
    def health_status(self) -> str:
        return self.health.status if self.health else UNKNOWN

    @property
    def fits(self) -> bool:
        """Whether it may get work."""
        return self.running and self.health is not None and self.health.fits

    def ship_log(self, *, last: bool = False) -> None:
        """Sends what was written to the log stream."""
        if self._log:
            self._log.ship(last=last)

    def terminate(self) -> None:
        """Asks the process to end, and does not wait."""
        if self._process:
            self._process.terminate()

    def end(self, seconds: float) -> None:
        """Gives the process this long to end, then kills it."""
        if self._process:
            self._process.stop(seconds)

    def shown(self, last_status: str) -> dict[str, Any]:
        """As DescribeTasks shows it."""
        shown = {
            "containerArn": self.arn,
            "taskArn": self._task_arn,
            "name": self.definition.name,
            "image": self.definition.image,
            "imageDigest": self.digest or None,
            "runtimeId": f"{self._task_arn.rpartition('/')[2]}-{self.pid}" if self.pid else None,
            "lastStatus": last_status,
            "healthStatus": self.health_status,
            "exitCode": self.exit_code,
        }
        return {name: value for name, value in shown.items() if value is not None}

    def _environment(self, image: ImageContent, variables: Mapping[str, str]) -> dict[str, str]:
        temporary = self._directory / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        path = [str(image.inside(self.definition.directory))]
        for entry in image.environment.get("PYTHONPATH", "").split(":"):
            if entry and image.inside(entry).is_dir() and str(image.inside(entry)) not in path:
                path.append(str(image.inside(entry)))
        return {
            "HOME": str(temporary),
            "HOSTNAME": self._task_arn.rpartition("/")[2],
            "LANG": "C.UTF-8",
            "PYTHONPYCACHEPREFIX": str(temporary / "bytecode"),
            "TMPDIR": str(temporary),
            **image.environment,
            **self.definition.environment,
            **variables,
            "PATH": PATH,
            "PYTHONPATH": os.pathsep.join(path),
        }

    def _command(self, image: ImageContent, path: str) -> list[str]:
        """Entry point and command; a definition's entry point takes both places."""
        given = self.definition
        words = [*(given.entrypoint or image.entrypoint)]
        words += given.command or (() if given.entrypoint else image.command)
        if not words:
            raise TaskStartError("CannotStartContainerError", "no command specified")
        own = image.inside(words[0])
        program = str(own) if own.is_file() else shutil.which(Path(words[0]).name, path=path)
        if program is None:
            raise TaskStartError("CannotStartContainerError", f'exec: "{words[0]}": executable file not found in $PATH')
        return [program, *words[1:]]


def task_health(containers: list[Container]) -> str:
    """The health of a task: that of its essential containers which have a check.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
    """
    checked = [one for one in containers if one.definition.essential and one.definition.health_check]
    states = {one.health_status for one in checked}
    if UNHEALTHY in states:
        return UNHEALTHY
    return HEALTHY if states == {HEALTHY} else UNKNOWN
