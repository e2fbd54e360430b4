"""The graphs of a payment environment."""

from __future__ import annotations

from lib.monitoring.dashboard import Graph
from lib.monitoring.data_graphs import data_graphs, outcome_graphs
from lib.monitoring.payment_metrics import Measured


def payment_graphs(measured: Measured) -> list[Graph]:
    """Return the graphs of a payment environment: what became of payments, then from the client inwards."""
    api, function = ("ApiId", measured.api_id), ("FunctionName", measured.function_name)
    return [
        *outcome_graphs(measured),
        Graph("API requests and errors", "Sum", [("AWS/ApiGateway", name, *api) for name in ("Count", "4xx", "5xx")]),
        Graph("API latency, p99 ms", "p99", [("AWS/ApiGateway", "Latency", *api)]),
        Graph(
            "Lambda invocations and errors", "Sum", [("AWS/Lambda", n, *function) for n in ("Invocations", "Errors")]
        ),
        Graph("Lambda duration, p99 ms", "p99", [("AWS/Lambda", "Duration", *function)]),
        Graph(
            "Lambda concurrency and throttles",
            "Maximum",
            [("AWS/Lambda", name, *function) for name in ("ConcurrentExecutions", "Throttles")],
        ),
        *data_graphs(measured),
    ]
