"""Every type that the stack can leave behind has a remover and a place in the order."""

from __future__ import annotations

import pytest

from tap.removal.order import PHASES, phase_of
from tap.removal.removers import REMOVERS

TYPES = {
    "aws_acm_certificate": "acm:certificate",
    "aws_apigatewayv2_api": "apigateway:apis",
    "aws_apigatewayv2_domain_name": "apigateway:domainnames",
    "aws_apigatewayv2_stage": "apigateway:apis",
    "aws_backup_plan": "backup:backup-plan",
    "aws_backup_restore_testing_plan": "backup:restore-testing-plan",
    "aws_fis_experiment_template": "fis:experiment-template",
    "aws_backup_vault": "backup:backup-vault",
    "aws_cloudwatch_composite_alarm": "cloudwatch:alarm",
    "aws_cloudwatch_dashboard": "cloudwatch:dashboard",
    "aws_cloudwatch_event_archive": "events:archive",
    "aws_cloudwatch_event_bus": "events:event-bus",
    "aws_cloudwatch_event_rule": "events:rule",
    "aws_cloudwatch_log_group": "logs:log-group",
    "aws_cloudwatch_metric_alarm": "cloudwatch:alarm",
    "aws_db_proxy": "rds:db-proxy",
    "aws_db_subnet_group": "rds:subgrp",
    "aws_default_security_group": "ec2:security-group",
    "aws_dynamodb_table": "dynamodb:table",
    "aws_eip": "ec2:elastic-ip",
    "aws_flow_log": "ec2:vpc-flow-log",
    "aws_iam_policy": "iam:policy",
    "aws_iam_role": "iam:role",
    "aws_internet_gateway": "ec2:internet-gateway",
    "aws_kms_alias": "kms:alias",
    "aws_kms_key": "kms:key",
    "aws_kms_replica_key": "kms:key",
    "aws_lambda_event_source_mapping": "lambda:event-source-mapping",
    "aws_lambda_function": "lambda:function",
    "aws_nat_gateway": "ec2:natgateway",
    "aws_rds_cluster": "rds:cluster",
    "aws_rds_cluster_instance": "rds:db",
    "aws_rds_cluster_parameter_group": "rds:cluster-pg",
    "aws_rds_global_cluster": "rds:global-cluster",
    "aws_route53_health_check": "route53:healthcheck",
    "aws_route53_record": "route53:record",
    "aws_route53_zone": "route53:hostedzone",
    "aws_route_table": "ec2:route-table",
    "aws_scheduler_schedule": "scheduler:schedule",
    "aws_secretsmanager_secret": "secretsmanager:secret",
    "aws_security_group": "ec2:security-group",
    "aws_sfn_state_machine": "states:stateMachine",
    "aws_sns_topic": "sns:topic",
    "aws_sns_topic_subscription": "sns:topic",
    "aws_sqs_queue": "sqs:queue",
    "aws_ssm_parameter": "ssm:parameter",
    "aws_subnet": "ec2:subnet",
    "aws_vpc": "ec2:vpc",
    "aws_vpc_endpoint": "ec2:vpc-endpoint",
    "aws_vpc_security_group_egress_rule": "ec2:security-group-rule",
    "aws_vpc_security_group_ingress_rule": "ec2:security-group-rule",
}
WITHIN = {
    # Terraform's resources that are a part or a setting of another one, and are gone with it.
    "aws_acm_certificate_validation",
    "aws_apigatewayv2_api_mapping",
    "aws_apigatewayv2_authorizer",
    "aws_apigatewayv2_integration",
    "aws_apigatewayv2_route",
    "aws_backup_restore_testing_selection",
    "aws_backup_selection",
    "aws_backup_vault_notifications",
    "aws_cloudwatch_event_target",
    "aws_db_proxy_default_target_group",
    "aws_db_proxy_target",
    "aws_iam_role_policy_attachment",
    "aws_lambda_alias",
    "aws_lambda_function_event_invoke_config",
    "aws_lambda_function_url",
    "aws_lambda_invocation",
    "aws_lambda_permission",
    "aws_route",
    "aws_route_table_association",
    "aws_secretsmanager_secret_version",
    "aws_sns_topic_policy",
    "aws_sqs_queue_policy",
    "aws_sqs_queue_redrive_allow_policy",
}


def test_every_remover_has_its_one_place_in_the_order() -> None:
    placed = [type_ for phase in PHASES for type_ in phase.types]
    assert sorted(placed) == sorted(REMOVERS)


def test_every_phase_says_why() -> None:
    assert all(phase.reason.endswith(".") and phase.reason[0].isupper() for phase in PHASES)


def test_every_type_of_the_diagram_can_be_removed() -> None:
    from docs.kinds import KINDS

    known = {kind for kind in KINDS if kind.startswith("aws_")}
    assert known == set(TYPES) | WITHIN
    assert set(TYPES.values()) <= set(REMOVERS)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("lambda:function", "iam:role"),
        ("iam:role", "iam:policy"),
        ("lambda:function", "ec2:network-interface"),
        ("lambda:function", "logs:log-group"),
        ("events:rule", "events:event-bus"),
        ("events:archive", "events:event-bus"),
        ("apigateway:domainnames", "acm:certificate"),
        ("rds:db-proxy", "secretsmanager:secret"),
        ("rds:global-cluster", "rds:db"),
        ("rds:db", "rds:cluster"),
        ("rds:cluster", "rds:cluster-snapshot"),
        ("rds:cluster", "rds:subgrp"),
        ("backup:backup-plan", "backup:backup-vault"),
        ("backup:recovery-point", "backup:backup-vault"),
        ("ec2:natgateway", "ec2:elastic-ip"),
        ("ec2:elastic-ip", "ec2:internet-gateway"),
        ("ec2:vpc-endpoint", "ec2:security-group"),
        ("ec2:network-interface", "ec2:subnet"),
        ("ec2:subnet", "ec2:route-table"),
        ("ec2:route-table", "ec2:vpc"),
        ("route53:record", "route53:hostedzone"),
        ("route53:record", "route53:healthcheck"),
        ("logs:log-group", "kms:key"),
        ("kms:alias", "kms:key"),
        ("dynamodb:table", "kms:key"),
        ("application-autoscaling:scalable-target", "ecs:service"),
        ("codedeploy:deploymentgroup", "ecs:service"),
        ("codedeploy:deploymentgroup", "codedeploy:application"),
        ("synthetics:canary", "lambda:function"),
        ("fis:experiment-template", "iam:role"),
        ("ecs:service", "ecs:cluster"),
        ("ecs:service", "elasticloadbalancing:targetgroup"),
        ("elasticloadbalancing:listener", "elasticloadbalancing:targetgroup"),
        ("elasticloadbalancing:loadbalancer", "wafv2:webacl"),
        ("elasticloadbalancing:loadbalancer", "acm:certificate"),
        ("elasticloadbalancing:loadbalancer", "s3:bucket"),
        ("ecs:service", "servicediscovery:service"),
        ("servicediscovery:service", "servicediscovery:namespace"),
        ("servicediscovery:namespace", "ec2:vpc"),
        ("codebuild:project", "ecr:repository"),
        ("codebuild:project", "s3:bucket"),
        ("wafv2:webacl", "logs:log-group"),
        ("logs:resource-policy", "logs:log-group"),
    ],
)
def test_what_uses_goes_before_what_it_uses(first: str, then: str) -> None:
    phases = [phase_of(first), phase_of(then)]
    assert phases[0]
    assert phases[1]
    assert PHASES.index(phases[0]) < PHASES.index(phases[1])
