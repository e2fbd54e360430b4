"""What the container stack is made of: network, ledger, service and its deployments (C1 to C4)."""

from __future__ import annotations

import json

import pytest

from lib.compute.artifacts import ContainerArtifacts
from lib.compute.task_definition import PORT
from lib.container import service_probe
from lib.container.payment_service.settings import ServiceSettings
from lib.networking.load_balancer import HEALTH_PATH, SERVICE_PORT
from lib.refusals import RefusalError, check
from lib.settings import SettingsError
from payments import http
from tests.unit.containers import CONTAINERS, JWT, container, containers, statements, variables
from tests.unit.stacks import Document, arguments, artifacts, of_type, policies, settings, synthesized

DEV = containers()
PRODUCTION = containers(environment_class="production")
BLUE_GREEN = containers(deployment_strategy="blue-green")


@pytest.mark.parametrize(
    "overrides",
    [
        {},
        {"environment_class": "production", "environment_suffix": "a2345678901234567890"},
        {"deployment_strategy": "blue-green", "environment_suffix": "a2345678901234567890"},
        {"standby_region": "us-east-2", "environment_suffix": "a2345678901234567890"},
        {"nat_gateways": "none"},
        JWT,
        {"alert_email": "a@acme.io", "aws_region": "eu-west-1", "db_authentication": "secret"},
        {"standby_region": "us-east-2", "deployment_strategy": "blue-green", "environment_class": "production"},
    ],
    ids=["ephemeral", "production", "blue-green", "standby", "nat-none", "jwt", "other-region", "all"],
)
def test_aws_takes_it_whole_and_with_the_longest_suffix(overrides: dict[str, object]) -> None:
    given = {**CONTAINERS, **overrides}
    check(synthesized(**given), settings(**given))


def test_c1_three_tiers_over_three_zones_and_nat_by_class() -> None:
    subnets = of_type(DEV, "aws_subnet").values()
    for tier in ("public", "private", "isolated"):
        zones = [subnet["availability_zone"] for subnet in subnets if subnet["tags"]["Tier"] == tier]
        assert zones == ["us-east-1a", "us-east-1b", "us-east-1c"]
    assert [len(of_type(document, "aws_nat_gateway")) for document in (DEV, PRODUCTION)] == [1, 3]
    assert not [route for route in of_type(DEV, "aws_route").values() if "isolated" in route["route_table_id"]]


def test_c2_aurora_postgresql_with_writer_and_reader_in_isolated_subnets() -> None:
    cluster = arguments(DEV, "aws_rds_cluster.database_cluster")
    assert (cluster["engine"], int(cluster["engine_version"].partition(".")[0]) >= 14) == ("aurora-postgresql", True)
    assert cluster["iam_database_authentication_enabled"] is True
    assert cluster["enabled_cloudwatch_logs_exports"] == ["postgresql"]
    assert "backtrack_window" not in cluster
    subnets = arguments(DEV, "aws_db_subnet_group.database_subnet_group")["subnet_ids"]
    assert subnets == [f"${{aws_subnet.isolated_subnet_{zone}.id}}" for zone in "abc"]
    parameters = arguments(DEV, "aws_rds_cluster_parameter_group.database_parameters")["parameter"]
    assert {"rds.force_ssl": "1"}.items() <= {found["name"]: found["value"] for found in parameters}.items()
    for document, class_ in ((DEV, "db.t4g.medium"), (PRODUCTION, "db.r6g.xlarge")):
        instances = of_type(document, "aws_rds_cluster_instance").values()
        assert [instance["instance_class"] for instance in instances] == [class_, class_]
        assert [instance["promotion_tier"] for instance in instances] == [0, 1]
        assert len({instance["availability_zone"] for instance in instances}) == 2
        assert {instance["monitoring_interval"] for instance in instances} == {60}


def test_c2_the_service_logs_in_as_payment_user_and_as_nobody_else() -> None:
    (statement,) = statements(DEV, "service_ledger").values()
    assert statement["Action"] == ["rds-db:connect"]
    (user,) = statement["Resource"]
    assert user.endswith(":dbuser:${aws_rds_cluster.database_cluster.cluster_resource_id}/payment_user")
    told = variables(container(DEV))
    assert (told["DB_USER"], told["DB_AUTHENTICATION"], told["DB_PORT"]) == ("payment_user", "iam", "5432")
    granted = [address for address, policy in policies(DEV) if "rds-db:connect" in json.dumps(policy)]
    assert set(granted) == {"aws_iam_policy.service_ledger", "aws_iam_policy.recovery_ledger"}


def test_c2_alarms_for_processor_connections_and_latency() -> None:
    metrics = {
        alarm["metric_name"]: alarm["dimensions"] for alarm in of_type(DEV, "aws_cloudwatch_metric_alarm").values()
    }
    cluster = {"DBClusterIdentifier": "${aws_rds_cluster.database_cluster.cluster_identifier}"}
    for metric in ("CPUUtilization", "DatabaseConnections", "CommitLatency", "AuroraReplicaLagMaximum"):
        if metric == "CPUUtilization":  # Of the service too.
            assert arguments(DEV, "aws_cloudwatch_metric_alarm.aurora_cpu_alarm")["dimensions"] == cluster
        else:
            assert metrics[metric] == cluster


def test_c2_backtrack_is_refused_with_what_to_use_instead() -> None:
    with pytest.raises(SettingsError, match=r"it has no backtrack; .*restore to a point in time .*docs/restore"):
        settings(**CONTAINERS, backtrack_hours=24)
    wrong = containers()
    arguments(wrong, "aws_rds_cluster.database_cluster")["backtrack_window"] = 86_400
    with pytest.raises(RefusalError, match="no backtrack with PostgreSQL; restore to a point in time"):
        check(wrong, settings(**CONTAINERS))


def test_c3_tasks_and_their_size() -> None:
    for document, least, most in ((DEV, 2, 4), (PRODUCTION, 10, 50)):
        scaling = arguments(document, "aws_appautoscaling_target.service_scaling")
        assert (scaling["min_capacity"], scaling["max_capacity"]) == (least, most)
        assert arguments(document, "aws_ecs_service.service")["desired_count"] == least
    task = arguments(DEV, "aws_ecs_task_definition.service_task")
    assert (task["cpu"], task["memory"], task["requires_compatibilities"]) == ("1024", "2048", ["FARGATE"])
    network = arguments(DEV, "aws_ecs_service.service")["network_configuration"]
    assert network["subnets"] == [f"${{aws_subnet.private_subnet_{zone}.id}}" for zone in "abc"]
    assert network["assign_public_ip"] is False
    (insights,) = arguments(DEV, "aws_ecs_cluster.cluster")["setting"]
    assert insights == {"name": "containerInsights", "value": "enabled"}


def test_c3_scaling_on_processor_and_memory() -> None:
    policies_ = [
        policy["target_tracking_scaling_policy_configuration"]
        for policy in of_type(DEV, "aws_appautoscaling_policy").values()
    ]
    targets = {
        policy["predefined_metric_specification"]["predefined_metric_type"]: policy["target_value"]
        for policy in policies_
    }
    assert targets["ECSServiceAverageCPUUtilization"] == 70
    assert set(targets) == {"ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization"}
    assert {(policy["scale_in_cooldown"], policy["scale_out_cooldown"]) for policy in policies_} == {(60, 60)}


def test_c3_what_spot_may_take_away_is_none_of_production() -> None:
    def capacity(document: Document) -> dict[str, tuple[int, int]]:
        strategy = arguments(document, "aws_ecs_service.service")["capacity_provider_strategy"]
        return {part["capacity_provider"]: (part["base"], part["weight"]) for part in strategy}

    assert capacity(PRODUCTION) == {"FARGATE": (10, 1)}
    assert capacity(DEV) == {"FARGATE": (1, 1), "FARGATE_SPOT": (0, 3)}


def test_c3_c5_one_port_and_one_path_from_the_listener_to_the_process() -> None:
    (ports,) = container(DEV)["portMappings"]
    group = arguments(DEV, "aws_lb_target_group.blue_target_group")
    (behind,) = arguments(DEV, "aws_ecs_service.service")["load_balancer"]
    rules = [
        arguments(DEV, "aws_vpc_security_group_egress_rule.balancer_to_service"),
        arguments(DEV, "aws_vpc_security_group_ingress_rule.service_from_balancer"),
    ]
    served = ServiceSettings.from_variables({"API_KEY_SECRET_ARN": "arn"}).port
    used = [PORT, SERVICE_PORT, served, int(service_probe.DEFAULT_PORT), group["port"], behind["container_port"]]
    used += [ports["containerPort"], ports["hostPort"]]
    used += [rule[end] for rule in rules for end in ("from_port", "to_port")]
    assert set(used) == {8080}
    assert "SERVICE_PORT" not in {variable["name"] for variable in container(DEV)["environment"]}
    assert group["health_check"]["port"] == "traffic-port"
    asked = arguments(DEV, "aws_route53_health_check.api_health_check")["resource_path"]
    paths = {HEALTH_PATH, http.HEALTH_PATH, service_probe.HEALTH_PATH, group["health_check"]["path"], asked}
    assert paths == {"/health"}
    assert (behind["container_name"], container(DEV)["healthCheck"]["command"]) == (
        container(DEV)["name"],
        ["CMD", "python", "-m", "service_probe"],
    )
    (default,) = arguments(DEV, "aws_lb_listener.balancer_https")["default_action"]
    assert default["target_group_arn"] == behind["target_group_arn"] == "${aws_lb_target_group.blue_target_group.arn}"


def test_c3_without_nat_tasks_reach_what_they_need_by_endpoints() -> None:
    document = containers(nat_gateways="none")
    endpoints = {
        endpoint["service_name"].removeprefix("com.amazonaws.us-east-1.")
        for endpoint in of_type(document, "aws_vpc_endpoint").values()
    }
    assert {
        "ecr.api",
        "ecr.dkr",
        "s3",
        "dynamodb",
        "logs",
        "secretsmanager",
        "ssm",
        "sqs",
        "events",
        "kms",
    } <= endpoints
    assert not [
        rule for rule in of_type(document, "aws_vpc_security_group_egress_rule").values() if "cidr_ipv4" in rule
    ]
    # The daemon's image is in a registry that no endpoint leads to.
    assert "xray-daemon" not in arguments(document, "aws_ecs_task_definition.service_task")["container_definitions"]


def test_c4_rolling_deployments_have_a_circuit_breaker_and_alarms() -> None:
    service = arguments(DEV, "aws_ecs_service.service")
    assert service["deployment_controller"] == {"type": "ECS"}
    assert service["deployment_circuit_breaker"] == {"enable": True, "rollback": True}
    assert service["alarms"] == {
        "enable": True,
        "rollback": True,
        "alarm_names": ["${aws_cloudwatch_metric_alarm.service_errors_blue_alarm.alarm_name}"],
    }
    assert not [type_ for type_ in DEV["resource"] if "codedeploy" in type_]


def test_c4_blue_green_deployments_are_codedeploys_alone() -> None:
    service = arguments(BLUE_GREEN, "aws_ecs_service.service")
    assert service["deployment_controller"] == {"type": "CODE_DEPLOY"}
    assert not {"deployment_circuit_breaker", "alarms"} & set(service)
    assert {"task_definition", "load_balancer"} <= set(service["lifecycle"]["ignore_changes"])
    group = arguments(BLUE_GREEN, "aws_codedeploy_deployment_group.deployment_group")
    assert group["auto_rollback_configuration"]["enabled"] is True
    assert {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"} <= set(group["auto_rollback_configuration"]["events"])
    assert group["alarm_configuration"]["alarms"] == [
        f"${{aws_cloudwatch_metric_alarm.service_errors_{color}_alarm.alarm_name}}" for color in ("blue", "green")
    ]
    pair = group["load_balancer_info"]["target_group_pair_info"]
    assert [target["name"] for target in pair["target_group"]] == [
        f"${{aws_lb_target_group.{color}_target_group.name}}" for color in ("blue", "green")
    ]
    assert group["deployment_config_name"] == "CodeDeployDefault.ECSAllAtOnce"
    production = containers(deployment_strategy="blue-green", environment_class="production")
    slowly = arguments(production, "aws_codedeploy_deployment_group.deployment_group")["deployment_config_name"]
    assert slowly == "CodeDeployDefault.ECSCanary10Percent5Minutes"


def test_c4_each_deploy_that_changes_the_task_shifts_the_traffic_to_it() -> None:
    run = arguments(BLUE_GREEN, "aws_lambda_invocation.traffic_shifter_run")
    task = "${aws_ecs_task_definition.service_task.arn}"
    assert (run["triggers"], json.loads(run["input"])["task_definition"]) == ({"task_definition": task}, task)
    assert "aws_ecs_service.service" in run["depends_on"]
    scaling = arguments(BLUE_GREEN, "aws_appautoscaling_target.service_scaling")
    assert scaling["depends_on"] == ["aws_lambda_invocation.traffic_shifter_run"]


def test_c4_the_service_starts_once_schema_image_and_permissions_are_there() -> None:
    task = arguments(DEV, "aws_ecs_task_definition.service_task")
    assert task["depends_on"] == ["aws_lambda_invocation.image_builder_run"]
    after = set(arguments(DEV, "aws_ecs_service.service")["depends_on"])
    assert {"aws_lambda_invocation.migrations_run", "aws_lb_listener.balancer_https"} <= after
    granted = [id_ for id_ in of_type(DEV, "aws_iam_role_policy_attachment") if id_.startswith("service_")]
    assert {f"aws_iam_role_policy_attachment.{id_}" for id_ in granted} <= after


def test_c4_a_new_image_has_another_tag_and_is_built_once() -> None:
    built = artifacts().containers
    assert isinstance(built, ContainerArtifacts)
    tag = DEV["output"]["image_tag"]["value"]
    assert container(DEV)["image"] == f"${{aws_ecr_repository.image_repository.repository_url}}:{tag}"
    assert arguments(DEV, "aws_lambda_invocation.image_builder_run")["triggers"] == {"image": tag}
    assert arguments(DEV, "aws_ecr_repository.image_repository")["image_tag_mutability"] == "IMMUTABLE"
