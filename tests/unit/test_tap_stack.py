"""What the single-Region stack must be, requirement by requirement."""

from __future__ import annotations

import json

import pytest

import payment_processor
from lib.api.payment_api import ROUTES
from tests.unit.stacks import arguments, of_type, policies, synthesized

DEV = synthesized()


def test_s1_vpc() -> None:
    vpc = arguments(DEV, "aws_vpc.vpc")
    assert vpc["cidr_block"] == "10.0.0.0/16"
    assert vpc["enable_dns_hostnames"] is True
    assert vpc["enable_dns_support"] is True
    assert vpc["tags"]["Name"] == "payment-vpc-us-east-1-dev"


def test_s2_subnets_in_three_zones() -> None:
    subnets = of_type(DEV, "aws_subnet")
    blocks = {id_: (subnet["cidr_block"], subnet["availability_zone"]) for id_, subnet in subnets.items()}
    assert blocks["public_subnet_a"] == ("10.0.0.0/24", "us-east-1a")
    assert blocks["public_subnet_c"] == ("10.0.2.0/24", "us-east-1c")
    assert blocks["private_subnet_b"] == ("10.0.11.0/24", "us-east-1b")
    assert len(blocks) == 9
    assert not any(subnet["map_public_ip_on_launch"] for subnet in subnets.values())


def test_s2_isolated_subnets_have_no_way_out() -> None:
    routes = of_type(DEV, "aws_route").values()
    assert not [route for route in routes if "isolated" in route["route_table_id"]]
    assert {
        r["route_table_id"] for id_, r in of_type(DEV, "aws_route_table_association").items() if "isolated" in id_
    } == {"${aws_route_table.isolated_route_table.id}"}


@pytest.mark.parametrize(("nat", "gateways", "routes"), [("single", 1, 4), ("per-az", 3, 4), ("none", 0, 1)])
def test_s3_nat_gateways(nat: str, gateways: int, routes: int) -> None:
    document = synthesized(nat_gateways=nat)
    assert len(of_type(document, "aws_nat_gateway")) == gateways
    assert len(of_type(document, "aws_route")) == routes
    kinds = [endpoint["vpc_endpoint_type"] for endpoint in of_type(document, "aws_vpc_endpoint").values()]
    assert kinds.count("Gateway") == 2
    assert (kinds.count("Interface") > 0) == (nat == "none")


def test_s3_without_nat_the_function_reaches_endpoints_only() -> None:
    rules = of_type(synthesized(nat_gateways="none"), "aws_vpc_security_group_egress_rule").values()
    assert not [rule for rule in rules if rule.get("cidr_ipv4")]
    assert {rule["to_port"] for rule in rules} == {443, 3306}


def test_s4_database_accepts_the_functions_only() -> None:
    rules = of_type(DEV, "aws_vpc_security_group_ingress_rule")
    callers = ("function", "migrations", "recovery")
    assert set(rules) == {f"database_from_{caller}" for caller in callers}
    for caller in callers:
        rule = rules[f"database_from_{caller}"]
        assert rule["referenced_security_group_id"] == f"${{aws_security_group.{caller}_security_group.id}}"
        assert (rule["from_port"], rule["to_port"], rule["ip_protocol"]) == (3306, 3306, "tcp")


def test_s4_no_rule_opens_more_than_one_tcp_port() -> None:
    for type_ in ("aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule"):
        for rule in of_type(DEV, type_).values():
            assert rule["ip_protocol"] == "tcp"
            assert rule["from_port"] == rule["to_port"]


def test_s4_default_security_group_is_empty_and_traffic_is_logged() -> None:
    group = arguments(DEV, "aws_default_security_group.default_security_group")
    assert "ingress" not in group
    assert "egress" not in group
    assert arguments(DEV, "aws_flow_log.flow_log")["traffic_type"] == "ALL"


def test_s5_cluster_over_two_zones() -> None:
    cluster = arguments(DEV, "aws_rds_cluster.database_cluster")
    assert cluster["cluster_identifier"] == "payment-cluster-dev"
    assert (cluster["engine"], cluster["database_name"], cluster["master_username"]) == (
        "aurora-mysql",
        "payments",
        "admin",
    )
    instances = list(of_type(DEV, "aws_rds_cluster_instance").values())
    assert [instance["promotion_tier"] for instance in instances] == [0, 1]
    assert len({instance["availability_zone"] for instance in instances}) == 2
    assert {instance["instance_class"] for instance in instances} == {"db.r5.large"}
    assert len(of_type(synthesized(db_instance_count=1), "aws_rds_cluster_instance")) == 1


def test_s6_backtrack_backups_logs_and_monitoring() -> None:
    cluster = arguments(DEV, "aws_rds_cluster.database_cluster")
    assert cluster["backtrack_window"] == 259_200
    assert cluster["backup_retention_period"] == 7
    assert cluster["preferred_backup_window"] == "03:00-04:00"
    assert cluster["iam_database_authentication_enabled"] is True
    groups = {group["name"] for group in of_type(DEV, "aws_cloudwatch_log_group").values()}
    for export in ("audit", "error", "general", "slowquery"):
        assert export in cluster["enabled_cloudwatch_logs_exports"]
        assert f"/aws/rds/cluster/payment-cluster-dev/{export}" in groups
    parameters = arguments(DEV, "aws_rds_cluster_parameter_group.database_parameters")["parameter"]
    assert {"name": "require_secure_transport", "value": "ON", "apply_method": "immediate"} in parameters
    for instance in of_type(DEV, "aws_rds_cluster_instance").values():
        assert instance["monitoring_interval"] == 60
        assert instance["performance_insights_enabled"] is True


def test_s7_master_password_is_made_and_kept_by_aws() -> None:
    cluster = arguments(DEV, "aws_rds_cluster.database_cluster")
    assert cluster["manage_master_user_password"] is True
    assert "master_password" not in json.dumps(DEV)


def test_s8_session_table() -> None:
    table = arguments(DEV, "aws_dynamodb_table.sessions_table")
    assert (table["name"], table["billing_mode"], table["hash_key"]) == (
        "payment-sessions-dev",
        "PAY_PER_REQUEST",
        "session_id",
    )
    assert table["attribute"] == [{"name": "session_id", "type": "S"}]
    assert table["point_in_time_recovery"] == {"enabled": True}
    assert (table["stream_enabled"], table["stream_view_type"]) == (True, "NEW_AND_OLD_IMAGES")
    assert table["ttl"] == {"attribute_name": "expires_at", "enabled": True}
    assert table["server_side_encryption"]["kms_key_arn"] == "${aws_kms_key.sessions_key.arn}"


def test_s9_function() -> None:
    function = arguments(DEV, "aws_lambda_function.function")
    assert function["function_name"] == "payment-processor-dev"
    assert (function["memory_size"], function["timeout"]) == (1024, 30)
    assert function["tracing_config"] == {"mode": "Active"}
    assert "function_dead_letters" in function["dead_letter_config"]["target_arn"]
    assert len(function["vpc_config"]["subnet_ids"]) == 3
    assert {"DB_ENDPOINT", "DYNAMODB_TABLE", "REGION", "ENVIRONMENT_SUFFIX"} <= set(
        function["environment"]["variables"]
    )
    assert arguments(DEV, "aws_lambda_alias.function_alias")["name"] == "live"
    reserved = synthesized(lambda_reserved_concurrency=5)
    assert arguments(reserved, "aws_lambda_function.function")["reserved_concurrent_executions"] == 5


def test_s9_the_handler_is_in_the_code() -> None:
    module, _, name = arguments(DEV, "aws_lambda_function.function")["handler"].partition(".")
    assert module == payment_processor.__name__
    assert callable(getattr(payment_processor, name))


def test_s10_every_route_is_authorized_throttled_and_logged() -> None:
    routes = of_type(DEV, "aws_apigatewayv2_route").values()
    assert {route["route_key"] for route in routes} == set(ROUTES.values())
    assert {route["authorization_type"] for route in routes} == {"AWS_IAM"}
    stage = arguments(DEV, "aws_apigatewayv2_stage.api_stage")
    assert stage["default_route_settings"]["throttling_rate_limit"] == 100
    assert json.loads(stage["access_log_settings"]["format"])["requestId"] == "$context.requestId"


def test_s10_tokens_instead_of_signatures() -> None:
    document = synthesized(api_authorization="JWT", api_jwt_issuer="https://id.acme.io", api_jwt_audience="payments")
    authorizer = arguments(document, "aws_apigatewayv2_authorizer.api_authorizer")
    assert authorizer["jwt_configuration"] == {"issuer": "https://id.acme.io", "audience": ["payments"]}
    for route in of_type(document, "aws_apigatewayv2_route").values():
        assert route["authorizer_id"] == "${aws_apigatewayv2_authorizer.api_authorizer.id}"


def test_s10_function_url_is_an_option_and_signed() -> None:
    assert not of_type(DEV, "aws_lambda_function_url")
    document = synthesized(function_url=True)
    url = arguments(document, "aws_lambda_function_url.function_url_endpoint")
    assert (url["authorization_type"], url["qualifier"]) == ("AWS_IAM", "${aws_lambda_alias.function_alias.name}")
    assert "function_url" in document["output"]


def test_s11_events_are_retried_dead_lettered_and_archived() -> None:
    rule = arguments(DEV, "aws_cloudwatch_event_rule.payment_rule")
    assert rule["name"] == "payment-events-dev"
    assert json.loads(rule["event_pattern"]) == {
        "source": ["payment.processor"],
        "detail-type": ["Payment Transaction"],
    }
    target = arguments(DEV, "aws_cloudwatch_event_target.payment_target")
    assert target["arn"] == "${aws_lambda_alias.function_alias.arn}"
    assert target["retry_policy"]["maximum_retry_attempts"] == 8
    assert "events_dead_letters" in target["dead_letter_config"]["arn"]
    archive = arguments(DEV, "aws_cloudwatch_event_archive.event_archive")
    assert archive["retention_days"] == 7
    pattern = json.loads(archive["event_pattern"])
    assert pattern["source"] == ["payment.processor", "payment.ledger"]
    assert {"Payment Transaction", "Payment Committed", "Payment Rejected", "Payment Reversed"} == set(
        pattern["detail-type"]
    )


def test_s13_daily_backup_of_what_holds_data() -> None:
    assert arguments(DEV, "aws_backup_vault.backup_vault")["name"] == "payment-backup-vault-dev"
    plan = arguments(DEV, "aws_backup_plan.backup_plan")
    (rule,) = plan["rule"]
    assert plan["name"] == "payment-backup-plan-dev"
    assert (rule["rule_name"], rule["schedule"], rule["lifecycle"]) == (
        "daily_backup",
        "cron(0 3 * * ? *)",
        {"delete_after": 7},
    )
    assert arguments(DEV, "aws_backup_selection.backup_selection")["resources"] == [
        "${aws_rds_cluster.database_cluster.arn}",
        "${aws_dynamodb_table.sessions_table.arn}",
    ]
    assert "alerts_topic" in arguments(DEV, "aws_backup_vault_notifications.backup_notices")["sns_topic_arn"]


def test_s14_private_zone_for_a_domain_nobody_owns() -> None:
    zone, record = arguments(DEV, "aws_route53_zone.zone"), arguments(DEV, "aws_route53_record.api_record")
    assert zone["name"] == "payment-dev.testing.local"
    assert zone["vpc"] == [{"vpc_id": "${aws_vpc.vpc.id}"}]
    assert (record["name"], record["type"], record["ttl"]) == ("api.payment-dev.testing.local", "CNAME", 60)


def test_s14_certificate_and_alias_for_an_owned_domain() -> None:
    document = synthesized(domain="acme.io", parent_zone_id="Z0PARENT")
    assert "vpc" not in arguments(document, "aws_route53_zone.zone")
    assert arguments(document, "aws_route53_record.zone_delegation")["zone_id"] == "Z0PARENT"
    assert arguments(document, "aws_acm_certificate.api_certificate")["domain_name"] == "api.payment-dev.acme.io"
    record = arguments(document, "aws_route53_record.api_record")
    assert record["type"] == "A"
    assert "aws_apigatewayv2_domain_name.api_custom_domain" in record["alias"]["name"]
    assert document["output"]["api_url"]["value"] == "https://api.payment-dev.acme.io"


def test_s15_parameters_under_the_environments_path() -> None:
    parameters = of_type(DEV, "aws_ssm_parameter").values()
    assert all(parameter["name"].startswith("/payment/dev/") for parameter in parameters)
    (secret,) = [parameter for parameter in parameters if parameter["type"] == "SecureString"]
    values = {parameter["name"]: parameter.get("value") for parameter in parameters}
    assert values["/payment/dev/payments/approval_threshold"] == "none"
    assert values["/payment/dev/api/endpoint"] == "${aws_apigatewayv2_api.api.api_endpoint}"
    with_approval = arguments(
        synthesized(approval_threshold=900), "aws_ssm_parameter.parameter_payments_approval_threshold"
    )
    assert with_approval["value"] == "900"
    assert "value" not in secret
    assert secret["value_wo"].startswith("${ephemeral.")


def test_s16_alarms_and_composite() -> None:
    alarms = {alarm["alarm_name"]: alarm for alarm in of_type(DEV, "aws_cloudwatch_metric_alarm").values()}
    errors = alarms["payment-lambda-errors-dev"]
    assert (errors["threshold"], errors["comparison_operator"]) == (10, "GreaterThanThreshold")
    for name in ("aurora-cpu", "aurora-replica-lag", "sessions-write-throttles", "events-dead-letters", "api-5xx"):
        assert alarms[f"payment-{name}-dev"]["alarm_actions"] == ["${aws_sns_topic.alerts_topic.arn}"]
    service = arguments(DEV, "aws_cloudwatch_composite_alarm.service_alarm")
    assert 'ALARM("${aws_cloudwatch_metric_alarm.lambda_errors_alarm.alarm_name}") OR ' in service["alarm_rule"]
    assert service["alarm_actions"]


def test_s16_dashboard() -> None:
    dashboard = arguments(DEV, "aws_cloudwatch_dashboard.dashboard")
    body = json.loads(dashboard["dashboard_body"])
    titles = [widget["properties"]["title"] for widget in body["widgets"]]
    assert dashboard["dashboard_name"] == "payment-dev"
    assert {"Lambda invocations and errors", "DynamoDB consumed capacity", "RDS CPU, %"} <= set(titles)
    places = [(widget["x"], widget["y"]) for widget in body["widgets"]]
    assert len(places) == len(set(places))


def test_s16_email_subscription_is_optional() -> None:
    assert not of_type(DEV, "aws_sns_topic_subscription")
    document = synthesized(alert_email="oncall@acme.io")
    assert arguments(document, "aws_sns_topic_subscription.alerts_email")["endpoint"] == "oncall@acme.io"


def test_s17_log_groups_are_encrypted_and_expire_by_class() -> None:
    for document, days in ((DEV, 7), (synthesized(environment_class="production"), 400)):
        for group in of_type(document, "aws_cloudwatch_log_group").values():
            assert group["retention_in_days"] == days
            assert group["kms_key_id"] == "${aws_kms_key.operations_key.arn}"


def test_g3_default_tags() -> None:
    (provider,) = DEV["provider"]["aws"]
    assert provider["default_tags"][0]["tags"]["EnvironmentSuffix"] == "dev"


def test_g4_production_alone_is_protected() -> None:
    production = synthesized(environment_class="production")
    cluster = arguments(production, "aws_rds_cluster.database_cluster")
    assert cluster["deletion_protection"] is True
    assert cluster["final_snapshot_identifier"] == "payment-cluster-final-dev"
    assert arguments(production, "aws_dynamodb_table.sessions_table")["deletion_protection_enabled"] is True
    assert arguments(DEV, "aws_rds_cluster.database_cluster")["deletion_protection"] is False


def test_g6_keys_rotate() -> None:
    keys = of_type(DEV, "aws_kms_key")
    assert set(keys) == {"database_key", "sessions_key", "operations_key"}
    assert all(key["enable_key_rotation"] for key in keys.values())


def test_g6_queues_and_topic_refuse_plain_http() -> None:
    for address in (
        "aws_sqs_queue_policy.function_dead_letters_policy",
        "aws_sqs_queue_policy.events_dead_letters_policy",
        "aws_sns_topic_policy.alerts_topic_policy",
    ):
        statements = json.loads(arguments(DEV, address)["policy"])["Statement"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in [
            statement["Condition"] for statement in statements if statement["Effect"] == "Deny"
        ]


def test_g7_a_wildcard_resource_only_where_aws_has_no_other() -> None:
    wild = {
        (address, statement["Sid"])
        for address, policy in policies(DEV)
        for statement in policy["Statement"]
        if "*" in statement.get("Resource", [])
    }
    assert {sid for address, sid in wild if not address.startswith("aws_kms_key.")} == {
        "DeliverLogs",
        # The experiments of game days, and the result of a restore that was tested.
        "FindByTag",
        "LookAtNetworks",
        "SeeClusters",
        "TellResult",
        "WriteTraces",
        "JoinVpc",
        "KeepCodeFromInterfaces",
    }


def test_g7_no_wildcard_action_is_allowed_to_a_role() -> None:
    for address, policy in policies(DEV):
        if address.startswith("aws_iam_policy."):
            for statement in policy["Statement"]:
                assert not [action for action in statement["Action"] if "*" in action], (address, statement)


def test_g8_outputs() -> None:
    assert {
        "vpc_id",
        "private_subnet_ids",
        "database_endpoint",
        "database_secret_arn",
        "sessions_table_name",
        "function_name",
        "api_url",
        "event_bus_name",
        "backup_vault_name",
        "zone_id",
        "dashboard_name",
    } <= set(DEV["output"])


def test_e2_state_of_its_own_for_each_suffix() -> None:
    assert DEV["terraform"]["backend"] == {"local": {"path": "../../../terraform.TapStackdev.tfstate"}}
    document = synthesized(state_bucket="acme-state", environment_suffix="pr-3", state_region="eu-west-1")
    assert document["terraform"]["backend"]["s3"] == {
        "bucket": "acme-state",
        "key": "payment/single-region/pr-3.tfstate",
        "region": "eu-west-1",
        "encrypt": True,
        "use_lockfile": True,
    }


def test_only_a_local_aws_is_spared_the_checks_of_the_provider() -> None:
    assert "skip_credentials_validation" not in DEV["provider"]["aws"][0]
    local = synthesized(aws_endpoint_url="http://127.0.0.1:5000", state_bucket="state")
    provider, backend = local["provider"]["aws"][0], local["terraform"]["backend"]["s3"]
    assert provider["max_retries"] == 3
    assert (provider["s3_use_path_style"], backend["use_path_style"]) == (True, True)


def test_only_the_named_account_may_be_deployed_to() -> None:
    document = synthesized(aws_account_id="123456789012")
    assert document["provider"]["aws"][0]["allowed_account_ids"] == ["123456789012"]


def test_no_path_of_this_machine_and_no_suffix_in_an_id() -> None:
    text = json.dumps(synthesized(environment_suffix="zz-top"))
    assert "/home/" not in text
    ids = [id_ for instances in synthesized(environment_suffix="zz-top")["resource"].values() for id_ in instances]
    assert not [id_ for id_ in ids if "zz" in id_ or id_ != id_.lower()]
