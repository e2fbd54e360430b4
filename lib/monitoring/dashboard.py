"""The operators' dashboard of one environment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from cdktf_cdktf_provider_aws.cloudwatch_dashboard import CloudwatchDashboard

from lib.region import Region

WIDGET_WIDTH, WIDGET_HEIGHT, COLUMNS = 8, 6, 3
# One line of a graph: namespace, metric, then dimension names and values in turn.
Metric = Sequence[str]


class Graph(NamedTuple):
    """What a graph shows; the metrics are of `region`, or of the dashboard's own."""

    title: str
    statistic: str
    metrics: Sequence[Metric]
    region: str | None = None


class Dashboard:
    """Graphs three in a row, in reading order."""

    def __init__(
        self,
        region: Region,
        *,
        alarm_arns: Sequence[str],
        graphs: Sequence[Graph],
    ) -> None:
        role, suffix = region.settings.role, region.settings.environment_suffix
        alarms = {
            "type": "alarm",
            "x": 0,
            "y": 0,
            "width": WIDGET_WIDTH * COLUMNS,
            "height": 3,
            "properties": {"title": "Alarms", "alarms": list(alarm_arns)},
        }
        widgets = [alarms, *(_widget(index, graph, region.name) for index, graph in enumerate(graphs))]
        self.dashboard = region.add(
            CloudwatchDashboard,
            "dashboard",
            # An account's dashboards are not a Region's: each needs a name of its own.
            dashboard_name=f"payment-{role}-{suffix}" if role else f"payment-{suffix}",
            dashboard_body=json.dumps({"widgets": widgets}),
        )


def _widget(index: int, graph: Graph, own_region: str) -> dict[str, object]:
    row, column = divmod(index, COLUMNS)
    return {
        "type": "metric",
        "x": column * WIDGET_WIDTH,
        "y": 3 + row * WIDGET_HEIGHT,
        "width": WIDGET_WIDTH,
        "height": WIDGET_HEIGHT,
        "properties": {
            "title": graph.title,
            "region": graph.region or own_region,
            "stat": graph.statistic,
            "period": 60,
            "view": "timeSeries",
            "metrics": [list(metric) for metric in graph.metrics],
        },
    }
