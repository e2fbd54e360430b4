"""Bare transactions by so many threads of one process: `python -m benchmarks.service.floor_process NAME THREADS COUNT`.

It prints a batch, and the processor's seconds for it, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from queue import SimpleQueue

from benchmarks.warm_payment.batch import FLOOR, Batch
from benchmarks.warm_payment.floor import Floor, Statement, ledger_statements
from benchmarks.warm_payment.requests import documents
from payments.environment import RuntimeEnvironment


def write_all(floors: list[Floor], transactions: list[list[Statement]]) -> tuple[Batch, float]:
    """Each floor is a connection, which one thread at a time has. With the processor's seconds for all of it."""
    idle: SimpleQueue[Floor] = SimpleQueue()
    for floor in floors:
        idle.put(floor)

    def write(statements: list[Statement]) -> float:
        floor = idle.get()
        start = time.perf_counter()
        floor.write(statements)
        seconds = time.perf_counter() - start
        idle.put(floor)
        return seconds

    with ThreadPoolExecutor(len(floors)) as threads:
        began, processor = time.perf_counter(), time.process_time()
        times = list(threads.map(write, transactions))
        return Batch({FLOOR: times}, began, time.perf_counter()), time.process_time() - processor


def main() -> None:
    name, threads, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    environment = RuntimeEnvironment.from_variables(os.environ)
    prepared = [
        ledger_statements(document, region=environment.region, engine=environment.database.engine)
        for document in islice(documents(f"floor-{name}"), count)
    ]
    batch, seconds = write_all([Floor(environment) for _ in range(threads)], prepared)
    print(json.dumps({"batch": vars(batch), "processor_seconds": seconds}))


if __name__ == "__main__":
    main()
