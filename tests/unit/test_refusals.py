"""What AWS would refuse is refused at synth, each fault by name and with its remedy."""

from __future__ import annotations

import json

import pytest
from cdktf import TerraformStack, Testing
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.provider import AwsProvider

from lib.refusals import RefusalError, check
from lib.refusals.names import NAME_RULES
from tests.unit.stacks import Document, settings, synthesized


def refused(resources: Document, match: str, **overrides: object) -> None:
    with pytest.raises(RefusalError, match=match):
        check({"resource": resources}, settings(**overrides))


def cluster(**more: object) -> Document:
    name = {"cluster_identifier": "payment-cluster-dev", "deletion_protection": False, "skip_final_snapshot": True}
    engine = {"engine": "aurora-mysql", "engine_version": "8.0.mysql_aurora.3.10.0"}
    return {"aws_rds_cluster": {"one": {**name, **engine, "delete_automated_backups": True, **more}}}


@pytest.mark.parametrize(
    "overrides",
    [
        {},
        {"environment_class": "production"},
        {"environment_suffix": "a" * 20, "nat_gateways": "none", "function_url": True},
        {"domain": "acme.io", "parent_zone_id": "Z1", "environment_suffix": "x-1"},
        {"environment_suffix": "b" * 20, "db_proxy": True, "approval_threshold": 0},
        {"db_authentication": "iam"},
    ],
)
def test_the_stack_itself_has_no_fault(overrides: dict[str, object]) -> None:
    check(synthesized(**overrides), settings(**overrides))


def test_backtrack_with_postgresql() -> None:
    refused(cluster(backtrack_window=3600, engine="aurora-postgresql"), "no backtrack with PostgreSQL; restore")


def test_backtrack_with_a_global_database() -> None:
    refused(cluster(backtrack_window=3600, global_cluster_identifier="g"), "no backtrack with a global database")


def test_backtrack_with_serverless_v2() -> None:
    refused(cluster(backtrack_window=1, serverlessv2_scaling_configuration={}), "Serverless v2; use a provisioned")


def test_backtrack_with_binlog_replication() -> None:
    group = {"name": "payment-dev", "parameter": [{"name": "binlog_format", "value": "ROW"}]}
    resources = {**cluster(backtrack_window=1), "aws_rds_cluster_parameter_group": {"one": group}}
    refused(resources, "binlog replication; set binlog_format to OFF")


def test_managed_password_on_a_global_database() -> None:
    refused(cluster(manage_master_user_password=True, global_cluster_identifier="g"), "pass it as master_password_wo")


def test_minor_upgrade_off_the_long_term_support_line() -> None:
    instance = {"identifier": "payment-dev", "auto_minor_version_upgrade": True}
    refused({"aws_rds_cluster_instance": {"one": instance}}, "set auto_minor_version_upgrade=False")


def test_cname_to_a_function_url() -> None:
    record = {"type": "CNAME", "records": ["${aws_lambda_function_url.function.function_url}"]}
    refused({"aws_route53_record": {"one": record}}, "answers 403 .* use the HTTP API with a custom domain")


def test_function_url_open_to_everyone() -> None:
    refused({"aws_lambda_function_url": {"one": {"authorization_type": "NONE"}}}, "use AWS_IAM, or the HTTP API")


@pytest.mark.parametrize("domain", ["payment-dev.testing.local", "payment-dev.example.com"])
def test_public_zone_and_certificate_for_a_domain_nobody_can_own(domain: str) -> None:
    refused({"aws_route53_zone": {"one": {"name": domain, "force_destroy": True}}}, "make the zone private to a VPC")
    refused({"aws_acm_certificate": {"one": {"domain_name": domain}}}, "use a domain that you own")


@pytest.mark.parametrize(
    "wrong",
    [{"port": 8080, "resource_path": "/health"}, {"resource_path": "/nothing"}, {"resource_path": "/health/deep"}],
)
def test_health_check_on_what_is_not_served(wrong: Document) -> None:
    routes = {
        "health": {"route_key": "GET /health", "authorization_type": "NONE"},
        "deep": {"route_key": "GET /health/deep", "authorization_type": "AWS_IAM"},
        "pay": {"route_key": "POST /payments"},
    }
    checks = {"one": {"type": "HTTPS", **wrong}, "metric": {"type": "CLOUDWATCH_METRIC"}}
    refused({"aws_apigatewayv2_route": routes, "aws_route53_health_check": checks}, "check port 443 and one of /health")


def balanced(protocol: str = "HTTPS", **check_of: object) -> Document:
    """A health check on a load balancer whose targets answer at /well, behind a listener on 443 and another on 8443."""
    balancer = "${aws_lb.balancer.arn}"
    actions = [{"type": "forward", "target_group_arn": "${aws_lb_target_group.blue.arn}"}]
    redirect = [{"type": "redirect", "redirect": {"status_code": "HTTP_301"}}]
    return {
        "aws_lb": {"balancer": {"name": "payment-alb-dev", "enable_deletion_protection": False}},
        "aws_lb_target_group": {"blue": {"name": "payment-blu-dev", "health_check": {"path": "/well"}}},
        "aws_lb_listener": {
            "https": {"load_balancer_arn": balancer, "port": 443, "protocol": protocol, "default_action": actions},
            "test": {"load_balancer_arn": balancer, "port": 8443, "protocol": "HTTPS", "default_action": actions},
            "http": {"load_balancer_arn": balancer, "port": 80, "protocol": "HTTP", "default_action": redirect},
            "other": {
                "load_balancer_arn": "${aws_lb.other.arn}",
                "port": 443,
                "protocol": "HTTPS",
                "default_action": redirect,
            },
        },
        "aws_route53_health_check": {
            "one": {"type": "HTTPS", "fqdn": "${aws_lb.balancer.dns_name}", "resource_path": "/well", **check_of}
        },
    }


def test_health_check_on_a_load_balancer() -> None:
    check({"resource": balanced(port=443)}, settings())


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        (balanced(port=8443), "check port 443 and one of /well"),
        (balanced(port=80), "check port 443 and one of /well"),
        (balanced(resource_path="/health"), "nothing answers GET /health .* one of /well"),
        (balanced("HTTP"), "check port 443 and one of an open route"),
        (balanced(fqdn="${aws_lb.other.dns_name}"), "check port 443 and one of an open route"),
        (balanced(fqdn="${aws_apigatewayv2_api.api.id}.example.org"), "check port 443 and one of an open route"),
    ],
)
def test_health_check_on_what_a_load_balancer_does_not_serve(wrong: Document, remedy: str) -> None:
    refused(wrong, remedy)


def test_what_aws_takes_passes() -> None:
    resources = {
        "aws_apigatewayv2_route": {"health": {"route_key": "GET /health", "authorization_type": "NONE"}},
        "aws_route53_health_check": {"one": {"type": "HTTPS", "port": 443, "resource_path": "/health"}},
        "aws_ecs_service": {"one": {"deployment_circuit_breaker": {"enable": True}}},
        "aws_synthetics_canary": {"one": {"name": "payment-pays-dev", "runtime_version": "syn-python-selenium-14.0"}},
        "aws_route53_zone": {"one": {"name": "payment-dev.my-example.net", "force_destroy": True}},
    }
    check({"resource": resources}, settings())


def test_function_in_another_region_as_event_target() -> None:
    target = {"arn": "arn:aws:lambda:us-west-2:123456789012:function:payment"}
    refused({"aws_cloudwatch_event_target": {"one": target}}, "us-west-2 cannot be a target here; target a bus")


def test_reference_to_a_function_of_another_provider_as_event_target() -> None:
    document = {
        "provider": {"aws": [{"alias": "primary", "region": "us-east-1"}, {"alias": "west", "region": "us-west-2"}]},
        "resource": {
            "aws_cloudwatch_event_target": {
                "one": {"arn": "${aws_lambda_alias.far.arn}", "provider": "aws.primary"},
                "two": {"arn": "${aws_lambda_alias.near.arn}", "provider": "aws.primary"},
            },
            "aws_lambda_alias": {"far": {"provider": "aws.west"}, "near": {"provider": "aws.primary"}},
        },
    }
    with pytest.raises(RefusalError) as caught:
        check(document, settings())
    (fault,) = [line for line in str(caught.value).splitlines() if "event_target" in line]
    assert fault.startswith("aws_cloudwatch_event_target.one: a function in us-west-2 cannot be a target here")


def test_master_user_of_a_secondary_cluster() -> None:
    refused(
        cluster(global_cluster_identifier="g", source_region="us-east-1", master_username="admin"),
        "a secondary cluster has the primary's users; leave out master_username",
    )


def test_resource_without_one_of_two_providers() -> None:
    document = {
        "provider": {"aws": [{"alias": "primary", "region": "us-east-1"}]},
        "resource": {"aws_vpc": {"one": {}, "two": {"provider": "aws.primary"}}},
    }
    with pytest.raises(RefusalError) as caught:
        check(document, settings())
    assert "aws_vpc.one: names none of two providers" in str(caught.value)
    assert "aws_vpc.two" not in str(caught.value)


def test_rule_on_events_that_dynamodb_does_not_send() -> None:
    rule = {
        "name": "payment-dev",
        "event_pattern": '{"source":["aws.dynamodb"],"detail-type":["DynamoDB Stream Record"]}',
    }
    refused({"aws_cloudwatch_event_rule": {"one": rule}}, "lead the table's stream to the bus with a Pipe")


def test_circuit_breaker_with_codedeploy() -> None:
    service = {"deployment_controller": {"type": "CODE_DEPLOY"}, "deployment_circuit_breaker": {"enable": True}}
    refused({"aws_ecs_service": {"one": service}}, "leave out one of it and CodeDeploy")


def test_ended_canary_runtime() -> None:
    canary = {"runtime_version": "syn-nodejs-puppeteer-7.0"}
    refused({"aws_synthetics_canary": {"one": canary}}, "syn-nodejs-puppeteer-7.0 has ended")


def test_ended_function_runtime() -> None:
    function = {"function_name": "payment-dev", "runtime": "python3.8"}
    refused({"aws_lambda_function": {"one": function}}, "python3.8 has ended; use one of python3.13")


def test_ended_engine_version() -> None:
    refused(cluster(engine_version="8.0.mysql_aurora.3.04.0"), "use a patch level of 8.0.mysql_aurora.3.10")


def test_kms_key_has_no_primary_key() -> None:
    stack = TerraformStack(Testing.app(), "test")
    with pytest.raises(TypeError, match="primary_key_arn"):
        KmsKey(stack, "replica", primary_key_arn="arn:aws:kms:us-east-1:123456789012:key/x")  # type: ignore[call-arg]


def test_default_tags_as_a_plain_dict_are_lost_and_noticed() -> None:
    stack = TerraformStack(Testing.app(), "test")
    AwsProvider(stack, "aws", region="us-east-1", default_tags=[{"Project": "payment"}])

    document = json.loads(Testing.synth(stack))
    with pytest.raises(RefusalError, match="default tags are lost; pass AwsProviderDefaultTags"):
        check(document, settings())


def test_alarm_on_the_metric_of_another_region() -> None:
    alarm = {"alarm_name": "payment-dev", "dimensions": {"Table": "${aws_dynamodb_table.far.name}", "Fixed": "text"}}
    table = {"name": "payment-far-dev", "deletion_protection_enabled": False, "provider": "aws.west"}
    resources = {"aws_cloudwatch_metric_alarm": {"one": alarm}, "aws_dynamodb_table": {"far": table}}
    refused(resources, "make it with the provider of aws_dynamodb_table.far, with missing data breaching")


@pytest.mark.parametrize(
    ("type_", "attribute", "length"),
    [
        ("aws_lb", "name", 32),
        ("aws_lb_target_group", "name", 32),
        ("aws_backup_vault", "name", 50),
        ("aws_s3_bucket", "bucket", 63),
        ("aws_rds_cluster", "cluster_identifier", 63),
        ("aws_lambda_function", "function_name", 64),
        ("aws_iam_role", "name", 64),
        ("aws_cloudwatch_event_rule", "name", 64),
        ("aws_sqs_queue", "name", 80),
    ],
)
def test_name_longer_than_aws_takes(type_: str, attribute: str, length: int) -> None:
    name = "dev" + "a" * (length - 3)
    with pytest.raises(RefusalError) as caught:
        check({"resource": {type_: {"one": {attribute: name + "a"}}}}, settings())
    assert f"has {length + 1} characters and AWS takes {length}; use a shorter ENVIRONMENT_SUFFIX" in str(caught.value)
    assert not [line for line in _faults(type_, {attribute: name}) if "characters" in line]


@pytest.mark.parametrize(
    ("type_", "attribute", "name"),
    [
        ("aws_rds_cluster", "cluster_identifier", "payment--dev"),
        ("aws_rds_cluster", "cluster_identifier", "1payment-dev"),
        ("aws_lambda_function", "function_name", "payment.dev"),
        ("aws_dynamodb_table", "name", "payment dev"),
        ("aws_s3_bucket", "bucket", "Payment-dev"),
    ],
)
def test_name_with_characters_that_aws_does_not_take(type_: str, attribute: str, name: str) -> None:
    refused({type_: {"one": {attribute: name}}}, "has characters that AWS does not take")


def test_name_without_the_suffix() -> None:
    refused({"aws_sqs_queue": {"one": {"name": "payment"}}}, "lacks the suffix; name it through Settings.name")


def test_name_that_aws_would_make_up() -> None:
    refused({"aws_sqs_queue": {"one": {"name_prefix": "payment"}}}, "has no name: AWS would make one up")


def test_every_type_of_the_stack_that_has_a_name_has_a_rule_for_it() -> None:
    fixed_names = {
        "aws_apigatewayv2_stage",
        "aws_backup_restore_testing_selection",
        "aws_lambda_alias",
        "aws_route53_record",
    }
    names = {"name", "alarm_name", "bucket", "cluster_identifier", "dashboard_name", "function_name", "identifier"}
    of_another = {
        "aws_lambda_event_source_mapping",
        "aws_lambda_function_event_invoke_config",
        "aws_lambda_function_url",
        "aws_lambda_invocation",
        "aws_lambda_permission",
    }
    options = {"function_url": True, "alert_email": "a@acme.io", "db_proxy": True, "approval_threshold": 1000}
    two_regions = synthesized(architecture="multi-region")
    for document in (synthesized(), synthesized(nat_gateways="none", **options), two_regions):
        named = {
            type_
            for type_, instances in document["resource"].items()
            if any(names & set(arguments) for arguments in instances.values())
        }
        missing = named - set(NAME_RULES) - fixed_names - of_another
        assert not missing, f"add {missing} to NAME_RULES"


def test_more_tags_than_route_53_takes() -> None:
    inputs = {"architecture": "multi-region"}
    check_of = {"type": "CLOUDWATCH_METRIC"}
    check({"resource": {"aws_route53_health_check": {"one": check_of}}}, settings(**inputs))
    with pytest.raises(RefusalError, match=r"would have 11 tags, and AWS takes 10; leave out its own"):
        check(
            {"resource": {"aws_route53_health_check": {"one": {**check_of, "tags": {"Name": "api"}}}}},
            settings(**inputs),
        )


def test_what_a_destroy_would_leave_is_for_production_alone() -> None:
    vault = {"aws_backup_vault": {"one": {"name": "payment-dev"}}}
    refused(vault, "force_destroy is None, so a destroy would leave something; set it to True")
    check({"resource": vault}, settings(environment_class="production"))


@pytest.mark.parametrize(
    ("type_", "arguments", "write_only"),
    [
        ("aws_secretsmanager_secret_version", {"secret_string": "x"}, "secret_string_wo"),
        ("aws_db_instance", {"password": "x"}, "password_wo"),
        ("aws_ssm_parameter", {"name": "/payment/dev/x", "type": "SecureString", "value": "x"}, "value_wo"),
    ],
)
def test_a_secret_that_the_state_would_hold(type_: str, arguments: Document, write_only: str) -> None:
    refused({type_: {"one": arguments}}, f"make it in an ephemeral block and pass it as {write_only}")
    check({"resource": {"aws_ssm_parameter": {"one": {"name": "/payment/dev/x", "type": "String"}}}}, settings())


def test_every_fault_is_told_at_once() -> None:
    resources = {"aws_sqs_queue": {"one": {"name": "payment"}, "two": {"name": "x" * 90}}}
    with pytest.raises(RefusalError) as caught:
        check({"resource": resources}, settings())
    assert len(str(caught.value).splitlines()) == 2


def _faults(type_: str, arguments: Document) -> list[str]:
    try:
        check({"resource": {type_: {"one": arguments}}}, settings())
    except RefusalError as error:
        return str(error).splitlines()
    return []
