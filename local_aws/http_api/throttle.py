"""Throttling of routes by token buckets
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html)."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Limits:
    """`rate` in requests per second; `burst` is how many may come at once."""

    rate: float
    burst: int


def route_limits(default: Mapping[str, Any], routes: Mapping[str, Any], route_key: str) -> Limits | None:
    """The limits of a route by a stage's settings; None without any. Zero, as in AWS, lets nothing through."""
    settings = {**default, **routes.get(route_key, {})}
    rate, burst = settings.get("throttlingRateLimit"), settings.get("throttlingBurstLimit")
    if rate is None and burst is None:
        return None
    return Limits(float(rate or 0), int(burst or 0))


class Throttle:
    """Token buckets by name, full at first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._turn = threading.Lock()
        self._buckets: dict[tuple[str, Limits], tuple[float, float]] = {}

    def admits(self, name: str, limits: Limits) -> bool:
        """Takes one token from the bucket; False if there is none."""
        with self._turn:
            now = self._clock()
            tokens, filled = self._buckets.get((name, limits), (float(limits.burst), now))
            tokens = min(limits.burst, tokens + (now - filled) * limits.rate)
            admitted = tokens >= 1
            self._buckets[name, limits] = (tokens - 1 if admitted else tokens, now)
        return admitted
