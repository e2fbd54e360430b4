"""What holds for the container stack as for every environment (G3 to G8, E2)."""

from __future__ import annotations

import json
import re

import pytest

from tests.unit.containers import containers, variables
from tests.unit.stacks import Document, arguments, of_type, policies

DEV = containers()
STANDBY = containers(standby_region="us-east-2")
BLUE_GREEN = containers(deployment_strategy="blue-green")
# Arguments that hold a resource's name, in the account or in the Region.
NAMES = ("name", "bucket", "identifier", "cluster_identifier", "function_name", "alarm_name", "app_name")
# Named within something that has the suffix in its name.
WITHIN = {"aws_service_discovery_service", "aws_cloudwatch_event_target", "aws_route53_record"}
# What AWS has no resource-level permission for, or what is for the whole account: its comment is where it is granted.
ACCOUNT_WIDE = {
    "DeliverLogs",
    "FindByTag",
    "FindTargets",
    "JoinVpc",
    "KeepCodeFromInterfaces",
    "ListBuckets",
    "ListTasks",
    "LogInToRegistry",
    "LookAtNetworks",
    "PutMetrics",
    "ReadReplicationLag",
    "SeeClusters",
    "TellResult",
    "WatchAlarms",
    "WriteTraces",
}


@pytest.mark.parametrize("document", [DEV, BLUE_GREEN, STANDBY], ids=["rolling", "blue-green", "standby"])
def test_g3_every_name_has_the_suffix_and_no_name_is_there_twice(document: Document) -> None:
    names: list[tuple[str, str, str]] = []
    for type_, instances in document["resource"].items():
        for id_, resource in instances.items():
            for argument in NAMES:
                value = resource.get(argument)
                if isinstance(value, str) and "${" not in value and type_ not in WITHIN:
                    assert "dev" in re.split(r"[-/._]", value), f"{type_}.{id_}: {value}"
                    names.append((type_, value, resource.get("provider", "")))
    families = [task["family"] for task in of_type(document, "aws_ecs_task_definition").values()]
    assert all(family.endswith("-dev") for family in families)
    assert len(names) > 40
    assert len(names) == len(set(names))


def test_g3_default_tags() -> None:
    (provider,) = DEV["provider"]["aws"]
    tags = provider["default_tags"][0]["tags"]
    assert (tags["Architecture"], tags["EnvironmentSuffix"], tags["ManagedBy"]) == ("containers", "dev", "cdktf")
    assert "SecondaryRegion" not in tags
    assert STANDBY["provider"]["aws"][0]["default_tags"][0]["tags"]["SecondaryRegion"] == "us-east-2"


def test_g4_production_alone_is_protected() -> None:
    production = containers(environment_class="production")
    for document, protected in ((DEV, False), (production, True)):
        cluster = arguments(document, "aws_rds_cluster.database_cluster")
        assert (cluster["deletion_protection"], cluster.get("skip_final_snapshot", False)) == (protected, not protected)
        assert arguments(document, "aws_lb.balancer")["enable_deletion_protection"] is protected
        assert arguments(document, "aws_dynamodb_table.sessions_table")["deletion_protection_enabled"] is protected
        window = arguments(document, "aws_secretsmanager_secret.api_key_secret")["recovery_window_in_days"]
        assert window == (30 if protected else 0)
        assert arguments(document, "aws_s3_bucket.logs_bucket")["force_destroy"] is not protected


def test_g4_what_is_not_empty_goes_too() -> None:
    assert arguments(DEV, "aws_ecr_repository.image_repository")["force_delete"] is True
    assert arguments(DEV, "aws_ecs_service.service")["force_delete"] is True
    assert arguments(DEV, "aws_service_discovery_service.service_registry")["force_destroy"] is True
    assert arguments(DEV, "aws_route53_zone.zone")["force_destroy"] is True
    assert arguments(DEV, "aws_backup_vault.backup_vault")["force_destroy"] is True
    assert all(canary["delete_lambda"] for canary in of_type(DEV, "aws_synthetics_canary").values())
    assert all(bucket["force_destroy"] for bucket in of_type(DEV, "aws_s3_bucket").values())


def test_g4_g6_log_groups_are_owned_encrypted_and_expire() -> None:
    groups = of_type(BLUE_GREEN, "aws_cloudwatch_log_group")
    assert {group["retention_in_days"] for group in groups.values()} == {7}
    assert {group["kms_key_id"] for group in groups.values()} == {"${aws_kms_key.operations_key.arn}"}
    names = {group["name"] for group in groups.values()}
    assert {"/aws/ecs/payment-service-dev", "/aws/ecs/containerinsights/payment-cluster-dev/performance"} <= names
    assert "aws-waf-logs-payment-web-acl-dev" in names
    written = json.dumps(arguments(BLUE_GREEN, "aws_codebuild_project.image_build_project")["logs_config"])
    assert "aws_cloudwatch_log_group.image_build_log_group" in written


@pytest.mark.parametrize("document", [DEV, BLUE_GREEN, STANDBY], ids=["rolling", "blue-green", "standby"])
def test_g6_no_secret_is_in_the_json(document: Document) -> None:
    text = json.dumps(document)
    for argument in ('"master_password"', '"secret_string"', '"password"'):
        assert argument not in text
    for version in of_type(document, "aws_secretsmanager_secret_version").values():
        assert "${ephemeral." in version["secret_string_wo"]
    for parameter in of_type(document, "aws_ssm_parameter").values():
        assert parameter["type"] == "String" or "${ephemeral." in parameter["value_wo"]
    # The task is told where a secret is, and fetches it itself.
    for task in of_type(document, "aws_ecs_task_definition").values():
        for container in json.loads(task["container_definitions"]):
            told = variables(container)
            assert not [name for name in told if "PASSWORD" in name or "TOKEN" in name]
            assert not container.get("secrets")


def test_g6_keys_rotate_and_what_holds_data_has_one() -> None:
    assert all(key["enable_key_rotation"] for key in of_type(DEV, "aws_kms_key").values())
    for queue in of_type(DEV, "aws_sqs_queue").values():
        assert queue["kms_master_key_id"] == "${aws_kms_key.operations_key.arn}"
    image = arguments(DEV, "aws_ecr_repository.image_repository")["encryption_configuration"]
    assert [found["encryption_type"] for found in image] == ["KMS"]
    for bucket in ("logs_bucket", "image_context_bucket"):
        policy = json.loads(arguments(DEV, f"aws_s3_bucket_policy.{bucket}_policy")["policy"])
        refused = [statement["Condition"] for statement in policy["Statement"] if statement["Effect"] == "Deny"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in refused


@pytest.mark.parametrize("document", [DEV, BLUE_GREEN, STANDBY], ids=["rolling", "blue-green", "standby"])
def test_g7_every_statement_is_named_and_none_may_do_everything(document: Document) -> None:
    wild = set()
    for address, policy in policies(document):
        if not address.startswith("aws_iam_policy."):
            continue
        for statement in policy["Statement"]:
            assert statement["Sid"], address
            assert not [action for action in statement["Action"] if "*" in action], (address, statement)
            if "*" in statement["Resource"]:
                wild.add(statement["Sid"])
    assert wild <= ACCOUNT_WIDE


def test_g7_who_starts_a_task_may_do_nothing_that_the_task_may() -> None:
    attached = {
        (attachment["role"], attachment["policy_arn"].split(".")[1])
        for attachment in of_type(DEV, "aws_iam_role_policy_attachment").values()
        if "aws_iam_policy." in attachment["policy_arn"]
    }
    by_role = {role: {policy for of, policy in attached if of == role} for role, _ in attached}
    assert by_role["${aws_iam_role.service_execution_role.name}"] == {"service_start"}
    assert by_role["${aws_iam_role.service_task_role.name}"] == {
        f"service_{concern}" for concern in ("callers", "configuration", "events", "ledger", "sessions", "traces")
    }


def test_g7_workloads_reach_only_what_they_name() -> None:
    into = of_type(DEV, "aws_vpc_security_group_ingress_rule")
    assert {id_ for id_, rule in into.items() if "cidr_ipv4" in rule} == {
        "balancer_from_anywhere_443",
        "balancer_from_anywhere_80",
    }
    assert {id_ for id_, rule in into.items() if rule["from_port"] == 5432} == {
        "database_from_migrations",
        "database_from_recovery",
        "database_from_service",
    }
    assert {rule["ip_protocol"] for rule in into.values()} == {"tcp"}


def test_g8_outputs() -> None:
    assert {
        "vpc_id",
        "database_endpoint",
        "sessions_table_name",
        "api_url",
        "callers_secret_arn",
        "cluster_name",
        "service_name",
        "service_task_definition_family",
        "load_balancer_dns_name",
        "target_group_arn",
        "image_repository_url",
        "image_tag",
        "canary_names",
        "logs_bucket_name",
        "web_acl_arn",
        "event_bus_name",
        "replay_queue_url",
        "backup_vault_name",
        "validation_function_name",
        "zone_id",
        "health_check_id",
        "dashboard_name",
    } <= set(DEV["output"])
    more = set(BLUE_GREEN["output"]) - set(DEV["output"])
    assert more == {
        "deployment_application_name",
        "deployment_group_name",
        "green_target_group_arn",
        "test_listener_arn",
    }


def test_e2_the_state_is_the_architectures() -> None:
    assert DEV["terraform"]["backend"] == {"local": {"path": "../../../terraform.ContainerStackdev.tfstate"}}
    kept = containers(state_bucket="acme-state")["terraform"]["backend"]["s3"]
    assert kept["key"] == "payment/containers/dev.tfstate"
