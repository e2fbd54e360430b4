"""The payment library's metrics where many threads count at the same time.

Powertools has one set of metrics per process for one invocation after the other. Here each addition, and each writing,
has a turn of its own, in which no log line is written either: both are lines of the same output.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from payments.observability import METRICS_NAMESPACE, logger, metrics


class SharedMetrics(AmazonCloudWatchEMFProvider):
    """Counts and writes in turns. Methods as Powertools has them."""

    def add_metric(self, *arguments: Any, **named: Any) -> None:
        with _turn():
            super().add_metric(*arguments, **named)

    def flush_metrics(self, raise_on_empty_metrics: bool = False) -> None:
        with _turn():
            if self.metric_set:
                super().flush_metrics(raise_on_empty_metrics)


def share_metrics() -> Callable[[], None]:
    """Makes the library's metrics ones for many threads; what takes that back."""
    before = metrics.provider
    metrics.provider = SharedMetrics(
        namespace=METRICS_NAMESPACE,
        metric_set=metrics.metric_set,
        dimension_set=metrics.dimension_set,
        metadata_set=metrics.metadata_set,
        default_dimensions=metrics.default_dimensions,
    )

    def take_back() -> None:
        metrics.provider = before

    return take_back


@contextmanager
def _turn() -> Iterator[None]:
    handler = logger.registered_handler
    handler.acquire()
    try:
        yield
    finally:
        handler.release()
