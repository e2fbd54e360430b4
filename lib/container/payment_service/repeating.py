"""Work that goes on beside the requests, on threads of its own."""

import threading
from collections.abc import Callable

from payments.observability import logger

FAULT_PAUSE_SECONDS = 5.0


class Repeating:
    """Does `work` again and again, each time `pause` seconds after the last ended, or some more after a fault."""

    def __init__(self, name: str, work: Callable[[], object], *, pause: float) -> None:
        self._name = name
        self._work = work
        self._pause = pause
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """What was begun goes on to its end; returns at once."""
        self._stopping.set()

    def join(self, seconds: float) -> bool:
        """Waits for the end of what was begun; whether that came in time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        pause = self._pause
        while not self._stopping.wait(pause):
            pause = self._pause
            try:
                self._work()
            except Exception as error:
                logger.warning("background work failed", work=self._name, error=type(error).__name__)
                pause = max(self._pause, FAULT_PAUSE_SECONDS)
