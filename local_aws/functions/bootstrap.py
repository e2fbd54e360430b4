"""The first code in a function's process: makes it end with the local AWS, then starts AWS's Python runtime client."""

import ctypes
import os
import runpy
import signal
import sys

PR_SET_PDEATHSIG = 1
"""From Linux's <sys/prctl.h>."""


def end_with(parent: int) -> None:
    """Lets the kernel kill this process when its parent ends. Elsewhere the runtime client ends when its API does."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("The local AWS has ended.")


if __name__ == "__main__":
    end_with(int(sys.argv.pop(1)))
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)
