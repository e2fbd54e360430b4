"""Work that is done later, by a few threads that end with the process."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

THREADS = 8

log = logging.getLogger(__name__)


class Schedule:
    """Runs jobs when they are due. A job that fails is logged and forgotten."""

    def __init__(self, threads: int = THREADS) -> None:
        self._changed = threading.Condition()
        self._jobs: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        for _ in range(threads):
            threading.Thread(target=self._work, daemon=True).start()

    def after(self, seconds: float, job: Callable[[], None]) -> None:
        """Runs the job in so many seconds."""
        with self._changed:
            heapq.heappush(self._jobs, (time.monotonic() + seconds, next(self._order), job))
            self._changed.notify()

    def _work(self) -> None:
        while True:
            job = self._next()
            try:
                job()
            except Exception:
                log.exception("A job that was put off has failed")

    def _next(self) -> Callable[[], None]:
        with self._changed:
            while True:
                due = self._jobs[0][0] - time.monotonic() if self._jobs else None
                if due is not None and due <= 0:
                    return heapq.heappop(self._jobs)[2]
                self._changed.wait(due)
