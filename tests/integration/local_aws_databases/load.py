"""Clients that write to a cluster without a pause."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from tests.integration.local_aws_databases.conftest import Cluster

SECONDS = 30


@contextmanager
def load(cluster: Cluster) -> Iterator[list[int]]:
    """Clients that write through the endpoint for as long as the block runs, and the numbers that were acknowledged."""
    acknowledged: list[int] = []
    stop = threading.Event()
    host, password = cluster.endpoint, cluster.secret()["password"]

    def write(worker: int) -> None:
        number = 100_000 * (worker + 1)
        while not stop.is_set():
            with suppress(cluster.FAULTS), closing(cluster.connect(host, password=password)) as connection:
                cursor = connection.cursor()
                while not stop.is_set():
                    number += 1
                    cursor.execute("INSERT INTO entries VALUES (%s)", (number,))
                    acknowledged.append(number)
            time.sleep(0.01)

    workers = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for worker in workers:
        worker.start()
    try:
        deadline = time.monotonic() + SECONDS
        while len(acknowledged) <= 50:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield acknowledged
    finally:
        stop.set()
        for worker in workers:
            worker.join()
