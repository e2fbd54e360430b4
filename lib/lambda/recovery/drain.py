"""Publishes what waits in the outbox, for an operator who has stopped the writers and wants nothing left behind."""

import time
from collections.abc import Callable

from payments.outbox import Outbox
from payments.publisher import Publisher
from recovery.inputs import Answer

DRAIN_SECONDS = 60.0
PAUSE_SECONDS = 1.0


def drain(
    outbox: Outbox,
    publisher: Publisher,
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> Answer:
    """How many were published and how many are left, such as those that the bus does not take.

    The youngest are the processes' that took their payments, for a moment; then they are published here.
    Raises `LedgerUnavailableError`.
    """
    ends, published = clock() + DRAIN_SECONDS, 0
    while True:
        found, sent = outbox.relay(publisher.publish)
        published += sent
        left = outbox.backlog().events
        if not left or sent < found or clock() >= ends:
            return {"published": published, "left": left}
        if not found:
            pause(PAUSE_SECONDS)
