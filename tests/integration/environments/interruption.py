"""Ends a command in the middle of its work, with everything that it started, as a crash or a person would.

`Moment` says when by what `tap.progress.RunProgress` reports, so that it does not hang on the speed of the computer.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

MARK = "INTERRUPTION_RUN"
"""A variable that all processes of a run inherit: Terraform is in a session of its own, with another parent."""
_CHANGE = re.compile(r"^\[(?P<done>\d+)/(?P<total>\d+)\] ")
_STARTED = re.compile(r": started$")


@dataclass(frozen=True)
class Moment:
    """`fraction` of the changes are made, and `delay` seconds have passed; before the first change if it is negative.

    `title` is the run's, as in `deploy: started`.
    """

    title: str
    fraction: float
    delay: float
    number: signal.Signals

    @classmethod
    def random(cls, title: str, seed: int) -> Moment:
        """Any moment of a run, a tenth of them before its first change; odd seeds are for SIGINT, even ones SIGKILL."""
        chosen = random.Random(f"{title} {seed}")
        number = signal.SIGINT if seed % 2 else signal.SIGKILL
        return cls(title, chosen.uniform(-0.1, 1), chosen.uniform(0, 3), number)

    def __str__(self) -> str:
        return f"{self.number.name} at {self.fraction:.0%} of {self.title} + {self.delay:.1f} s"


@dataclass
class Run:
    """How a command ended: `interrupted` if it was still at work then; `code` is -n for one that signal n killed."""

    code: int = 0
    interrupted: bool = False
    seconds: float = 0.0
    stdout: str = ""
    stderr: list[str] = field(default_factory=list)


def run(command: Sequence[str], environment: Mapping[str, str], *, directory: Path, until: Moment | None = None) -> Run:
    """Run a command to its end, or until a moment.

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
    result = Run()
    reached = threading.Event()
    reader = threading.Thread(target=_read, args=[process, result, until, reached], daemon=True)
    printed: list[str] = []
    printer = threading.Thread(target=lambda: printed.append(process.stdout.read() if process.stdout else ""))
    try:
        reader.start()
        printer.start()
        if until:
            result.interrupted = _interrupt(process, until, reached, mark)
        process.wait()
    finally:
        _kill_all(mark)
        process.wait()
        reader.join()
        printer.join()
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()
    result.code, result.stdout, result.seconds = process.returncode, "".join(printed), time.monotonic() - started
    return result


def _read(process: subprocess.Popen[str], result: Run, until: Moment | None, reached: threading.Event) -> None:
    assert process.stderr is not None
    titled = False
    for line in process.stderr:
        result.stderr.append(line.rstrip())
        if until is None:
            continue
        if _STARTED.search(line.rstrip()):
            titled = line.startswith(until.title)
        change = _CHANGE.match(line)
        done = int(change["done"]) / int(change["total"]) if change else 0.0
        if titled and (until.fraction < 0 or (change and done >= until.fraction)):
            reached.set()


def _interrupt(process: subprocess.Popen[str], until: Moment, reached: threading.Event, mark: str) -> bool:
    """Whether the command was still at work at that moment."""
    while not reached.wait(0.1):
        if process.poll() is not None:
            return False
    with suppress(subprocess.TimeoutExpired):
        process.wait(until.delay)
        return False
    if until.number is signal.SIGKILL:
        _kill_all(mark)
    else:
        process.send_signal(until.number)
    return True


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
