"""Threads for requests, as the payment library waits for its database; what is too much is turned away at once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


class OverloadedError(Exception):
    """All threads are busy and as many requests wait as may; the same request may be sent again."""


class Workers:
    """At most `threads` calls at once, and `waiting` more in their turn. For one event loop."""

    def __init__(self, *, threads: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._room = threads + waiting

    async def run(self, work: Callable[[], Result]) -> Result:
        """The result of `work`. Raises `OverloadedError` before it begins, and what `work` raises."""
        if not self._room:
            raise OverloadedError
        self._room -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._room += 1

    def close(self) -> None:
        """Waits for what was begun; takes no more."""
        self._pool.shutdown(wait=True)
