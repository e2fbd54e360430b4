"""What the stack in two Regions must be, requirement by requirement."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lib.api.payment_api import HEALTH, HEALTH_PATH
from lib.refusals import check
from lib.settings import SettingsError
from payments import http
from tests.unit.stacks import Document, arguments, of_type, policies, settings, synthesized

REGIONS = {"primary": "us-east-1", "secondary": "us-west-2"}


def two_regions(**overrides: object) -> Document:
    return synthesized(architecture="multi-region", **overrides)


DEV = two_regions()


def in_both(type_: str, id_: str) -> dict[str, dict[str, Any]]:
    """The arguments of the resource in each Region, by role."""
    return {role: arguments(DEV, f"{type_}.{role}_{id_}") for role in REGIONS}


def test_aws_takes_it_whole_and_with_the_longest_suffix() -> None:
    for overrides in (
        {},
        {"environment_suffix": "a2345678901234567890", "approval_threshold": 1000},
        {"environment_class": "production", "domain": "acme.io", "parent_zone_id": "Z0PARENT"},
        {"db_authentication": "iam", "function_url": True, "alert_email": "a@acme.io"},
        {"aws_region": "eu-west-1", "secondary_region": "eu-central-1", "secondary_vpc_cidr": "10.9.0.0/16"},
    ):
        given = {"architecture": "multi-region", **overrides}
        check(synthesized(**given), settings(**given))


def test_r1_every_resource_is_made_by_one_of_two_aliased_providers() -> None:
    providers = {provider["alias"]: provider for provider in DEV["provider"]["aws"]}
    assert {alias: provider["region"] for alias, provider in providers.items()} == REGIONS
    tags = [provider["default_tags"][0]["tags"] for provider in providers.values()]
    assert tags[0] == tags[1]
    assert (tags[0]["Architecture"], tags[0]["HomeRegion"], tags[0]["SecondaryRegion"]) == (
        "multi-region",
        "us-east-1",
        "us-west-2",
    )
    for instances in DEV["resource"].values():
        for id_, resource in instances.items():
            assert resource["provider"] == ("aws.secondary" if id_.startswith("secondary_") else "aws.primary"), id_


def test_r1_networks_of_both_do_not_overlap() -> None:
    vpcs = in_both("aws_vpc", "vpc")
    assert {role: vpc["cidr_block"] for role, vpc in vpcs.items()} == {
        "primary": "10.0.0.0/16",
        "secondary": "10.1.0.0/16",
    }
    assert vpcs["secondary"]["tags"]["Name"] == "payment-vpc-us-west-2-dev"
    zones = {
        subnet["availability_zone"] for id_, subnet in of_type(DEV, "aws_subnet").items() if id_.startswith("secondary")
    }
    assert zones == {"us-west-2a", "us-west-2b", "us-west-2c"}


def test_r2_global_database_and_its_clusters() -> None:
    global_cluster = arguments(DEV, "aws_rds_global_cluster.global_cluster")
    assert (global_cluster["global_cluster_identifier"], global_cluster["database_name"]) == (
        "payment-global-dev",
        "payments",
    )
    assert global_cluster["storage_encrypted"] is True
    clusters = in_both("aws_rds_cluster", "database_cluster")
    for role, cluster in clusters.items():
        assert cluster["cluster_identifier"] == f"payment-{role}-dev"
        assert cluster["global_cluster_identifier"] == "${aws_rds_global_cluster.global_cluster.id}"
        assert "backtrack_window" not in cluster
        assert "manage_master_user_password" not in cluster
        assert cluster["enabled_cloudwatch_logs_exports"] == ["audit", "error", "general", "slowquery"]
        instances = [id_ for id_ in of_type(DEV, "aws_rds_cluster_instance") if id_.startswith(role)]
        assert len(instances) == 2
    assert clusters["primary"]["master_username"] == "admin"
    assert not {"master_username", "master_password_wo", "database_name"} & set(clusters["secondary"])
    assert clusters["secondary"]["source_region"] == "us-east-1"
    # What a failover changes, and what an import does not bring back.
    ignored = {"engine_version", "global_cluster_identifier", "replication_source_identifier", "source_region"}
    assert {tuple(sorted(cluster["lifecycle"]["ignore_changes"])) for cluster in clusters.values()} == {
        tuple(sorted(ignored))
    }


def test_r2_the_secondary_is_made_after_the_primarys_instances_and_so_removed_before_them() -> None:
    after = in_both("aws_rds_cluster", "database_cluster")["secondary"]["depends_on"]
    assert {f"aws_rds_cluster_instance.primary_database_instance_{number}" for number in (0, 1)} <= set(after)


@pytest.mark.parametrize("id_", ["database", "sessions"])
def test_r2_r3_keys_of_data_are_multi_region_with_a_replica(id_: str) -> None:
    key = arguments(DEV, f"aws_kms_key.primary_{id_}_key")
    replica = arguments(DEV, f"aws_kms_replica_key.secondary_{id_}_key")
    assert (key["multi_region"], key["enable_key_rotation"]) == (True, True)
    assert replica["primary_key_arn"] == f"${{aws_kms_key.primary_{id_}_key.arn}}"
    assert replica["deletion_window_in_days"] == 7


def test_r2_each_cluster_is_encrypted_with_the_key_of_its_region() -> None:
    clusters = in_both("aws_rds_cluster", "database_cluster")
    assert clusters["primary"]["kms_key_id"] == "${aws_kms_key.primary_database_key.arn}"
    assert clusters["secondary"]["kms_key_id"] == "${aws_kms_replica_key.secondary_database_key.arn}"


def test_r2_the_master_password_goes_from_an_ephemeral_block_to_the_secret_and_from_there_to_the_database() -> None:
    made = DEV["ephemeral"]["aws_secretsmanager_random_password"]["ledger_master"]
    assert made["provider"] == "aws.primary"
    version = arguments(DEV, "aws_secretsmanager_secret_version.ledger_master_secret_version")
    assert "ephemeral.aws_secretsmanager_random_password.ledger_master" in version["secret_string_wo"]
    read = DEV["ephemeral"]["aws_secretsmanager_secret_version"]["ledger_master"]
    assert read["version_id"] == "${aws_secretsmanager_secret_version.ledger_master_secret_version.version_id}"
    cluster = arguments(DEV, "aws_rds_cluster.primary_database_cluster")
    assert cluster["master_password_wo"] == (
        "${jsondecode(ephemeral.aws_secretsmanager_secret_version.ledger_master.secret_string).password}"
    )


def test_r2_secrets_are_replicated_and_read_where_they_are_needed() -> None:
    for id_ in ("ledger_master", "ledger_user"):
        (replica,) = arguments(DEV, f"aws_secretsmanager_secret.{id_}_secret")["replica"]
        assert replica == {
            "region": "us-west-2",
            "kms_key_id": "${aws_kms_replica_key.secondary_database_key.arn}",
        }
    variables = in_both("aws_lambda_function", "function")["secondary"]["environment"]["variables"]
    assert variables["DB_SECRET_ARN"] == "${local.secondary_ledger_user_secret_arn}"
    assert DEV["locals"]["secondary_ledger_user_secret_arn"] == (
        '${replace(aws_secretsmanager_secret.ledger_user_secret.arn, ":us-east-1:", ":us-west-2:")}'
    )


def test_r3_global_table() -> None:
    table = arguments(DEV, "aws_dynamodb_table.sessions_table")
    assert table["name"] == "payment-sessions-dev"
    assert table["replica"] == [
        {
            "region_name": "us-west-2",
            "kms_key_arn": "${aws_kms_replica_key.secondary_sessions_key.arn}",
            "point_in_time_recovery": True,
            "propagate_tags": True,
        }
    ]
    assert table["point_in_time_recovery"] == {"enabled": True}
    granted = json.loads(arguments(DEV, "aws_iam_policy.secondary_function_sessions")["policy"])["Statement"]
    assert granted[0]["Resource"] == [
        "arn:aws:dynamodb:us-west-2:${data.aws_caller_identity.account.account_id}:table/payment-sessions-dev"
    ]


def test_r4_function_and_api_in_both_regions() -> None:
    for role, function in in_both("aws_lambda_function", "function").items():
        assert function["function_name"] == f"payment-processor-{role}-dev"
        variables = function["environment"]["variables"]
        assert variables["REGION"] == REGIONS[role]
        assert variables["DB_ENDPOINT"] == f"${{aws_rds_cluster.{role}_database_cluster.endpoint}}"
        assert variables["DB_READER_ENDPOINT"] == f"${{aws_rds_cluster.{role}_database_cluster.reader_endpoint}}"
    assert {api["name"] for api in of_type(DEV, "aws_apigatewayv2_api").values()} == {
        "payment-api-primary-dev",
        "payment-api-secondary-dev",
    }


def test_r4_the_role_is_in_ssm_where_a_failover_can_change_it() -> None:
    for role, parameter in in_both("aws_ssm_parameter", "parameter_region_role").items():
        assert (parameter["name"], parameter["value"]) == ("/payment/dev/region/role", role)
        assert parameter["lifecycle"] == {"ignore_changes": ["value"]}
        function = arguments(DEV, f"aws_lambda_function.{role}_function")
        name = function["environment"]["variables"]["REGION_ROLE_PARAMETER"]
        assert name == f"${{aws_ssm_parameter.{role}_parameter_region_role.name}}"
        (statement,) = json.loads(arguments(DEV, f"aws_iam_policy.{role}_function_region_role")["policy"])["Statement"]
        assert statement["Action"] == ["ssm:GetParameters"]
        assert statement["Resource"][0].endswith(":parameter/payment/dev/region/role")


def test_r4_the_schema_is_made_in_the_primary_alone() -> None:
    assert set(of_type(DEV, "aws_lambda_invocation")) == {"primary_migrations_run"}
    assert (
        "aws_lambda_invocation.primary_migrations_run"
        in in_both("aws_lambda_alias", "function_alias")["secondary"]["depends_on"]
    )


def test_account_references_are_the_same_in_both_regions() -> None:
    secrets = in_both("aws_ssm_parameter", "parameter_payments_fingerprint_key")
    assert "ephemeral.aws_secretsmanager_random_password.primary_fingerprint_key" in secrets["primary"]["value_wo"]
    assert secrets["secondary"]["value_wo"] == "${ephemeral.aws_ssm_parameter.primary_fingerprint_key.value}"
    assert DEV["ephemeral"]["aws_ssm_parameter"]["primary_fingerprint_key"] == {
        "arn": "${aws_ssm_parameter.primary_parameter_payments_fingerprint_key.arn}",
        "provider": "aws.primary",
    }


def test_r5_what_the_ledger_publishes_goes_to_the_other_bus_and_does_not_come_back() -> None:
    for role, other in (("primary", "secondary"), ("secondary", "primary")):
        rule = arguments(DEV, f"aws_cloudwatch_event_rule.{role}_forwarding_rule")
        pattern = json.loads(rule["event_pattern"])
        assert (pattern["source"], pattern["region"]) == (["payment.ledger"], [REGIONS[role]])
        target = arguments(DEV, f"aws_cloudwatch_event_target.{role}_forwarding_target")
        assert target["arn"] == f"${{aws_cloudwatch_event_bus.{other}_event_bus.arn}}"
        assert target["dead_letter_config"]["arn"] == f"${{aws_sqs_queue.{role}_forwarding_dead_letters.arn}}"
        (statement,) = json.loads(arguments(DEV, f"aws_iam_policy.{role}_forwarding_put")["policy"])["Statement"]
        assert (statement["Action"], statement["Resource"]) == (["events:PutEvents"], [target["arn"]])
        queue_policy = json.loads(
            arguments(DEV, f"aws_sqs_queue_policy.{role}_forwarding_dead_letters_policy")["policy"]
        )
        assert f"${{aws_cloudwatch_event_rule.{role}_forwarding_rule.arn}}" in json.dumps(queue_policy)


def test_r6_vaults_in_both_and_copies_kept_seven_days() -> None:
    assert {vault["name"] for vault in in_both("aws_backup_vault", "backup_vault").values()} == {
        "payment-backup-vault-dev"
    }
    ((plan),) = of_type(DEV, "aws_backup_plan").values()
    (rule,) = plan["rule"]
    assert (rule["rule_name"], rule["lifecycle"]) == ("daily_backup", {"delete_after": 7})
    assert rule["copy_action"] == [
        {
            "destination_vault_arn": "${aws_backup_vault.secondary_backup_vault.arn}",
            "lifecycle": {"delete_after": 7},
        }
    ]
    assert "copy-failures" in json.dumps(of_type(DEV, "aws_cloudwatch_metric_alarm"))


def test_r7_health_checks_ask_for_what_the_api_serves_to_everyone() -> None:
    assert HEALTH_PATH == http.HEALTH_PATH
    for role, health_check in in_both("aws_route53_health_check", "api_health_check").items():
        assert health_check["fqdn"] == (
            f"${{aws_apigatewayv2_api.{role}_api.id}}.execute-api.{REGIONS[role]}.amazonaws.com"
        )
        assert (health_check["type"], health_check["port"], health_check["resource_path"]) == (
            "HTTPS",
            443,
            HEALTH_PATH,
        )
        assert (health_check["request_interval"], health_check["failure_threshold"]) == (30, 3)
        assert health_check["lifecycle"] == {"ignore_changes": ["invert_healthcheck"]}
        routes = {id_: route for id_, route in of_type(DEV, "aws_apigatewayv2_route").items() if id_.startswith(role)}
        open_routes = [route["route_key"] for route in routes.values() if route["authorization_type"] == "NONE"]
        assert open_routes == [HEALTH]
        (limits,) = arguments(DEV, f"aws_apigatewayv2_stage.{role}_api_stage")["route_settings"]
        assert (limits["route_key"], limits["throttling_rate_limit"]) == (HEALTH, 10)


def test_r7_an_open_route_needs_no_token_where_the_others_do() -> None:
    document = two_regions(api_authorization="JWT", api_jwt_issuer="https://id.acme.io", api_jwt_audience="payments")
    routes = of_type(document, "aws_apigatewayv2_route").values()
    assert {(route["authorization_type"], "authorizer_id" in route) for route in routes} == {
        ("JWT", True),
        ("NONE", False),
    }


def test_r7_failover_records_in_a_zone_that_both_vpcs_see() -> None:
    zone = arguments(DEV, "aws_route53_zone.zone")
    assert [vpc["vpc_region"] for vpc in zone["vpc"]] == ["us-east-1", "us-west-2"]
    for role, record in in_both("aws_route53_record", "api_record").items():
        assert (record["name"], record["type"], record["ttl"]) == ("api.payment-dev.testing.local", "CNAME", 60)
        assert (record["set_identifier"], record["failover_routing_policy"]) == (role, {"type": role.upper()})
        assert record["health_check_id"] == f"${{aws_route53_health_check.{role}_api_health_check.id}}"


def test_r7_an_owned_domain_has_one_name_with_a_certificate_in_each_region() -> None:
    document = two_regions(domain="acme.io", parent_zone_id="Z0PARENT")
    assert set(of_type(document, "aws_acm_certificate")) == {"primary_api_certificate", "secondary_api_certificate"}
    proofs = [id_ for id_ in of_type(document, "aws_route53_record") if "certificate" in id_]
    assert proofs == ["primary_api_certificate_record"]
    for role in REGIONS:
        record = arguments(document, f"aws_route53_record.{role}_api_record")
        assert (record["type"], record["name"]) == ("A", "api.payment-dev.acme.io")
        assert f"aws_apigatewayv2_domain_name.{role}_api_custom_domain" in record["alias"]["name"]
        assert "ttl" not in record
    assert document["output"]["api_url"]["value"] == "https://api.payment-dev.acme.io"


def test_r8_replication_lag_is_measured_in_the_secondary_and_breaching_where_it_is_missing() -> None:
    alarm = arguments(DEV, "aws_cloudwatch_metric_alarm.secondary_replication_lag_alarm")
    assert (alarm["metric_name"], alarm["threshold"]) == ("AuroraGlobalDBReplicationLag", 10_000)
    assert alarm["treat_missing_data"] == "breaching"
    assert alarm["dimensions"] == {
        "DBClusterIdentifier": "${aws_rds_cluster.secondary_database_cluster.cluster_identifier}"
    }
    assert "primary_replication_lag_alarm" not in of_type(DEV, "aws_cloudwatch_metric_alarm")


def test_r8_dashboards_and_alarms_in_each_region() -> None:
    dashboards = in_both("aws_cloudwatch_dashboard", "dashboard")
    for role, dashboard in dashboards.items():
        assert dashboard["dashboard_name"] == f"payment-{role}-dev"
        widgets = {
            widget["properties"]["title"]: widget["properties"]
            for widget in json.loads(dashboard["dashboard_body"])["widgets"]
        }
        assert widgets["Lambda invocations and errors"]["region"] == REGIONS[role]
        assert widgets["Health of the API as Route 53 sees it"]["region"] == "us-east-1"
    assert "Replication lag of the ledger, ms" in dashboards["secondary"]["dashboard_body"]
    for role in REGIONS:
        for id_, alarm in of_type(DEV, "aws_cloudwatch_metric_alarm").items():
            if id_.startswith(role):
                assert alarm["alarm_actions"] == [f"${{aws_sns_topic.{role}_alerts_topic.arn}}"]


def test_g3_named_resources_are_named_after_the_role_or_called_the_same_in_both() -> None:
    queues = {queue["name"] for queue in of_type(DEV, "aws_sqs_queue").values()}
    assert {"payment-events-dead-letters-primary-dev", "payment-events-dead-letters-secondary-dev"} <= queues
    names = [role["name"] for role in of_type(DEV, "aws_iam_role").values()]
    assert len(names) == len(set(names))


def test_g4_production_alone_is_protected() -> None:
    production = two_regions(environment_class="production")
    assert arguments(production, "aws_rds_global_cluster.global_cluster")["deletion_protection"] is True
    assert arguments(production, "aws_secretsmanager_secret.ledger_master_secret")["recovery_window_in_days"] == 30
    assert arguments(production, "aws_kms_replica_key.secondary_database_key")["deletion_window_in_days"] == 30
    for role in REGIONS:
        cluster = arguments(production, f"aws_rds_cluster.{role}_database_cluster")
        assert cluster["final_snapshot_identifier"] == f"payment-cluster-final-{role}-dev"


def test_g6_no_secret_is_written_but_write_only() -> None:
    text = json.dumps(DEV)
    assert '"master_password"' not in text
    assert '"secret_string"' not in text


def test_g7_nobody_may_do_everything() -> None:
    for address, policy in policies(DEV):
        if address.startswith("aws_iam_policy."):
            for statement in policy["Statement"]:
                assert not [action for action in statement["Action"] if "*" in action], (address, statement)


def test_g8_outputs_of_each_region_and_of_both() -> None:
    regional = {"aws_region", "vpc_id", "database_endpoint", "function_name", "api_endpoint", "event_bus_name"}
    regional |= {"role_parameter", "backup_vault_name", "dashboard_name", "forwarding_dead_letter_queue_url"}
    assert {f"{role}_{name}" for role in REGIONS for name in regional} <= set(DEV["output"])
    assert {"environment_suffix", "aws_region", "api_url", "global_cluster_id", "sessions_table_name"} <= set(
        DEV["output"]
    )


def test_e2_the_state_is_the_architectures() -> None:
    assert DEV["terraform"]["backend"] == {"local": {"path": "../../../terraform.DisasterRecoveryStackdev.tfstate"}}
    kept = two_regions(state_bucket="acme-state")["terraform"]["backend"]["s3"]
    assert kept["key"] == "payment/multi-region/dev.tfstate"


def test_with_iam_nobody_has_a_password_but_the_master_user() -> None:
    document = two_regions(db_authentication="iam")
    assert set(of_type(document, "aws_secretsmanager_secret")) == {"ledger_master_secret"}
    (statement,) = json.loads(arguments(document, "aws_iam_policy.secondary_function_ledger")["policy"])["Statement"]
    assert "rds-db:us-west-2:" in statement["Resource"][0]
    assert "aws_rds_cluster.secondary_database_cluster.cluster_resource_id" in statement["Resource"][0]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"secondary_region": "us-east-1"}, "SECONDARY_REGION=us-east-1 is AWS_REGION too.*use another Region"),
        ({"secondary_region": "cn-north-1"}, "another partition than AWS_REGION=us-east-1; use one of the same"),
        ({"secondary_region": "us-west-1"}, "SECONDARY_REGION=us-west-1 has fewer than three availability zones"),
        ({"secondary_region": "moon-1"}, "SECONDARY_REGION=moon-1: no such AWS Region"),
        ({"secondary_vpc_cidr": "10.0.0.0/16"}, "SECONDARY_VPC_CIDR=10.0.0.0/16 is VPC_CIDR too.*use another"),
        ({"backtrack_hours": 24}, "a global database has no backtrack; leave it out and restore to a point in time"),
        ({"db_proxy": True}, "DB_PROXY=true with ARCHITECTURE=multi-region.*leave it out"),
        ({"db_instance_class": "db.t4g.medium"}, "no burstable classes; use one such as db.r5.large"),
        ({"nat_gateways": "none"}, "reaches nothing of the other, not even to fence it; use NAT_GATEWAYS=single"),
    ],
)
def test_q5_inputs_that_two_regions_refuse(inputs: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        settings(architecture="multi-region", **inputs)


def test_what_two_regions_need_is_no_fault_in_one() -> None:
    assert settings(secondary_region="us-east-1", secondary_vpc_cidr="10.0.0.0/16").backtrack_seconds == 259_200
    assert settings(architecture="multi-region", backtrack_hours=0).backtrack_seconds == 0
