"""Work that is done when the answer is on its way: sessions and events, which the client does not wait for.

Losing it loses nothing: the ledger decides, and the relay publishes what is left in the outbox.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from payments.observability import logger

Item = TypeVar("Item")
AT_ONCE = 10
# What failed is not tried for a while: the relay does it, and the environment is free for payments.
PAUSE_SECONDS = 5.0


class AfterAnswer(Generic[Item]):
    """Gives items to each of `works` on a thread of its own, once `begin` says that the answer is on its way.

    A work gets up to ten items at once. False, or an exception, means that it could not do them: it gets none for a
    while, and the other works go on.
    """

    def __init__(self, *works: Callable[[Sequence[Item]], bool], clock: Callable[[], float] = time.monotonic) -> None:
        self._works = works
        self._paused_until = [0.0] * len(works)
        self._clock = clock
        self._changed = threading.Condition()
        self._kept: list[Item] = []
        self._begun: list[Item] = []
        self._working = False
        self._thread: threading.Thread | None = None

    def add(self, item: Item) -> None:
        """Keeps the item until `begin`."""
        with self._changed:
            self._kept.append(item)

    def begin(self) -> None:
        """Starts on what was added; returns at once."""
        with self._changed:
            self._begun += self._kept
            self._kept.clear()
            if self._begun and self._thread is None:
                self._thread = threading.Thread(target=self._run, name="after-answer", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Waits until nothing is left to do; whether that came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._begun and not self._working, timeout=max(seconds, 0))

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._begun))
                batch, self._begun = self._begun[:AT_ONCE], self._begun[AT_ONCE:]
                self._working = True
            for number, work in enumerate(self._works):
                if self._clock() >= self._paused_until[number] and not _done(work, batch):
                    self._paused_until[number] = self._clock() + PAUSE_SECONDS
            with self._changed:
                self._working = False
                self._changed.notify_all()


def _done(work: Callable[[Sequence[Item]], bool], batch: Sequence[Item]) -> bool:
    try:
        return work(batch)
    except Exception as error:
        logger.warning("work after the answer failed", error=type(error).__name__)
        return False
