"""Ends a command in the middle of its work, with everything that it started, as a crash or a person would."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MARK = "INTERRUPTION_RUN"
"""A variable that all processes of a run inherit: Terraform is in a session of its own, with another parent."""


@dataclass(frozen=True)
class Run:
    """How a command ended: `interrupted` if it was still at work then; `code` is -n for one that signal n killed."""

    code: int
    interrupted: bool
    seconds: float
    stdout: str
    stderr: str


def run(command: Sequence[str], environment: Mapping[str, str], *, directory: Path) -> Run:
    """Run a command to its end."""
    return run_interrupted(command, environment, directory=directory, after=None)


def run_interrupted(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    directory: Path,
    after: float | None,
    number: signal.Signals = signal.SIGKILL,
) -> Run:
    """Run a command, and after so many seconds end it.

    SIGKILL ends everything that it started, wherever; another signal goes to the command alone, which is waited for.
    """
    mark = str(uuid.uuid4())
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=directory,
        env={**environment, MARK: mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    interrupted = False
    try:
        output = process.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        interrupted = True
        if number is signal.SIGKILL:
            _kill_all(mark)
        else:
            process.send_signal(number)
        output = process.communicate()
    except BaseException:
        _kill_all(mark)
        raise
    return Run(process.returncode, interrupted, time.monotonic() - started, *output)


def _kill_all(mark: str) -> None:
    """Stop every process of the run before any is killed, so that none of them sees another one die."""
    stopped: set[int] = set()
    while new := _processes(mark) - stopped:
        for pid in new:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        stopped |= new
    for pid in stopped:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _processes(mark: str) -> set[int]:
    wanted = f"{MARK}={mark}".encode()
    found = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if wanted in path.read_bytes().split(b"\0"):
                found.add(int(path.parent.name))
    return found
