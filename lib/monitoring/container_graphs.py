"""The graphs of the container architecture."""

from __future__ import annotations

from lib.monitoring.container_metrics import ContainerMeasured
from lib.monitoring.dashboard import Graph
from lib.monitoring.data_graphs import data_graphs, flat, outcome_graphs

NAMESPACE = "AWS/ApplicationELB"


def container_graphs(measured: ContainerMeasured) -> list[Graph]:
    """Return the graphs of the container architecture: what became of payments, then from the client inwards."""
    balancer = ("LoadBalancer", measured.load_balancer)
    firewall, tasks = (flat(dimensions) for dimensions in (measured.firewall, measured.tasks))
    return [
        *outcome_graphs(measured),
        Graph(
            "Requests and errors",
            "Sum",
            [
                (NAMESPACE, name, *balancer)
                for name in (
                    "RequestCount",
                    "HTTPCode_Target_4XX_Count",
                    "HTTPCode_Target_5XX_Count",
                    "HTTPCode_ELB_5XX_Count",
                )
            ],
        ),
        Graph("Latency, p99 s", "p99", [(NAMESPACE, "TargetResponseTime", *balancer)]),
        Graph(
            "Firewall: requests allowed and refused",
            "Sum",
            [("AWS/WAFV2", name, *firewall) for name in ("AllowedRequests", "BlockedRequests")],
        ),
        Graph(
            "Healthy and unhealthy tasks",
            "Maximum",
            [
                (NAMESPACE, name, *balancer, "TargetGroup", target_group)
                for target_group in measured.target_groups.values()
                for name in ("HealthyHostCount", "UnHealthyHostCount")
            ],
        ),
        Graph(
            "Tasks wanted and running",
            "Maximum",
            [("ECS/ContainerInsights", name, *tasks) for name in ("DesiredTaskCount", "RunningTaskCount")],
        ),
        Graph(
            "CPU and memory of the tasks, %",
            "Average",
            [("AWS/ECS", name, *tasks) for name in ("CPUUtilization", "MemoryUtilization")],
        ),
        *data_graphs(measured),
    ]
