"""The service as one process, and the memory that it takes."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import ROOT, BenchmarkError

CODE = (ROOT / "lib" / "container", ROOT / "lib" / "lambda")
START_SECONDS = 60


@dataclass(frozen=True)
class Memory:
    """Megabytes of a process as Linux counts them (proc_pid_smaps(5)): `resident` is all that it has in memory, in
    `proportional` what it shares with other processes counts by its share alone."""

    resident: float = 0.0
    proportional: float = 0.0


@dataclass(frozen=True)
class Service:
    """A service that answers."""

    port: int
    pid: int

    def memory(self) -> Memory:
        """What it has in memory now."""
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()[1:]
        megabytes = {name: int(size) / 1024 for name, size, _unit in map(str.split, lines)}
        return Memory(megabytes["Rss:"], megabytes["Pss:"])

    def processor_seconds(self) -> float:
        """What it has had of the processors so far, in the clock ticks of proc_pid_stat(5): fields 14 and 15."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def service(environment: Mapping[str, str], log: Path) -> Iterator[Service]:
    """Ends with this block. Raises `BenchmarkError` with the end of its log."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = int(unused.getsockname()[1])
    path = os.pathsep.join(map(str, CODE))
    variables = {**environment, "PYTHONPATH": path, "SERVICE_HOST": "127.0.0.1", "SERVICE_PORT": str(port)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "payment_service"], env=variables, stdout=output, stderr=output
        )
    try:
        _wait(port, process, log)
        yield Service(port, process.pid)
    finally:
        process.terminate()
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        with suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.05)
    raise BenchmarkError(f"the service did not start:\n{log.read_text(errors='replace')[-2000:]}")
