"""The first code in the process of a server: makes it end with its parent, then becomes the program.

Command line: bootstrap.py <parent's process id> <program> <argument> ...
"""

import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

LOOK_SECONDS = 0.5


def run_while(parent: int, command: list[str]) -> int:
    """Runs a program where the kernel does not end it with its parent; the program's exit code."""
    process = subprocess.Popen(command)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while process.poll() is None:
        if os.getppid() != parent:
            process.kill()
        time.sleep(LOOK_SECONDS)
    return process.returncode


if __name__ == "__main__":
    parent, command = int(sys.argv[1]), sys.argv[2:]
    # Loaded by path: importing its package takes long, and this process has no packages.
    functions = runpy.run_path(str(Path(__file__).parent.parent / "functions/bootstrap.py"))
    functions["end_with"](parent)
    if sys.platform != "linux":
        sys.exit(run_while(parent, command))
    os.execv(command[0], command)
