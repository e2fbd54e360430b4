"""Metrics in periods: values that were put together stay together while time goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from moto.cloudwatch.models import Dimension, MetricAggregatedDatum, MetricDatum

from local_aws.alarms.series import MetricIndex, key_of

KEY = key_of("it", "load", [Dimension("Of", "one")])


def index(*moments: float, value: float = 7.0) -> MetricIndex:
    """The index of a backend with values at these seconds since 1970."""
    dimensions = [{"Name": "Of", "Value": "one"}]
    data: list[Any] = [
        MetricDatum("it", "load", value, dimensions, datetime.fromtimestamp(moment, UTC)) for moment in moments
    ]
    made = MetricIndex()
    backend: Any = SimpleNamespace(metric_data=data)
    made.refresh(backend)
    made.refresh(backend)
    return made


@pytest.mark.parametrize(
    ("now", "sums"), [(119, [14.0, None, None]), (120, [None, 14.0, None]), (240, [None, None, None])]
)
def test_values_of_a_period_stay_together(now: float, sums: list[float | None]) -> None:
    assert index(61, 118).statistics(KEY, "Sum", 60, 3, now) == sums


@pytest.mark.parametrize(
    ("statistic", "value"), [("SampleCount", 6), ("Average", 4), ("Minimum", 1), ("Maximum", 9), ("p99", 9), ("p50", 4)]
)
def test_values_that_were_put_as_one_have_all_statistics(statistic: str, value: float) -> None:
    moment = datetime.fromtimestamp(61, UTC)
    datum = MetricAggregatedDatum("it", "load", 1, 9, 6, 24, [{"Name": "Of", "Value": "one"}], moment)
    made = MetricIndex()
    backend: Any = SimpleNamespace(metric_data=[datum])
    made.refresh(backend)
    assert made.statistics(KEY, statistic, 60, 1, 100) == [value]


def test_an_emptied_backend_is_read_anew() -> None:
    made = index(61)
    backend: Any = SimpleNamespace(metric_data=[])
    made.refresh(backend)
    assert made.statistics(KEY, "Sum", 60, 1, 100) == [None]


def test_an_unknown_statistic_is_an_error() -> None:
    with pytest.raises(ValueError, match="TM99"):
        index(61).statistics(KEY, "TM99", 60, 1, 100)
