"""What the data planes tell of: requests through load balancers, runs of functions, metrics in log lines."""

import json
import logging
from collections.abc import Iterable
from typing import Any

from local_aws.alarms.measurements import Place, record

BALANCERS, FUNCTIONS = "AWS/ApplicationELB", "AWS/Lambda"

log = logging.getLogger(__name__)


def balancer_name(arn: str) -> str:
    """How metrics name a load balancer: `app/{name}/{id}`."""
    return arn.partition(":loadbalancer/")[2]


def group_name(arn: str) -> str:
    """How metrics name a target group: `targetgroup/{name}/{id}`."""
    return arn.rpartition(":")[2]


def request_answered(balancer: str, group: str, status: int, seconds: float, *, by_target: bool) -> None:
    """A load balancer has answered a request; ARNs of both.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    """
    _, _, _, region, account, _ = balancer.split(":", 5)
    place, hundreds = (account, region), f"{status // 100}XX_Count"
    whole = {"LoadBalancer": balancer_name(balancer)}
    if not by_target:
        record(place, BALANCERS, f"HTTPCode_ELB_{hundreds}", whole, 1)
    for dimensions in (whole, {**whole, "TargetGroup": group_name(group)}):
        record(place, BALANCERS, "RequestCount", dimensions, 1)
        if by_target:
            record(place, BALANCERS, f"HTTPCode_Target_{hundreds}", dimensions, 1)
            record(place, BALANCERS, "TargetResponseTime", dimensions, seconds, "Seconds")


def function_ran(place: Place, name: str, milliseconds: float, *, failed: bool) -> None:
    """A function has been invoked (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html)."""
    dimensions = {"FunctionName": name}
    record(place, FUNCTIONS, "Invocations", dimensions, 1)
    record(place, FUNCTIONS, "Errors", dimensions, 1 if failed else 0)
    record(place, FUNCTIONS, "Duration", dimensions, milliseconds, "Milliseconds")


def lines_logged(place: Place, messages: Iterable[str]) -> None:
    """Log lines may be metrics.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    for message in messages:
        if '"_aws"' in message:
            try:
                _record_embedded(place, json.loads(message))
            except (ValueError, KeyError, TypeError, AttributeError):
                log.debug("Not a metric: %s", message)


def _record_embedded(place: Place, line: dict[str, Any]) -> None:
    for directive in line["_aws"]["CloudWatchMetrics"]:
        for names in directive.get("Dimensions") or [[]]:
            dimensions = {name: str(line[name]) for name in names}
            for metric in directive["Metrics"]:
                value = line[metric["Name"]]
                for one in value if isinstance(value, list) else [value]:
                    record(
                        place,
                        directive["Namespace"],
                        metric["Name"],
                        dimensions,
                        float(one),
                        metric.get("Unit") or "None",
                    )
