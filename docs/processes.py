"""A process and everything below it, killed as by a computer that fails."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress


def kill_with_children(pid: int) -> None:
    """SIGKILL to the process and to all that it started, and these started."""
    children = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    started: dict[int, list[int]] = {}
    for line in children.splitlines():
        child, parent = map(int, line.split())
        started.setdefault(parent, []).append(child)
    below, waiting = [], [pid]
    while waiting:
        below.append(waiting.pop())
        waiting += started.get(below[-1], [])
    # Children first: a parent that ends would let them finish in good order.
    for process in reversed(below):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
