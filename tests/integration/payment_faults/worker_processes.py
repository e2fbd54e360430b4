"""The workers as the coordinator sees them: started, asked, found dead."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
WORKER = "tests.integration.payment_faults.worker"
FUNCTION_TIMEOUT_SECONDS = 30.0
MARGIN_SECONDS = 5.0
"""For a busy machine; what takes as long as this hangs."""


class WorkerDiedError(Exception):
    """The worker ended while it had an event; no answer came."""


class WorkerHangsError(Exception):
    """The worker took longer than the function may."""


@dataclass(frozen=True)
class Reply:
    """The handler's answer, or the name of the error that it raised."""

    answer: dict[str, Any] | None
    error: str | None


@dataclass(frozen=True)
class Rest:
    """Whether the work after the answer ended in time, and whether the armed fault, other than dying, happened."""

    idle: bool
    fault_happened: bool


class Worker:
    """One process that answers one event after the other."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(FUNCTION_TIMEOUT_SECONDS + MARGIN_SECONDS)
        self._socket.connect(address)
        self._lines = self._socket.makefile("rw", encoding="utf-8")

    def invoke(self, event: Mapping[str, Any], *, fault: str | None = None, clock_hours: float = 0) -> Reply:
        """The reply to an event. Raises WorkerDiedError, WorkerHangsError."""
        reply = self._ask({"event": event, "fault": fault, "clock_hours": clock_hours})
        return Reply(reply.get("answer"), reply.get("error"))

    def rest(self) -> Rest:
        """Lets the worker do its work after the answer. Raises as `invoke` does."""
        state = self._receive()
        return Rest(state["idle"], state["fault_happened"])

    def close(self) -> None:
        """Lets it end."""
        self._socket.close()
        self._lines.close()

    def _ask(self, message: Mapping[str, Any]) -> dict[str, Any]:
        try:
            self._lines.write(json.dumps(message) + "\n")
            self._lines.flush()
        except OSError:
            raise WorkerDiedError from None
        return self._receive()

    def _receive(self) -> dict[str, Any]:
        try:
            line = self._lines.readline()
        except TimeoutError:
            raise WorkerHangsError("no answer within the function's time") from None
        except OSError:
            line = ""
        if not line.endswith("\n"):
            raise WorkerDiedError
        message: dict[str, Any] = json.loads(line)
        return message


class WorkerProcesses:
    """Makes workers. `logs` has a file for each, with all that it wrote."""

    def __init__(self, address: str, logs: Path) -> None:
        self._address = address
        self.logs = logs

    @classmethod
    @contextmanager
    def started(cls, logs: Path, environment: Mapping[str, str]) -> Iterator[WorkerProcesses]:
        """They end with this block, and with this process however it ends."""
        logs.mkdir()
        path = os.pathsep.join([str(ROOT / "lib/lambda"), str(ROOT)])
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
        with tempfile.TemporaryDirectory(prefix="workers-") as folder:
            address = f"{folder}/s"
            process = subprocess.Popen(
                [sys.executable, "-m", WORKER, address, str(logs)],
                env={**kept, **environment, "PYTHONPATH": path},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=(logs / "first.log").open("wb"),
                cwd=logs,
            )
            assert process.stdin
            assert process.stdout
            try:
                if process.stdout.readline() != b"ready\n":
                    raise AssertionError(f"the workers did not start:\n{(logs / 'first.log').read_text()[-2000:]}")
                yield cls(address, logs)
            finally:
                process.kill()
                process.wait()
                process.stdin.close()
                process.stdout.close()

    def new(self) -> Worker:
        return Worker(self._address)

    def texts(self) -> dict[str, str]:
        """What they wrote, by file."""
        return {f"{self.logs.name}/{path.name}": path.read_text(errors="replace") for path in self.logs.iterdir()}
