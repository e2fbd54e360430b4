"""A container's health check, which really runs.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from local_aws.containers.definition import HealthCheck

STARTING_SECONDS = 1.0
"""Time between two checks until the first that succeeds, in the place of the definition's interval (5 to 300 s)."""

CHECK_SECONDS = 10.0
"""Time between two checks after that: each starts a process, and this computer has many tasks."""

UNKNOWN, HEALTHY, UNHEALTHY = "UNKNOWN", "HEALTHY", "UNHEALTHY"


class ContainerHealth:
    """What a container's health check has found; UNKNOWN for ever where there is none."""

    def __init__(
        self, check: HealthCheck | None, address: str, environment: Mapping[str, str], directory: Path
    ) -> None:
        self.status = UNKNOWN
        self._check = check
        self._address = address
        self._environment = dict(environment)
        self._directory = directory
        self._started = self._next = time.monotonic()
        self._failed = 0

    @property
    def fits(self) -> bool:
        """Whether the container may get work: it is healthy, or nobody asks."""
        return self._check is None or self.status == HEALTHY

    def check(self) -> None:
        """Runs the check if its time has come. Failures do not count at first, until one has succeeded."""
        if self._check is None or time.monotonic() < self._next:
            return
        if self._succeeds(self._check):
            self.status, self._failed = HEALTHY, 0
        elif self.status != UNKNOWN or time.monotonic() > self._started + self._check.start_seconds:
            self._failed += 1
            if self._failed >= self._check.retries:
                self.status = UNHEALTHY
        self._next = time.monotonic() + (STARTING_SECONDS if self.status == UNKNOWN else CHECK_SECONDS)

    def _succeeds(self, check: HealthCheck) -> bool:
        try:
            process = subprocess.Popen(
                check.at(self._address),
                cwd=self._directory,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            return False
        with suppress(subprocess.TimeoutExpired):
            return process.wait(check.timeout) == 0
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False
