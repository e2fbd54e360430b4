"""`make demo` as its user sees it when it is interrupted: nothing stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tap import toolchain

START_SECONDS, STOP_SECONDS = 180, 120


@pytest.fixture
def demo(tmp_path: Path) -> subprocess.Popen[str]:
    """A demo that has begun to deploy, with its temporary files under `tmp_path`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "local_aws.demo"],
        cwd=toolchain.ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    deadline = time.monotonic() + START_SECONDS
    seen: list[str] = []
    while "created aws_" not in (line := process.stdout.readline()):
        seen.append(line)
        assert process.poll() is None, "".join(seen)
        assert time.monotonic() < deadline, "".join(seen)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_process_and_no_state(
    demo: subprocess.Popen[str], tmp_path: Path, number: signal.Signals
) -> None:
    children = _processes_of(tmp_path)
    assert children, "the local AWS and Terraform work under the temporary folder"
    demo.send_signal(number)
    output, _ = demo.communicate(timeout=STOP_SECONDS)
    assert demo.returncode == 130, output
    assert "demo: interrupted" in output
    assert _processes_of(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_killed_demo_leaves_no_process(demo: subprocess.Popen[str], tmp_path: Path) -> None:
    demo.kill()
    demo.communicate(timeout=STOP_SECONDS)
    deadline = time.monotonic() + STOP_SECONDS
    while (running := _processes_of(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert running == []


def _processes_of(folder: Path) -> list[str]:
    """Return the command lines of the processes that name the folder or work in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if str(folder) in command or str(folder) in str((process / "cwd").readlink()):
                found.append(command)
        except OSError:
            continue
    return found
