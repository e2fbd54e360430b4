"""The end of the process in two steps: first the load balancer is told, then the server stops.

ECS sends SIGTERM and, `stopTimeout` (30 s) later, SIGKILL.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def drained(seconds: float, begin: Callable[[], None]) -> Iterator[None]:
    """Within this block the first signal calls `begin`; whoever handled signals before gets it `seconds` later.

    A second one is handed on at once. For the main thread and its running event loop.
    """
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}
    waiting: list[asyncio.TimerHandle] = []
    begun = False

    def hand_on(number: int) -> None:
        for timer in waiting:
            timer.cancel()
        restore()
        signal.raise_signal(number)

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def start(number: int) -> None:
        begin()
        waiting.append(loop.call_later(seconds, hand_on, number))

    def handle(number: int, _frame: FrameType | None) -> None:
        nonlocal begun
        first, begun = not begun, True
        # The handler may run between any two steps of the loop's own code.
        loop.call_soon_threadsafe(start if first else hand_on, number)

    for number in SIGNALS:
        signal.signal(number, handle)
    try:
        yield
    finally:
        restore()
