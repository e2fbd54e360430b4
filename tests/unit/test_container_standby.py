"""What a standby Region adds to the container stack (C15), and what inputs are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib.settings import SettingsError
from tests.unit.containers import CONTAINERS, containers, variables
from tests.unit.stacks import arguments, of_type, settings

REGIONS = {"primary": "us-east-1", "secondary": "us-east-2"}
STANDBY = containers(standby_region="us-east-2")


def in_both(type_: str, id_: str) -> dict[str, dict[str, Any]]:
    """The arguments of the resource in each Region, by role."""
    return {role: arguments(STANDBY, f"{type_}.{role}_{id_}") for role in REGIONS}


def test_g8_outputs_of_each_region_and_of_both() -> None:
    one_each = {"aws_region", "service_name", "load_balancer_dns_name", "health_check_id", "callers_secret_arn"}
    assert {f"{role}_{name}" for role in REGIONS for name in one_each} <= set(STANDBY["output"])
    assert {"aws_region", "api_url", "zone_id", "global_cluster_id", "sessions_table_name"} <= set(STANDBY["output"])
    assert not {"service_name", "health_check_id"} & set(STANDBY["output"])


def test_c15_records_fail_over_to_the_load_balancer_of_the_standby() -> None:
    for role, record in in_both("aws_route53_record", "api_record").items():
        assert (record["set_identifier"], record["failover_routing_policy"]) == (role, {"type": role.upper()})
        assert record["name"] == "api.payment-dev.acme.io"
        assert record["health_check_id"] == f"${{aws_route53_health_check.{role}_api_health_check.id}}"
        assert record["alias"]["name"] == f"${{aws_lb.{role}_balancer.dns_name}}"
        assert record["alias"]["evaluate_target_health"] is True
    for role, asked in in_both("aws_route53_health_check", "api_health_check").items():
        group = arguments(STANDBY, f"aws_lb_target_group.{role}_blue_target_group")
        assert (asked["fqdn"], asked["resource_path"]) == (
            f"${{aws_lb.{role}_balancer.dns_name}}",
            group["health_check"]["path"],
        )
    proofs = [id_ for id_ in of_type(STANDBY, "aws_route53_record") if "certificate" in id_]
    assert proofs == ["primary_api_certificate_record"]
    assert len(of_type(STANDBY, "aws_acm_certificate")) == 2


def test_c15_a_global_database_of_which_the_standby_has_a_cluster() -> None:
    clusters = in_both("aws_rds_cluster", "database_cluster")
    for role, cluster in clusters.items():
        assert cluster["engine"] == "aurora-postgresql"
        assert cluster["global_cluster_identifier"] == "${aws_rds_global_cluster.global_cluster.id}"
        assert cluster["cluster_identifier"] == f"payment-{role}-dev"
    assert not {"master_username", "master_password_wo", "database_name"} & set(clusters["secondary"])
    lag = arguments(STANDBY, "aws_cloudwatch_metric_alarm.secondary_replication_lag_alarm")
    assert (lag["metric_name"], lag["treat_missing_data"]) == ("AuroraGlobalDBReplicationLag", "breaching")


def test_c15_the_standbys_service_is_smaller_and_grows_as_far() -> None:
    production = containers(standby_region="us-east-2", environment_class="production")
    scaling = {role: arguments(production, f"aws_appautoscaling_target.{role}_service_scaling") for role in REGIONS}
    tasks = {role: (target["min_capacity"], target["max_capacity"]) for role, target in scaling.items()}
    assert tasks == {"primary": (10, 50), "secondary": (2, 50)}


def test_c15_keys_secrets_and_table_are_replicas() -> None:
    for id_ in ("database", "sessions"):
        assert arguments(STANDBY, f"aws_kms_key.primary_{id_}_key")["multi_region"] is True
        replica = arguments(STANDBY, f"aws_kms_replica_key.secondary_{id_}_key")
        assert replica["primary_key_arn"] == f"${{aws_kms_key.primary_{id_}_key.arn}}"
    secrets = of_type(STANDBY, "aws_secretsmanager_secret")
    assert set(secrets) == {"ledger_master_secret", "api_key_secret"}
    for secret in secrets.values():
        assert secret["replica"] == [
            {"region": "us-east-2", "kms_key_id": "${aws_kms_replica_key.secondary_database_key.arn}"}
        ]
    (replica,) = arguments(STANDBY, "aws_dynamodb_table.sessions_table")["replica"]
    assert (replica["region_name"], replica["propagate_tags"]) == ("us-east-2", True)


def test_c15_each_service_reads_what_its_own_region_has() -> None:
    for role, task in in_both("aws_ecs_task_definition", "service_task").items():
        container = json.loads(task["container_definitions"])[0]
        told = variables(container)
        assert told["REGION"] == REGIONS[role]
        assert told["DB_ENDPOINT"] == f"${{aws_rds_cluster.{role}_database_cluster.endpoint}}"
        assert told["DB_READER_ENDPOINT"] == f"${{aws_rds_cluster.{role}_database_cluster.reader_endpoint}}"
        assert told["REGION_ROLE_PARAMETER"] == f"${{aws_ssm_parameter.{role}_parameter_region_role.name}}"
        secret = STANDBY["output"][f"{role}_callers_secret_arn"]["value"]
        assert told["API_KEY_SECRET_ARN"] == secret
        granted = json.loads(arguments(STANDBY, f"aws_iam_policy.{role}_service_callers")["policy"])["Statement"]
        assert granted[0]["Resource"] == [secret]


def test_c15_the_standby_has_canaries_that_look_and_none_that_pays() -> None:
    assert set(of_type(STANDBY, "aws_synthetics_canary")) == {
        "primary_available_canary",
        "primary_fast_canary",
        "primary_pays_canary",
        "secondary_available_canary",
        "secondary_fast_canary",
    }


def test_c8_c15_copies_of_backups_are_in_the_standbys_vault() -> None:
    (plan,) = of_type(STANDBY, "aws_backup_plan").values()
    for rule in plan["rule"]:
        (copy,) = rule["copy_action"]
        assert copy["destination_vault_arn"] == "${aws_backup_vault.secondary_backup_vault.arn}"
        assert copy["lifecycle"] == rule["lifecycle"]
    assert "copy-failures" in json.dumps(arguments(STANDBY, "aws_cloudwatch_metric_alarm.primary_copy_failures_alarm"))
    for cluster in in_both("aws_rds_cluster", "database_cluster").values():
        assert cluster["tags"]["Backup"] == "payment"


def test_c7_c15_events_go_bus_to_bus() -> None:
    for role, other in (("primary", "secondary"), ("secondary", "primary")):
        target = arguments(STANDBY, f"aws_cloudwatch_event_target.{role}_forwarding_target")
        assert target["arn"] == f"${{aws_cloudwatch_event_bus.{other}_event_bus.arn}}"


def test_c15_tokens_need_no_secret_in_either_region() -> None:
    tokens = {"api_authorization": "JWT", "api_jwt_issuer": "https://id.acme.io", "api_jwt_audience": "payments"}
    document = containers(standby_region="us-east-2", **tokens)
    assert set(of_type(document, "aws_secretsmanager_secret")) == {"ledger_master_secret"}
    assert not [name for name in document["output"] if "callers" in name]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"standby_region": "us-east-1"}, "STANDBY_REGION=us-east-1 is AWS_REGION too.*use another Region"),
        ({"standby_region": "us-west-1"}, "STANDBY_REGION=us-west-1 has fewer than three availability zones"),
        ({"standby_region": "cn-north-1"}, "another partition than AWS_REGION=us-east-1; use one of the same"),
        ({"standby_region": "us-east-2", "secondary_vpc_cidr": "10.0.0.0/16"}, "SECONDARY_VPC_CIDR=10.0.0.0/16 is"),
        ({"db_instance_count": 1, "environment_class": "staging"}, "one instance survives no zone; use 2 or more"),
        ({"service_cpu": 4096, "service_memory_mb": 2048}, "Fargate has no such size; use one of 8192"),
        ({"parent_zone_id": None}, "DOMAIN=acme.io needs PARENT_ZONE_ID"),
    ],
)
def test_q5_inputs_that_containers_refuse(inputs: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        settings(**{**CONTAINERS, **inputs})
