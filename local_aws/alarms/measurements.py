"""What the local AWS sees itself, as CloudWatch metrics: gathered as it happens, put where moto keeps metrics later."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

Place = tuple[str, str]
"""Account and Region."""

Series = tuple[Place, str, str, tuple[tuple[str, str], ...], str]
"""Place, namespace, metric, dimensions, unit."""


@dataclass
class Aggregate:
    """Values of one series since the last time they were put."""

    count: int = 0
    total: float = 0.0
    least: float = float("inf")
    most: float = float("-inf")

    def add(self, value: float) -> None:
        """Takes one more value in."""
        self.count += 1
        self.total += value
        self.least, self.most = min(self.least, value), max(self.most, value)


_turn = threading.Lock()
_gathered: dict[Series, Aggregate] = {}


def record(
    place: Place, namespace: str, metric: str, dimensions: Mapping[str, str], value: float, unit: str = "Count"
) -> None:
    """Measures one value, now."""
    series = (place, namespace, metric, tuple(sorted(dimensions.items())), unit)
    with _turn:
        _gathered.setdefault(series, Aggregate()).add(value)


def put() -> None:
    """Puts what was gathered into CloudWatch. The caller has the turn of the local AWS."""
    with _turn:
        gathered = dict(_gathered)
        _gathered.clear()
    for ((account, region), namespace, metric, dimensions, unit), values in gathered.items():
        datum: dict[str, Any] = {
            "MetricName": metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions],
            "StatisticValues": {
                "SampleCount": values.count,
                "Sum": values.total,
                "Minimum": values.least,
                "Maximum": values.most,
            },
            "Unit": unit,
        }
        cloudwatch_backends[account][region].put_metric_data(namespace, [datum])


def forget() -> None:
    """Drops what was gathered."""
    with _turn:
        _gathered.clear()
