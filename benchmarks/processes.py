"""Measures one child process and everything that it starts."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class BenchmarkError(Exception):
    """A measured command failed; the message holds the end of its output."""


@dataclass(frozen=True)
class Measurement:
    """Wall clock, processor time of the whole process tree, and peak memory of its largest process."""

    seconds: float
    processor_seconds: float
    megabytes: float
    output: str


def measured(arguments: Sequence[str], environment: Mapping[str, str]) -> Measurement:
    """Run Python with these arguments in the project's folder; raises `BenchmarkError` when it fails.

    Linux counts descendants that were waited for in what `wait4` returns: their processor time is added, and the
    memory is that of the largest of them (getrusage(2), RUSAGE_CHILDREN).
    """
    with tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=_child_environment(environment), stdout=output, stderr=output
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if child.returncode != 0:
        raise BenchmarkError(f"{' '.join(arguments)} ended with {child.returncode}:\n{text[-2000:]}")
    kilobytes = usage.ru_maxrss / 1024 if sys.platform == "darwin" else usage.ru_maxrss
    return Measurement(seconds, usage.ru_utime + usage.ru_stime, kilobytes / 1024, text)


def _child_environment(changes: Mapping[str, str]) -> dict[str, str]:
    """The environment of this process, with compiled bytecode allowed, as users have it, and the project's Node.js."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    node = ROOT / "node_modules" / ".bin" / "node"
    if node.is_file():
        environment.setdefault("JSII_NODE", str(node))
    return {**environment, **changes}
