"""The one logger, the one set of metrics and the traces of the payment code.

Logs are JSON lines, metrics are CloudWatch's embedded metric format; both go to standard output. None of them holds
account data.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

if TYPE_CHECKING:
    from aws_lambda_powertools.tracing import Tracer

METRICS_NAMESPACE = "Payments"

logger = Logger()
metrics = Metrics(namespace=METRICS_NAMESPACE)
metrics.set_default_dimensions(environment=os.environ.get("ENVIRONMENT_SUFFIX", "unknown"))


def count(metric: str) -> None:
    """One more of `metric` in this invocation."""
    metrics.add_metric(name=metric, unit=MetricUnit.Count, value=1)


def gauge(metric: str, value: float, unit: MetricUnit) -> None:
    """The value that `metric` has now."""
    metrics.add_metric(name=metric, unit=unit, value=value)


def publish_metrics() -> None:
    """Writes what was counted since the last time, if anything was."""
    if metrics.metric_set:
        metrics.flush_metrics()


@contextmanager
def traced(name: str) -> Iterator[None]:
    """A subsegment of the invocation's trace, where Lambda chose to trace it.

    The X-Ray SDK takes as long to load as boto3, so that only invocations that are traced load it.
    """
    if "Sampled=1" not in os.environ.get("_X_AMZN_TRACE_ID", ""):
        yield
        return
    with _tracer().provider.in_subsegment(name=name):
        yield


@cache
def _tracer() -> "Tracer":
    from aws_lambda_powertools.tracing import Tracer

    return Tracer(auto_patch=False)
