"""What is watched in the container architecture, and how CloudWatch is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib.monitoring.alarms import Alarm
from lib.monitoring.container_alarms import container_alarms
from lib.monitoring.container_graphs import container_graphs
from lib.monitoring.container_metrics import ContainerMeasured
from lib.monitoring.monitoring import Monitoring
from lib.region import Region
from lib.settings import RegionRole, Settings
from tests.unit.region_stack import synthesized_in_region
from tests.unit.stacks import arguments, of_type, synthesized

BALANCER = "app/payment/1"
GROUPS = {"blue": "targetgroup/blue/1", "green": "targetgroup/green/2"}
TASKS = {"ClusterName": "cluster", "ServiceName": "service"}


def measured(settings: Settings) -> ContainerMeasured:
    return ContainerMeasured(
        settings=settings,
        cluster_id="ledger",
        table_name="sessions",
        bus_rule="rule",
        vault_name="vault",
        dead_letter_queues={"events": "events-queue", "replay": "replay-queue"},
        cluster_name="cluster",
        service_name="service",
        load_balancer=BALANCER,
        target_groups=GROUPS,
        web_acl="payment-firewall",
    )


def build(region: Region) -> None:
    parts = measured(region.settings)
    monitoring = Monitoring(region, topic_arn="topic", alarms=container_alarms(parts), graphs=container_graphs(parts))
    assert set(monitoring.outputs()) == {"service_alarm_name", "dashboard_name"}


DOCUMENT = synthesized_in_region(build)
ALARMS = of_type(DOCUMENT, "aws_cloudwatch_metric_alarm")


def alarm(name: str) -> dict[str, Any]:
    return arguments(DOCUMENT, f"aws_cloudwatch_metric_alarm.{name}_alarm")


def test_each_part_has_its_alarms_and_each_alarm_tells_the_topic() -> None:
    assert set(ALARMS) == {
        f"{name}_alarm"
        for name in (
            *("service_5xx", "balancer_5xx", "service_latency", "unhealthy_blue", "unhealthy_green"),
            *("service_cpu", "service_memory", "running_tasks", "blocked_requests"),
            *("aurora_cpu", "aurora_replica_lag", "aurora_connections", "aurora_commit_latency"),
            *("sessions_read_throttles", "sessions_write_throttles"),
            *("events_dead_letters", "replay_dead_letters", "backup_failures", "outbox_age"),
            "ledger_unavailable",
        )
    }
    assert {(*found["alarm_actions"], *found["ok_actions"]) for found in ALARMS.values()} == {("topic", "topic")}
    assert {found["alarm_name"] for found in ALARMS.values()} >= {"payment-service-5xx-dev", "payment-outbox-age-dev"}


def test_what_stops_payments_is_in_the_composite_alarm() -> None:
    rule = arguments(DOCUMENT, "aws_cloudwatch_composite_alarm.service_alarm")["alarm_rule"]
    stopping = (
        *("service_5xx", "balancer_5xx", "ledger_unavailable"),
        *("sessions_read_throttles", "sessions_write_throttles"),
    )
    names = [f'ALARM("${{aws_cloudwatch_metric_alarm.{name}_alarm.alarm_name}}")' for name in stopping]
    assert rule == " OR ".join(names)


def test_too_few_tasks_and_no_measurement_of_them_are_an_alarm() -> None:
    tasks = alarm("running_tasks")
    assert (tasks["namespace"], tasks["metric_name"]) == ("ECS/ContainerInsights", "RunningTaskCount")
    assert tasks["dimensions"] == TASKS
    assert (tasks["comparison_operator"], tasks["threshold"]) == ("LessThanThreshold", 2)
    assert tasks["treat_missing_data"] == "breaching"
    breaching = {name for name, found in ALARMS.items() if found["treat_missing_data"] == "breaching"}
    assert breaching == {"running_tasks_alarm", "outbox_age_alarm"}
    below = {name for name, found in ALARMS.items() if found["comparison_operator"] == "LessThanThreshold"}
    assert below == {"running_tasks_alarm"}


def test_latency_is_that_of_the_slowest_hundredth_where_there_are_enough_requests_for_one() -> None:
    latency = alarm("service_latency")
    assert "statistic" not in latency
    assert latency["extended_statistic"] == "p99"
    assert latency["evaluate_low_sample_count_percentiles"] == "ignore"
    assert (latency["metric_name"], latency["dimensions"]) == ("TargetResponseTime", {"LoadBalancer": BALANCER})
    others = [found for found in ALARMS.values() if found is not latency]
    assert not [found for found in others if "extended_statistic" in found or "statistic" not in found]


@pytest.mark.parametrize("color", ["blue", "green"])
def test_unhealthy_tasks_are_seen_in_each_target_group(color: str) -> None:
    found = alarm(f"unhealthy_{color}")
    assert found["dimensions"] == {"LoadBalancer": BALANCER, "TargetGroup": GROUPS[color]}
    assert (found["metric_name"], found["threshold"], found["period"]) == ("UnHealthyHostCount", 0, 60)


@pytest.mark.parametrize(
    ("instance_class", "connections"),
    [
        ("db.t4g.medium", 419),
        ("db.t4g.large", 839),
        ("db.r6g.large", 1678),
        ("db.r6g.xlarge", 3357),
        ("db.r7g.2xlarge", 5000),
        ("db.x2g.large", 3357),
        ("db.z9.large", 1678),
    ],
)
def test_connections_are_compared_with_what_the_instances_take(instance_class: str, connections: int) -> None:
    settings = synthesized_settings(db_instance_class=instance_class)
    parts = measured(settings)
    assert parts.most_connections == connections
    (found,) = [one for one in container_alarms(parts) if one.name == "aurora-connections"]
    assert found.threshold == connections * 8 // 10


def synthesized_settings(**inputs: Any) -> Settings:
    """Return the settings as a Region has them."""
    kept: list[Settings] = []
    synthesized_in_region(lambda region: kept.append(region.settings), **inputs)
    return kept[0]


def test_the_standby_region_has_thresholds_and_a_firewall_of_its_own() -> None:
    alarms: list[Alarm] = []
    synthesized_in_region(
        lambda region: alarms.extend(container_alarms(measured(region.settings))),
        role=RegionRole.SECONDARY,
        service_min_tasks=10,
        service_max_tasks=50,
    )
    by_name = {one.name: one for one in alarms}
    assert by_name["running-tasks"].threshold < 10
    assert by_name["blocked-requests"].dimensions == {
        "WebACL": "payment-firewall",
        "Region": "us-east-2",
        "Rule": "ALL",
    }


def test_the_services_own_metrics_are_found_by_its_name() -> None:
    assert alarm("outbox_age")["dimensions"] == {"environment": "dev", "service": "payment-service"}


def test_the_dashboard_leads_from_payments_by_the_client_to_what_holds_them() -> None:
    body = json.loads(arguments(DOCUMENT, "aws_cloudwatch_dashboard.dashboard")["dashboard_body"])
    alarms, *graphs = body["widgets"]
    assert len(alarms["properties"]["alarms"]) == len(ALARMS) + 1
    assert [graph["properties"]["title"] for graph in graphs] == [
        "Payments by outcome",
        "Payments refused while stopped, or while the ledger is away",
        "Age of the outbox, s",
        "Requests and errors",
        "Latency, p99 s",
        "Firewall: requests allowed and refused",
        "Healthy and unhealthy tasks",
        "Tasks wanted and running",
        "CPU and memory of the tasks, %",
        "RDS CPU, %",
        "RDS connections",
        "RDS commit latency and replica lag, ms",
        "DynamoDB consumed capacity",
        "Events delivered and failed",
        "Dead letters",
    ]


def test_each_alarm_but_those_of_rare_faults_has_its_metric_on_the_dashboard() -> None:
    body = json.loads(arguments(DOCUMENT, "aws_cloudwatch_dashboard.dashboard")["dashboard_body"])
    shown = {(line[0], line[1]) for widget in body["widgets"][1:] for line in widget["properties"]["metrics"]}
    watched = {(found["namespace"], found["metric_name"]) for found in ALARMS.values()}
    assert watched - shown == {
        ("AWS/Backup", "NumberOfBackupJobsFailed"),
        ("AWS/DynamoDB", "ReadThrottleEvents"),
        ("AWS/DynamoDB", "WriteThrottleEvents"),
    }


def test_the_function_architecture_watches_the_same_data() -> None:
    """What both have is declared once, so that a mended threshold is mended in both."""
    function_alarms = of_type(synthesized(), "aws_cloudwatch_metric_alarm")
    shared = set(ALARMS) & set(function_alarms)
    assert {"aurora_cpu_alarm", "sessions_read_throttles_alarm", "backup_failures_alarm", "outbox_age_alarm"} <= shared
    for name in shared:
        for argument in ("threshold", "metric_name", "period", "evaluation_periods", "statistic"):
            assert ALARMS[name][argument] == function_alarms[name][argument]
