"""The parent's side of the workers: starts them, gives orders to some of them at once, collects what they measured."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from benchmarks.payment_environment import function_python
from benchmarks.processes import BenchmarkError
from benchmarks.warm_payment.batch import Batch, Kind


class WorkerProcess:
    """One worker; methods raise `BenchmarkError` with the end of its log when it has ended."""

    def __init__(self, name: str, environment: Mapping[str, str], log: Path) -> None:
        self.payments = 0
        self.transactions = 0
        self._log = log
        reading, writing = os.pipe()
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*function_python(), "-m", "benchmarks.warm_payment.worker", name, str(writing)],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                pass_fds=[writing],
            )
        os.close(writing)
        assert self._process.stdin
        self._orders: IO[bytes] = self._process.stdin
        self._replies = os.fdopen(reading, encoding="utf-8")

    def prepare(self, kind: Kind, count: int) -> None:
        """Orders so many of this kind, which are counted."""
        self.payments += count if kind.has_payments else 0
        self.transactions += count if kind.has_floor else 0
        self._send(json.dumps({"kind": kind, "count": count}))

    def go(self) -> None:
        self._send("go")

    def reply(self) -> str:
        """The next line that it says."""
        line = self._replies.readline()
        if not line:
            self._process.wait()
            raise BenchmarkError(f"a worker has ended:\n{self._log.read_text(errors='replace')[-2000:]}")
        return line

    def close(self) -> None:
        """Ends it."""
        self._process.kill()
        self._process.wait()
        self._orders.close()
        self._replies.close()

    def _send(self, line: str) -> None:
        try:
            self._orders.write(f"{line}\n".encode())
            self._orders.flush()
        except BrokenPipeError:
            self.reply()


@contextmanager
def workers(count: int, environment: Mapping[str, str], logs: Path) -> Iterator[list[WorkerProcess]]:
    """So many workers, which end with this block."""
    started: list[WorkerProcess] = []
    try:
        for number in range(count):
            started.append(WorkerProcess(f"{number:02}", environment, logs / f"worker-{number:02}.log"))
        yield started
    finally:
        for worker in started:
            worker.close()


def work_together(chosen: Sequence[WorkerProcess], kind: Kind, count: int) -> list[Batch]:
    """Lets all of them do `count` of this kind at the same time; what each measured."""
    for worker in chosen:
        worker.prepare(kind, count)
    for worker in chosen:
        worker.reply()
    for worker in chosen:
        worker.go()
    return [Batch(**json.loads(worker.reply())) for worker in chosen]
