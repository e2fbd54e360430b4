"""The payment service's image, tasks, cluster, service, scaling and blue-green deployments, as synthesized."""

from __future__ import annotations

import importlib
import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from lib.compute import blue_green, image_build, task_definition
from lib.refusals import check
from lib.settings import RegionRole, load_settings
from tests.unit.compute.service_constructs import (
    BALANCER,
    ELB,
    LISTENER,
    SECRET,
    TAG,
    TEST_LISTENER,
    synthesized_service,
)
from tests.unit.stacks import Document, arguments, of_type, policies

ROOT = Path(__file__).resolve().parents[3]
ROLLING = synthesized_service()
SHIFTED = synthesized_service(deployment_strategy="blue-green")
PRODUCTION = synthesized_service(environment_class="production", deployment_strategy="blue-green")
ACCOUNT = "${data.aws_caller_identity.account.account_id}"


def statements(document: Document, address: str) -> dict[str, dict[str, Any]]:
    return {one["Sid"]: one for one in dict(policies(document))[address]["Statement"]}


def containers(document: Document) -> dict[str, dict[str, Any]]:
    found = json.loads(arguments(document, "aws_ecs_task_definition.service_task")["container_definitions"])
    return {one["name"]: one for one in found}


@pytest.mark.parametrize(
    "overrides",
    [
        {},
        {"deployment_strategy": "blue-green"},
        {"environment_class": "production"},
        {"environment_suffix": "a" * 20, "aws_region": "ap-southeast-1", "deployment_strategy": "blue-green"},
    ],
    ids=["rolling", "blue-green", "production", "longest-suffix"],
)
def test_nothing_of_it_would_be_refused_by_aws(overrides: dict[str, object]) -> None:
    settings = load_settings(architecture="containers", domain="acme.io", parent_zone_id="Z0123456789", **overrides)
    check(synthesized_service(**overrides), settings)


def test_repository_is_immutable_scanned_encrypted_and_goes_with_the_environment() -> None:
    repository = arguments(ROLLING, "aws_ecr_repository.image_repository")
    assert (repository["name"], repository["image_tag_mutability"]) == ("payment-service-dev", "IMMUTABLE")
    assert repository["image_scanning_configuration"] == {"scan_on_push": True}
    assert repository["encryption_configuration"] == [
        {"encryption_type": "KMS", "kms_key": "${aws_kms_key.operations_key.arn}"}
    ]
    assert repository["force_delete"] is True
    assert arguments(PRODUCTION, "aws_ecr_repository.image_repository")["force_delete"] is False
    policy = json.loads(arguments(ROLLING, "aws_ecr_lifecycle_policy.image_repository_lifecycle")["policy"])
    assert policy["rules"][0]["selection"]["countNumber"] == 20


def test_contexts_are_private_encrypted_and_versioned() -> None:
    bucket = "${aws_s3_bucket.image_context_bucket.id}"
    assert arguments(ROLLING, "aws_s3_bucket.image_context_bucket") == {
        **arguments(ROLLING, "aws_s3_bucket.image_context_bucket"),
        "bucket": "payment-image-context-us-east-1-dev",
        "force_destroy": True,
    }
    (rule,) = arguments(ROLLING, "aws_s3_bucket_server_side_encryption_configuration.image_context_bucket_encryption")[
        "rule"
    ]
    assert rule["apply_server_side_encryption_by_default"]["sse_algorithm"] == "aws:kms"
    blocked = arguments(ROLLING, "aws_s3_bucket_public_access_block.image_context_bucket_public_access")
    assert blocked == {
        "bucket": bucket,
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
        "provider": "aws",
    }
    refusal = statements(ROLLING, "aws_s3_bucket_policy.image_context_bucket_policy")["RefusePlainHttp"]
    assert (refusal["Effect"], refusal["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    uploaded = arguments(ROLLING, "aws_s3_object.image_context")
    assert (uploaded["key"], uploaded["source_hash"]) == (f"{TAG}.zip", TAG)
    assert (
        "aws_s3_bucket_server_side_encryption_configuration.image_context_bucket_encryption" in uploaded["depends_on"]
    )


def test_project_builds_for_arm_with_docker_from_the_uploaded_context() -> None:
    project = arguments(ROLLING, "aws_codebuild_project.image_build_project")
    environment = project["environment"]
    assert (environment["type"], environment["privileged_mode"]) == ("ARM_CONTAINER", True)
    assert {one["name"]: one["value"] for one in environment["environment_variable"]} == {
        "IMAGE_REPOSITORY": "${aws_ecr_repository.image_repository.repository_url}",
        "IMAGE_TAG": TAG,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    location = "${aws_s3_bucket.image_context_bucket.bucket}/${aws_s3_object.image_context.key}"
    assert project["source"] == {"type": "S3", "location": location}
    spec = (ROOT / "lib" / "container" / "buildspec.yml").read_text(encoding="utf-8")
    assert {"$IMAGE_REPOSITORY:$IMAGE_TAG"} <= {word.strip('"') for word in spec.split()}


def test_builds_may_push_to_their_repository_and_nothing_else() -> None:
    allowed = statements(ROLLING, "aws_iam_policy.image_build")
    assert allowed["PushImage"]["Resource"] == ["${aws_ecr_repository.image_repository.arn}"]
    assert [sid for sid, one in allowed.items() if one["Resource"] == ["*"]] == ["LogInToRegistry"]
    assert allowed["ReadContext"]["Resource"] == ["${aws_s3_bucket.image_context_bucket.arn}/*"]
    (trust,) = dict(policies(ROLLING))["aws_iam_role.image_build_role"]["Statement"]
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_image_is_built_during_the_deploy_before_a_task_is_defined() -> None:
    run = arguments(ROLLING, "aws_lambda_invocation.image_builder_run")
    assert (run["lifecycle_scope"], run["triggers"]) == ("CREATE_ONLY", {"image": TAG})
    assert json.loads(run["input"]) == {
        "project": "${aws_codebuild_project.image_build_project.name}",
        "repository": "${aws_ecr_repository.image_repository.name}",
        "tag": TAG,
    }
    assert "aws_iam_role_policy_attachment.image_build_attachment" in run["depends_on"]
    assert "aws_iam_role_policy_attachment.image_builder_image_attachment" in run["depends_on"]
    assert arguments(ROLLING, "aws_ecs_task_definition.service_task")["depends_on"] == [
        "aws_lambda_invocation.image_builder_run"
    ]


@pytest.mark.parametrize(
    ("id_", "handler"), [("image_builder", image_build.HANDLER), ("traffic_shifter", blue_green.HANDLER)]
)
def test_functions_of_the_deployment_are_handlers_that_exist_and_are_in_no_vpc(id_: str, handler: str) -> None:
    function = arguments(SHIFTED, f"aws_lambda_function.{id_}")
    module, _, name = handler.partition(".")
    assert (function["handler"], callable(getattr(importlib.import_module(module), name))) == (handler, True)
    assert (function["timeout"], "vpc_config" in function) == (900, False)
    runtime = statements(SHIFTED, f"aws_iam_policy.{id_}_runtime")
    assert runtime.keys() == {"WriteLogs", "WriteTraces"}
    assert function["environment"]["variables"]["REGION"] == "us-east-1"


def test_task_is_as_the_service_wants_it() -> None:
    task = arguments(ROLLING, "aws_ecs_task_definition.service_task")
    assert (task["family"], task["cpu"], task["memory"]) == ("payment-service-dev", "1024", "2048")
    assert (task["network_mode"], task["requires_compatibilities"]) == ("awsvpc", ["FARGATE"])
    assert task["runtime_platform"] == {"cpu_architecture": "ARM64", "operating_system_family": "LINUX"}
    assert task["lifecycle"] == {"create_before_destroy": True}
    container = containers(ROLLING)["payment"]
    assert container["image"] == f"${{aws_ecr_repository.image_repository.repository_url}}:{TAG}"
    assert (container["user"], container["readonlyRootFilesystem"], container["stopTimeout"]) == (
        "10001:10001",
        True,
        30,
    )
    assert container["portMappings"] == [{"name": "http", "containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}]
    assert container["secrets"] == [{"name": "API_KEY", "valueFrom": SECRET}]
    assert {one["name"]: one["value"] for one in container["environment"]} == {
        "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
        "DB_NAME": "payments",
        "SERVICE_VERSION": TAG,
    }
    assert (
        container["logConfiguration"]["options"]["awslogs-group"]
        == "${aws_cloudwatch_log_group.service_log_group.name}"
    )
    assert arguments(ROLLING, "aws_cloudwatch_log_group.service_log_group")["kms_key_id"]


def test_task_asks_for_its_health_where_the_image_has_the_probe_and_the_service_its_port() -> None:
    probe = runpy.run_path(str(ROOT / "lib" / "container" / "service_probe.py"))
    check_ = containers(ROLLING)["payment"]["healthCheck"]
    assert (check_["command"], check_["interval"], check_["timeout"]) == (
        ["CMD", "python", "-m", "service_probe"],
        15,
        5,
    )
    assert (check_["retries"], check_["startPeriod"]) == (3, 30)
    assert str(task_definition.PORT) == probe["DEFAULT_PORT"]
    assert f"USER {task_definition.USER}" in (ROOT / "lib" / "container" / "Dockerfile").read_text(encoding="utf-8")


def test_task_has_no_x_ray_daemon_where_no_public_registry_can_be_reached() -> None:
    assert containers(ROLLING)["xray-daemon"]["essential"] is False
    closed = synthesized_service(nat_gateways="none")
    assert list(containers(closed)) == ["payment"]
    assert "AWS_XRAY_DAEMON_ADDRESS" not in json.dumps(containers(closed))
    assert "aws_iam_policy.service_traces" not in dict(policies(closed))


def test_what_starts_a_task_and_what_runs_in_it_have_roles_of_their_own() -> None:
    task = arguments(ROLLING, "aws_ecs_task_definition.service_task")
    assert task["execution_role_arn"] == "${aws_iam_role.service_execution_role.arn}"
    assert task["task_role_arn"] == "${aws_iam_role.service_task_role.arn}"
    start = statements(ROLLING, "aws_iam_policy.service_start")
    assert start["PullImage"]["Resource"] == ["${aws_ecr_repository.image_repository.arn}"]
    assert start["ReadKey"]["Resource"] == [SECRET]
    assert arguments(ROLLING, "aws_iam_role_policy_attachment.service_start_attachment")["role"] == (
        "${aws_iam_role.service_execution_role.name}"
    )
    for concern in ("sessions", "traces"):
        attachment = arguments(ROLLING, f"aws_iam_role_policy_attachment.service_{concern}_attachment")
        assert attachment["role"] == "${aws_iam_role.service_task_role.name}"


def test_cluster_measures_itself_in_a_log_group_of_the_environment() -> None:
    cluster = arguments(ROLLING, "aws_ecs_cluster.cluster")
    assert cluster["setting"] == [{"name": "containerInsights", "value": "enabled"}]
    assert arguments(PRODUCTION, "aws_ecs_cluster.cluster")["setting"][0]["value"] == "enhanced"
    group = arguments(ROLLING, "aws_cloudwatch_log_group.cluster_log_group")
    assert group["name"] == f"/aws/ecs/containerinsights/{cluster['name']}/performance"
    assert arguments(ROLLING, "aws_ecs_cluster_capacity_providers.cluster_capacity")["capacity_providers"] == [
        "FARGATE",
        "FARGATE_SPOT",
    ]
    namespace = arguments(ROLLING, "aws_service_discovery_private_dns_namespace.namespace")
    assert (namespace["name"], namespace["vpc"]) == ("payment-services-dev.internal", "vpc-1")


def test_rolling_service_goes_back_by_itself_and_is_waited_for() -> None:
    service = arguments(ROLLING, "aws_ecs_service.service")
    assert (service["name"], service["desired_count"]) == ("payment-service-dev", 2)
    assert service["deployment_controller"] == {"type": "ECS"}
    assert service["deployment_circuit_breaker"] == {"enable": True, "rollback": True}
    assert service["alarms"] == {
        "enable": True,
        "rollback": True,
        "alarm_names": ["${aws_cloudwatch_metric_alarm.service_errors_blue_alarm.alarm_name}"],
    }
    assert (service["wait_for_steady_state"], service["availability_zone_rebalancing"]) == (True, "ENABLED")
    assert service["lifecycle"]["ignore_changes"] == ["desired_count"]
    (rolled_out,) = service["lifecycle"]["postcondition"]
    assert rolled_out["condition"] == "${(self.task_definition == aws_ecs_task_definition.service_task.arn)}"
    assert service["network_configuration"]["assign_public_ip"] is False
    assert {
        "aws_ecs_cluster_capacity_providers.cluster_capacity",
        "aws_iam_role_policy_attachment.service_start_attachment",
        "aws_iam_role_policy_attachment.service_sessions_attachment",
        "aws_vpc_security_group_egress_rule.service_to_aws",
    } <= set(service["depends_on"])


def test_blue_green_service_is_left_to_codedeploy() -> None:
    service = arguments(SHIFTED, "aws_ecs_service.service")
    assert service["deployment_controller"] == {"type": "CODE_DEPLOY"}
    assert not {"deployment_circuit_breaker", "alarms", "wait_for_steady_state"} & service.keys()
    assert service["lifecycle"] == {"ignore_changes": ["desired_count", "load_balancer", "task_definition"]}


def test_tasks_are_on_demand_in_production_and_mostly_spot_elsewhere() -> None:
    def capacity(document: Document) -> list[tuple[str, int, int]]:
        strategy = arguments(document, "aws_ecs_service.service")["capacity_provider_strategy"]
        return [(one["capacity_provider"], one["base"], one["weight"]) for one in strategy]

    assert capacity(ROLLING) == [("FARGATE", 1, 1), ("FARGATE_SPOT", 0, 3)]
    assert capacity(PRODUCTION) == [("FARGATE", 10, 1)]


def test_service_is_found_by_name_in_the_vpc() -> None:
    registry = arguments(ROLLING, "aws_service_discovery_service.service_registry")
    assert registry["dns_config"]["dns_records"] == [{"type": "A", "ttl": 10}]
    assert registry["force_destroy"] is True
    assert arguments(ROLLING, "aws_ecs_service.service")["service_registries"] == {
        "registry_arn": "${aws_service_discovery_service.service_registry.arn}"
    }


def test_service_scales_between_its_limits_on_processor_and_memory() -> None:
    target = arguments(PRODUCTION, "aws_appautoscaling_target.service_scaling")
    assert (target["min_capacity"], target["max_capacity"]) == (10, 50)
    assert target["depends_on"] == ["aws_lambda_invocation.traffic_shifter_run"]
    found = {
        id_: policy["target_tracking_scaling_policy_configuration"]
        for id_, policy in of_type(ROLLING, "aws_appautoscaling_policy").items()
    }
    assert {id_: one["target_value"] for id_, one in found.items()} == {
        "service_scaling_cpu": 70,
        "service_scaling_memory": 75,
    }
    assert {(one["scale_in_cooldown"], one["scale_out_cooldown"]) for one in found.values()} == {(60, 60)}


def test_alarm_watches_the_target_group_and_not_the_service() -> None:
    alarm = arguments(ROLLING, "aws_cloudwatch_metric_alarm.service_errors_blue_alarm")
    assert alarm["dimensions"] == {"LoadBalancer": BALANCER, "TargetGroup": "targetgroup/b/1"}
    assert (alarm["threshold"], alarm["period"], alarm["treat_missing_data"]) == (10, 60, "notBreaching")


def test_deployment_group_moves_both_listeners_and_goes_back() -> None:
    group = arguments(SHIFTED, "aws_codedeploy_deployment_group.deployment_group")
    pair = group["load_balancer_info"]["target_group_pair_info"]
    assert pair["prod_traffic_route"] == {"listener_arns": [LISTENER]}
    assert pair["test_traffic_route"] == {"listener_arns": [TEST_LISTENER]}
    assert [one["name"] for one in pair["target_group"]] == ["payment-blue", "payment-green"]
    assert group["auto_rollback_configuration"] == {"enabled": True, "events": list(blue_green.ROLLBACK_EVENTS)}
    assert group["alarm_configuration"]["enabled"] is True
    assert group["deployment_config_name"] == "CodeDeployDefault.ECSAllAtOnce"
    careful = arguments(PRODUCTION, "aws_codedeploy_deployment_group.deployment_group")
    assert careful["deployment_config_name"] == "CodeDeployDefault.ECSCanary10Percent5Minutes"


def test_traffic_is_shifted_whenever_the_task_definition_changes() -> None:
    run = arguments(SHIFTED, "aws_lambda_invocation.traffic_shifter_run")
    assert run["triggers"] == {"task_definition": "${aws_ecs_task_definition.service_task.arn}"}
    assert json.loads(run["input"]) == {
        "application": "${aws_codedeploy_app.deployments.name}",
        "group": "${aws_codedeploy_deployment_group.deployment_group.deployment_group_name}",
        "cluster": "${aws_ecs_cluster.cluster.name}",
        "service": "${aws_ecs_service.service.name}",
        "task_definition": "${aws_ecs_task_definition.service_task.arn}",
        "container": "payment",
        "port": 8080,
    }
    assert "aws_ecs_service.service" in run["depends_on"]


def test_codedeploy_may_change_this_service_and_these_listeners() -> None:
    allowed = statements(SHIFTED, "aws_iam_policy.deployments_shift")
    assert allowed["ShiftTraffic"]["Resource"] == [
        LISTENER,
        TEST_LISTENER,
        f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:listener-rule/{BALANCER}/*",
    ]
    assert LISTENER.startswith(ELB)
    assert allowed["HandOverRoles"]["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    assert allowed["HandOverRoles"]["Resource"] == [
        "${aws_iam_role.service_execution_role.arn}",
        "${aws_iam_role.service_task_role.arn}",
    ]
    assert {sid for sid, one in allowed.items() if one["Resource"] == ["*"]} == {"FindTargets", "WatchAlarms"}
    calls = statements(SHIFTED, "aws_iam_policy.traffic_shifter_deployments")
    assert calls["Deploy"]["Resource"] == ["${aws_codedeploy_deployment_group.deployment_group.arn}"]


def test_in_one_of_two_regions_everything_has_its_role() -> None:
    document = synthesized_service(RegionRole.SECONDARY, standby_region="us-east-2")
    assert arguments(document, "aws_ecs_service.secondary_service")["name"] == "payment-service-secondary-dev"
    bucket = arguments(document, "aws_s3_bucket.secondary_image_context_bucket")["bucket"]
    assert bucket == "payment-image-context-us-east-2-dev"


def test_outputs_name_what_operators_need() -> None:
    assert {
        "cluster_name",
        "service_name",
        "service_log_group_name",
        "image_repository_url",
        "image_tag",
        "deployment_application_name",
        "deployment_group_name",
    } <= SHIFTED["output"].keys()
