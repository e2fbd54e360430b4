"""What stands around the payment service: the way in, data, events, backups, canaries, watching (C5 to C16)."""

from __future__ import annotations

import json
from datetime import date

import payment_validation
from lib.availability import CANARY_RUNTIME_ENDS
from lib.backup.tagged import BACKUP_TAGS
from tests.unit.containers import JWT, container, containers, statements, variables
from tests.unit.stacks import arguments, of_type

DEV = containers()
PRODUCTION = containers(environment_class="production")


def test_c5_the_way_in() -> None:
    listeners = {listener["port"]: listener for listener in of_type(DEV, "aws_lb_listener").values()}
    assert set(listeners) == {80, 443}
    (redirect,) = listeners[80]["default_action"]
    assert (redirect["type"], redirect["redirect"]["protocol"], redirect["redirect"]["port"]) == (
        "redirect",
        "HTTPS",
        "443",
    )
    assert listeners[443]["certificate_arn"].startswith("${aws_acm_certificate_validation.api_certificate_validation")
    group = arguments(DEV, "aws_lb_target_group.blue_target_group")
    times = {"interval": 30, "timeout": 5, "healthy_threshold": 2, "unhealthy_threshold": 3}
    assert times.items() <= group["health_check"].items()
    assert (group["target_type"], group["deregistration_delay"]) == ("ip", "30")
    balancer = arguments(DEV, "aws_lb.balancer")
    assert len(balancer["subnets"]) == 3
    assert balancer["access_logs"]["enabled"] is True
    rules = arguments(DEV, "aws_wafv2_web_acl.web_acl")["rule"]
    assert rules[0]["statement"]["rate_based_statement"]["limit"] == 2000
    assert [rule["statement"]["managed_rule_group_statement"]["vendor_name"] for rule in rules[1:]] == ["AWS"] * 4
    assert (
        arguments(DEV, "aws_wafv2_web_acl_association.web_acl_association")["resource_arn"] == "${aws_lb.balancer.arn}"
    )


def test_c5_tasks_are_found_by_cloud_map() -> None:
    service = arguments(DEV, "aws_ecs_service.service")["service_registries"]
    assert service["registry_arn"] == "${aws_service_discovery_service.service_registry.arn}"
    namespace = arguments(DEV, "aws_service_discovery_private_dns_namespace.namespace")
    assert (namespace["name"], namespace["vpc"]) == ("payment-services-dev.internal", "${aws_vpc.vpc.id}")


def test_c6_sessions_and_the_bucket_of_logs() -> None:
    table = arguments(DEV, "aws_dynamodb_table.sessions_table")
    assert (table["name"], table["hash_key"], table["billing_mode"]) == (
        "payment-sessions-dev",
        "session_id",
        "PAY_PER_REQUEST",
    )
    assert (table["stream_view_type"], table["point_in_time_recovery"], table["ttl"]["enabled"]) == (
        "NEW_AND_OLD_IMAGES",
        {"enabled": True},
        True,
    )
    bucket = arguments(DEV, "aws_s3_bucket.logs_bucket")
    assert (bucket["bucket"], bucket["force_destroy"]) == ("payment-logs-dev-us-east-1", True)
    (rule,) = arguments(DEV, "aws_s3_bucket_lifecycle_configuration.logs_bucket_lifecycle")["rule"]
    assert [(step["days"], step["storage_class"]) for step in rule["transition"]] == [
        (30, "INTELLIGENT_TIERING"),
        (90, "GLACIER"),
    ]
    versioning = arguments(DEV, "aws_s3_bucket_versioning.logs_bucket_versioning")["versioning_configuration"]
    assert versioning == {"status": "Enabled"}
    closed = arguments(DEV, "aws_s3_bucket_public_access_block.logs_bucket_public_access")
    assert all(value is True for name, value in closed.items() if name.startswith(("block", "ignore", "restrict")))
    assert "logs_bucket_encryption" in of_type(DEV, "aws_s3_bucket_server_side_encryption_configuration")


def test_c7_events_go_to_the_service_by_a_queue_and_can_be_replayed() -> None:
    target = arguments(DEV, "aws_cloudwatch_event_target.payment_target")
    assert target["arn"] == "${aws_sqs_queue.replay_queue.arn}"
    assert target["dead_letter_config"] == {"arn": "${aws_sqs_queue.events_dead_letters.arn}"}
    queue = arguments(DEV, "aws_sqs_queue.replay_queue")
    assert json.loads(queue["redrive_policy"])["deadLetterTargetArn"] == "${aws_sqs_queue.replay_dead_letters.arn}"
    told = variables(container(DEV))
    assert told["PAYMENT_QUEUE_URL"] == "${aws_sqs_queue.replay_queue.url}"
    taken = statements(DEV, "service_events")["ReceiveMessages"]
    assert taken["Resource"] == [target["arn"]]
    archive = arguments(DEV, "aws_cloudwatch_event_archive.event_archive")
    assert archive["event_source_arn"] == "${aws_cloudwatch_event_bus.event_bus.arn}"


def test_c8_c13_what_holds_data_carries_the_tags_that_are_backed_up() -> None:
    (condition,) = arguments(DEV, "aws_backup_selection.backup_selection")["condition"]
    asked = {found["key"].removeprefix("aws:ResourceTag/"): found["value"] for found in condition["string_equals"]}
    assert asked == {"EnvironmentSuffix": "dev", **BACKUP_TAGS} == {"EnvironmentSuffix": "dev", "Backup": "payment"}
    by_default = DEV["provider"]["aws"][0]["default_tags"][0]["tags"]
    tagged = {
        f"{type_}.{id_}"
        for type_, instances in DEV["resource"].items()
        for id_, resource in instances.items()
        if asked.items() <= {**by_default, **(resource.get("tags") or {})}.items()
    }
    assert tagged == {"aws_rds_cluster.database_cluster", "aws_dynamodb_table.sessions_table"}
    daily, weekly = arguments(DEV, "aws_backup_plan.backup_plan")["rule"]
    assert (daily["lifecycle"]["delete_after"], weekly["lifecycle"]["delete_after"]) == (7, 30)
    assert daily["enable_continuous_backup"] is True
    assert arguments(DEV, "aws_backup_vault.backup_vault")["kms_key_arn"] == "${aws_kms_key.operations_key.arn}"
    notices = arguments(DEV, "aws_backup_vault_notifications.backup_notices")
    assert "BACKUP_JOB_COMPLETED" in notices["backup_vault_events"]
    assert notices["sns_topic_arn"] == "${aws_sns_topic.alerts_topic.arn}"


def test_c9_canaries_every_five_minutes_on_a_runtime_that_is_supported() -> None:
    canaries = of_type(DEV, "aws_synthetics_canary")
    assert {canary["handler"].partition(".")[2] for canary in canaries.values()} == {
        "availability",
        "response_time",
        "payment",
    }
    for id_, canary in canaries.items():
        assert canary["schedule"] == {"expression": "rate(5 minutes)"}
        assert canary["start_canary"] is True
        assert CANARY_RUNTIME_ENDS[canary["runtime_version"]] > date.today()
        assert canary["run_config"]["environment_variables"]["API_URL"] == DEV["output"]["api_url"]["value"]
        assert canary["artifact_s3_location"].startswith("s3://${aws_s3_bucket_policy.logs_bucket_policy.bucket}/")
        alarm = arguments(DEV, f"aws_cloudwatch_metric_alarm.canary_{id_.removesuffix('_canary')}_alarm")
        assert alarm["alarm_actions"] == ["${aws_sns_topic.alerts_topic.arn}"]
        assert alarm["treat_missing_data"] == "breaching"


def test_c9_nobody_pays_with_tokens_that_no_canary_has() -> None:
    document = containers(**JWT)
    assert set(of_type(document, "aws_synthetics_canary")) == {"available_canary", "fast_canary"}
    assert not of_type(document, "aws_secretsmanager_secret")
    told = variables(container(document))
    assert (told["API_JWT_ISSUER"], told["API_JWT_AUDIENCE"]) == ("https://id.acme.io", "payments")
    assert "API_KEY_SECRET_ARN" not in told
    assert "callers_secret_arn" not in document["output"]


def test_c11_parameters_of_the_environment_and_of_the_api() -> None:
    names = {parameter["name"]: parameter for parameter in of_type(DEV, "aws_ssm_parameter").values()}
    assert all(name.startswith("/payment/dev/") for name in names)
    assert names["/payment/dev/api/endpoint"]["value"] == "https://api.payment-dev.acme.io"
    assert names["/payment/dev/api/key_secret"]["value"] == "${aws_secretsmanager_secret.api_key_secret.arn}"
    secret = names["/payment/dev/payments/fingerprint_key"]
    assert (secret["type"], "value" in secret, "value_wo" in secret) == ("SecureString", False, True)
    read = statements(DEV, "service_configuration")["ReadConfiguration"]
    assert read["Resource"][0].endswith(":parameter/payment/dev/*")


def test_c12_validation_has_a_group_of_its_own_without_a_rule() -> None:
    function = arguments(DEV, "aws_lambda_function.validation")
    module, _, handler = function["handler"].partition(".")
    assert (function["function_name"], module) == ("payment-validation-dev", payment_validation.__name__)
    assert callable(getattr(payment_validation, handler))
    assert function["vpc_config"]["security_group_ids"] == ["${aws_security_group.validation_security_group.id}"]
    rules = [
        rule
        for way in ("ingress", "egress")
        for rule in of_type(DEV, f"aws_vpc_security_group_{way}_rule").values()
        if "validation_security_group" in json.dumps(rule)
    ]
    assert rules == []


def test_c14_watched_and_told() -> None:
    assert arguments(DEV, "aws_flow_log.flow_log")["traffic_type"] == "ALL"
    assert arguments(DEV, "aws_cloudwatch_dashboard.dashboard")["dashboard_name"] == "payment-dev"
    assert arguments(DEV, "aws_sns_topic.alerts_topic")["name"] == "payment-alerts-dev"
    assert arguments(DEV, "aws_cloudwatch_composite_alarm.service_alarm")["alarm_name"] == "payment-service-dev"
    for alarm in of_type(DEV, "aws_cloudwatch_metric_alarm").values():
        assert alarm["alarm_actions"] == ["${aws_sns_topic.alerts_topic.arn}"]
    assert not of_type(DEV, "aws_sns_topic_subscription")
    (mail,) = of_type(containers(alert_email="a@acme.io"), "aws_sns_topic_subscription").values()
    assert (mail["protocol"], mail["endpoint"]) == ("email", "a@acme.io")
    assert container(DEV, "xray-daemon")["essential"] is False
    assert "xray:PutTraceSegments" in statements(DEV, "service_traces")["WriteTraces"]["Action"]


def test_c15_the_name_leads_to_the_load_balancer_whose_health_is_asked_for() -> None:
    asked = arguments(DEV, "aws_route53_health_check.api_health_check")
    assert (asked["type"], asked["port"], asked["fqdn"]) == ("HTTPS", 443, "${aws_lb.balancer.dns_name}")
    record = arguments(DEV, "aws_route53_record.api_record")
    assert (record["name"], record["type"]) == ("api.payment-dev.acme.io", "A")
    assert record["alias"]["evaluate_target_health"] is True
    assert not {"health_check_id", "set_identifier", "failover_routing_policy"} & set(record)


def test_c16_no_environment_makes_what_an_account_has_once() -> None:
    for type_ in (*DEV["resource"], *PRODUCTION["resource"]):
        assert not type_.startswith(("aws_cloudtrail", "aws_guardduty", "aws_config", "aws_securityhub"))
