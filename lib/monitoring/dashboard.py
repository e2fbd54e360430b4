"""The operators' dashboard of one environment."""

from __future__ import annotations

import json
from collections.abc import Sequence

from cdktf_cdktf_provider_aws.cloudwatch_dashboard import CloudwatchDashboard
from constructs import Construct

from lib.monitoring.payment_metrics import NAMESPACE, Measured
from lib.settings import Settings

OUTCOMES = ("Committed", "Pending", "Repeated", "Refused")
WIDGET_WIDTH, WIDGET_HEIGHT, COLUMNS = 8, 6, 3
# One line of a graph: namespace, metric, then dimension names and values in turn.
Metric = Sequence[str]


class Dashboard:
    """Graphs three in a row, in reading order."""

    def __init__(
        self,
        scope: Construct,
        *,
        settings: Settings,
        alarm_arns: Sequence[str],
        graphs: Sequence[tuple[str, str, Sequence[Metric]]],
    ) -> None:
        """Each graph is a title, a statistic and its metrics."""
        alarms = {
            "type": "alarm",
            "x": 0,
            "y": 0,
            "width": WIDGET_WIDTH * COLUMNS,
            "height": 3,
            "properties": {"title": "Alarms", "alarms": list(alarm_arns)},
        }
        widgets = [alarms, *(_graph(index, settings.aws_region, *graph) for index, graph in enumerate(graphs))]
        self.dashboard = CloudwatchDashboard(
            scope,
            "dashboard",
            dashboard_name=f"payment-{settings.environment_suffix}",
            dashboard_body=json.dumps({"widgets": widgets}),
        )


def _graph(index: int, region: str, title: str, statistic: str, metrics: Sequence[Metric]) -> dict[str, object]:
    row, column = divmod(index, COLUMNS)
    return {
        "type": "metric",
        "x": column * WIDGET_WIDTH,
        "y": 3 + row * WIDGET_HEIGHT,
        "width": WIDGET_WIDTH,
        "height": WIDGET_HEIGHT,
        "properties": {
            "title": title,
            "region": region,
            "stat": statistic,
            "period": 60,
            "view": "timeSeries",
            "metrics": [list(metric) for metric in metrics],
        },
    }


def payment_graphs(measured: Measured) -> list[tuple[str, str, Sequence[Metric]]]:
    """Return the graphs of a payment environment: what became of payments, then from the client inwards."""
    api, function = ("ApiId", measured.api_id), ("FunctionName", measured.function_name)
    cluster, table = ("DBClusterIdentifier", measured.cluster_id), ("TableName", measured.table_name)
    payments = [part for dimension in measured.payments.items() for part in dimension]
    return [
        (
            "Payments by outcome",
            "Sum",
            [(NAMESPACE, f"Payments{outcome}", *payments) for outcome in OUTCOMES],
        ),
        ("Age of the outbox, s", "Maximum", [(NAMESPACE, "OutboxOldestSeconds", *payments)]),
        ("API requests and errors", "Sum", [("AWS/ApiGateway", name, *api) for name in ("Count", "4xx", "5xx")]),
        ("API latency, p99 ms", "p99", [("AWS/ApiGateway", "Latency", *api)]),
        ("Lambda invocations and errors", "Sum", [("AWS/Lambda", n, *function) for n in ("Invocations", "Errors")]),
        ("Lambda duration, p99 ms", "p99", [("AWS/Lambda", "Duration", *function)]),
        (
            "Lambda concurrency and throttles",
            "Maximum",
            [("AWS/Lambda", name, *function) for name in ("ConcurrentExecutions", "Throttles")],
        ),
        ("RDS CPU, %", "Average", [("AWS/RDS", "CPUUtilization", *cluster)]),
        ("RDS connections", "Average", [("AWS/RDS", "DatabaseConnections", *cluster)]),
        (
            "RDS commit latency and replica lag, ms",
            "Maximum",
            [("AWS/RDS", name, *cluster) for name in ("CommitLatency", "AuroraReplicaLagMaximum")],
        ),
        (
            "DynamoDB consumed capacity",
            "Sum",
            [("AWS/DynamoDB", f"Consumed{kind}CapacityUnits", *table) for kind in ("Read", "Write")],
        ),
        (
            "Events delivered and failed",
            "Sum",
            [("AWS/Events", name, "RuleName", measured.bus_rule) for name in ("Invocations", "FailedInvocations")],
        ),
        (
            "Dead letters",
            "Maximum",
            [
                ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue)
                for queue in measured.dead_letter_queues.values()
            ],
        ),
    ]
