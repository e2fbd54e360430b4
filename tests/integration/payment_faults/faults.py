"""Faults are spread over a run: each begins when a part of the deliveries is done."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from tests.integration.payment_faults.load import Load

FIRST, LAST = 0.02, 0.95
"""The parts of the deliveries between which faults begin."""

Fault = Callable[[], str]
"""Comes about, and ends where it is to end; what has happened."""


class Faults:
    """All faults of one run, those of each plan one after the other.

    `happened` counts them, `failures` are those that could not be brought about.
    """

    def __init__(self, load: Load, plans: Iterable[Sequence[Fault]]) -> None:
        self.happened: Counter[str] = Counter()
        self.failures: list[str] = []
        self._load = load
        self._threads = [threading.Thread(target=self._follow, args=(plan,)) for plan in plans]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Waits for those that have begun, and ends what lasts."""
        for thread in self._threads:
            thread.join()
        self._load.clock_hours[:] = [0.0] * len(self._load.clock_hours)

    def _follow(self, plan: Sequence[Fault]) -> None:
        for number, fault in enumerate(plan):
            part = FIRST + (LAST - FIRST) * number / len(plan)
            while self._load.progress < part:
                time.sleep(0.01)
            try:
                self.happened[fault()] += 1
            except Exception as error:
                self.failures.append(f"{error!r}")
