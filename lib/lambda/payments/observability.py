"""The one logger and the one set of metrics of the payment code.

Logs are JSON lines, metrics are CloudWatch's embedded metric format; both go to standard output. Neither holds
account data.
"""

import os

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

METRICS_NAMESPACE = "Payments"

logger = Logger()
metrics = Metrics(namespace=METRICS_NAMESPACE)
metrics.set_default_dimensions(environment=os.environ.get("ENVIRONMENT_SUFFIX", "unknown"))


def count(metric: str) -> None:
    """One more of `metric` in this invocation."""
    metrics.add_metric(name=metric, unit=MetricUnit.Count, value=1)


def publish_metrics() -> None:
    """Writes what was counted since the last time, if anything was."""
    if metrics.metric_set:
        metrics.flush_metrics()
