"""Metrics as alarms read them: by name, in periods that begin at multiples of their length; the last is not over."""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend, MetricAggregatedDatum

KEPT_SECONDS = 24 * 3600

Key = tuple[str, str, frozenset[tuple[str, str]]]
"""Namespace, metric, dimensions."""


@dataclass(frozen=True)
class Point:
    """Values that were put together; `moment` in seconds since 1970."""

    moment: float
    count: float
    total: float
    least: float
    most: float


def key_of(namespace: str, metric: str, dimensions: Iterable[Any]) -> Key:
    """The key of moto's dimensions."""
    return namespace, metric, frozenset((str(one.name), str(one.value)) for one in dimensions)


class MetricIndex:
    """The metrics of one backend of moto's, which keeps them in one list: read on from where it was read to."""

    def __init__(self) -> None:
        self._read = 0
        self._points: dict[Key, deque[Point]] = {}

    def refresh(self, backend: CloudWatchBackend) -> None:
        """Reads what was put since the last time."""
        data = backend.metric_data
        if len(data) < self._read:
            self._read, self._points = 0, {}
        new = data[self._read :]
        self._read += len(new)
        for datum in new:
            key = key_of(datum.namespace, datum.name, datum.dimensions)
            points = self._points.setdefault(key, deque())
            points.append(_point(datum))
            while points[0].moment < points[-1].moment - KEPT_SECONDS:
                points.popleft()

    def statistics(self, key: Key, statistic: str, seconds: float, count: int, now: float) -> list[float | None]:
        """The statistic of the last `count` periods of so many seconds, the latest first; None without any value."""
        slots: list[list[Point]] = [[] for _ in range(count)]
        # Clients tell the time of a metric themselves, so that the points are only about in order.
        for point in self._points.get(key, ()):
            slot = math.floor(now / seconds) - math.floor(point.moment / seconds)
            if slot < count:
                slots[max(slot, 0)].append(point)
        return [statistic_of(statistic, points) if points else None for points in slots]


def statistic_of(statistic: str, points: list[Point]) -> float:
    """Raises ValueError for a statistic that is not known here.

    Of values that were put as one the most stands for their percentiles above the middle, the average for the others.
    """
    count, total = sum(point.count for point in points), sum(point.total for point in points)
    match statistic:
        case "Sum":
            return total
        case "SampleCount":
            return count
        case "Average":
            return total / count
        case "Minimum":
            return min(point.least for point in points)
        case "Maximum":
            return max(point.most for point in points)
    if not statistic.startswith("p"):
        raise ValueError(f"Statistic {statistic} is not known here.")
    return _percentile(float(statistic[1:]), points)


def _percentile(percent: float, points: list[Point]) -> float:
    ordered = sorted((point.most if percent > 50 else point.total / point.count, point.count) for point in points)
    wanted, passed = percent / 100 * sum(count for _, count in ordered), 0.0
    for value, count in ordered:
        passed += count
        if passed >= wanted:
            return value
    return ordered[-1][0]


def _point(datum: Any) -> Point:
    moment: datetime = datum.timestamp
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if isinstance(datum, MetricAggregatedDatum):
        return Point(seconds, datum.sample_count or 1, datum.sum, datum.min, datum.max)
    return Point(seconds, 1, datum.value, datum.value, datum.value)
