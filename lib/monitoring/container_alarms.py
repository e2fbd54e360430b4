"""The alarms of the container architecture."""

from __future__ import annotations

from lib.monitoring.alarms import Alarm
from lib.monitoring.container_metrics import ContainerMeasured
from lib.monitoring.data_alarms import data_alarms

MINUTE = 60
LATENCY_SECONDS = 1.0
COMMIT_MILLISECONDS = 100.0
# Far more than what strays over the Internet.
BLOCKED_REQUESTS = 1000


def container_alarms(measured: ContainerMeasured) -> list[Alarm]:
    """Return the alarms of the container architecture, from the client inwards."""
    return [
        *_balancer_alarms(measured),
        *_task_alarms(measured),
        *_postgresql_alarms(measured),
        *data_alarms(measured),
        Alarm(
            name="blocked-requests",
            description=f"The firewall refused more than {BLOCKED_REQUESTS} requests in 5 minutes",
            namespace="AWS/WAFV2",
            metric="BlockedRequests",
            dimensions=measured.firewall,
            statistic="Sum",
            threshold=BLOCKED_REQUESTS,
        ),
    ]


def _balancer_alarms(measured: ContainerMeasured) -> list[Alarm]:
    namespace, balancer = "AWS/ApplicationELB", {"LoadBalancer": measured.load_balancer}
    return [
        Alarm(
            name="service-5xx",
            description="More than 5 server errors of the payment service in 5 minutes",
            namespace=namespace,
            metric="HTTPCode_Target_5XX_Count",
            dimensions=balancer,
            statistic="Sum",
            threshold=5,
            payments_stop=True,
        ),
        Alarm(
            name="balancer-5xx",
            description="The load balancer answered more than 5 requests itself in 5 minutes: no task could",
            namespace=namespace,
            metric="HTTPCode_ELB_5XX_Count",
            dimensions=balancer,
            statistic="Sum",
            threshold=5,
            payments_stop=True,
        ),
        Alarm(
            name="service-latency",
            description=f"One request in a hundred takes longer than {LATENCY_SECONDS:g} s for 15 minutes",
            namespace=namespace,
            metric="TargetResponseTime",
            dimensions=balancer,
            statistic="p99",
            threshold=LATENCY_SECONDS,
            periods=3,
        ),
        *(
            Alarm(
                name=f"unhealthy-{name}",
                description=f"A task in target group {name} has been unhealthy for 3 minutes",
                namespace=namespace,
                metric="UnHealthyHostCount",
                dimensions={**balancer, "TargetGroup": target_group},
                statistic="Maximum",
                threshold=0,
                period_seconds=MINUTE,
                periods=3,
            )
            for name, target_group in measured.target_groups.items()
        ),
    ]


def _task_alarms(measured: ContainerMeasured) -> list[Alarm]:
    fewest = measured.settings.service_min_tasks
    return [
        *(
            Alarm(
                name=f"service-{kind.lower()}",
                description=f"The tasks use more than 85 % of their {kind} for 15 minutes, more than scaling lets them",
                namespace="AWS/ECS",
                metric=metric,
                dimensions=measured.tasks,
                statistic="Average",
                threshold=85,
                periods=3,
            )
            for kind, metric in (("CPU", "CPUUtilization"), ("memory", "MemoryUtilization"))
        ),
        # A service without any task has no measurement.
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
        Alarm(
            name="running-tasks",
            description=f"Fewer than {fewest} tasks of the payment service have run for 5 minutes",
            namespace="ECS/ContainerInsights",
            metric="RunningTaskCount",
            dimensions=measured.tasks,
            statistic="Maximum",
            threshold=fewest,
            comparison="LessThanThreshold",
            period_seconds=MINUTE,
            periods=5,
            missing_data="breaching",
        ),
    ]


def _postgresql_alarms(measured: ContainerMeasured) -> list[Alarm]:
    database = {"DBClusterIdentifier": measured.cluster_id}
    connections = measured.most_connections * 8 // 10
    return [
        Alarm(
            name="aurora-connections",
            description=f"An instance of the ledger has more than {connections} connections, 80 % of what it takes",
            namespace="AWS/RDS",
            metric="DatabaseConnections",
            dimensions=database,
            statistic="Maximum",
            threshold=connections,
        ),
        Alarm(
            name="aurora-commit-latency",
            description=f"A commit takes more than {COMMIT_MILLISECONDS:g} ms on average for 15 minutes",
            namespace="AWS/RDS",
            metric="CommitLatency",
            dimensions=database,
            statistic="Average",
            threshold=COMMIT_MILLISECONDS,
            periods=3,
        ),
    ]
