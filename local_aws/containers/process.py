"""The process that runs a container's command."""

import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from local_aws.databases.server_process import ServerProcess

IN_DIRECTORY = ("/bin/sh", "-c", 'cd "$0" && unset OLDPWD && exec "$@"')
"""Starts a command in a directory, as the same process."""


class ContainerProcess(ServerProcess):
    """A container's main process. It ends with this process, however that ends. What it writes goes to `output`."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], directory: Path, output: Path) -> None:
        super().__init__([*IN_DIRECTORY, str(directory), *command], output, environment=environment)

    def terminate(self) -> None:
        """Asks it to end (SIGTERM), and does not wait."""
        if self.running:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    @property
    def exit_code(self) -> int:
        """How it has ended, as a shell says it: 128 and the signal's number where a signal did it."""
        code: int = self._popen.returncode
        return code if code >= 0 else 128 - code
