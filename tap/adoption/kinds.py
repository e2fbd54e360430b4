"""How resources of each type are told to be those that a plan wants to create.

The formats of import ids are those of the provider's documentation, section Import of
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/<type without aws_>
"""

from __future__ import annotations

from tap.adoption import names
from tap.adoption.container_kinds import CONTAINER_KINDS
from tap.adoption.kind import NAME_TAG, Kind


def _ec2(kind: str) -> Kind:
    return Kind(arn=f"ec2:{kind}/(?P<id>.+)", key=NAME_TAG, import_id="{id}")


KINDS: dict[str, Kind] = {
    **CONTAINER_KINDS,
    "aws_vpc": _ec2("vpc"),
    "aws_subnet": _ec2("subnet"),
    "aws_internet_gateway": _ec2("internet-gateway"),
    "aws_nat_gateway": _ec2("natgateway"),
    "aws_eip": _ec2("elastic-ip"),
    "aws_route_table": _ec2("route-table"),
    "aws_vpc_endpoint": _ec2("vpc-endpoint"),
    "aws_security_group": _ec2("security-group"),
    "aws_default_security_group": _ec2("security-group"),
    "aws_flow_log": _ec2("vpc-flow-log"),
    "aws_cloudwatch_log_group": Kind(arn=r"logs:log-group:(?P<name>[^:]+)(:\*)?"),
    "aws_iam_role": Kind(arn="iam:role/(?P<name>[^/]+)"),
    "aws_iam_policy": Kind(arn="iam:policy/(?P<name>[^/]+)", import_id="{arn}"),
    "aws_kms_key": Kind(
        arn="kms:key/(?P<id>.+)",
        key="description",
        import_id="{id}",
        look_up=names.key_description,
        holds_data=True,
    ),
    "aws_kms_replica_key": Kind(
        arn="kms:key/(?P<id>.+)",
        key="description",
        import_id="{id}",
        look_up=names.key_description,
        holds_data=True,
    ),
    "aws_rds_global_cluster": Kind(
        arn="rds:global-cluster:(?P<name>.+)", key="global_cluster_identifier", holds_data=True
    ),
    "aws_rds_cluster": Kind(arn="rds:cluster:(?P<name>.+)", key="cluster_identifier", holds_data=True),
    "aws_rds_cluster_instance": Kind(arn="rds:db:(?P<name>.+)", key="identifier"),
    "aws_rds_cluster_parameter_group": Kind(arn="rds:cluster-pg:(?P<name>.+)"),
    "aws_db_subnet_group": Kind(arn="rds:subgrp:(?P<name>.+)"),
    "aws_db_proxy": Kind(arn="rds:db-proxy:(?P<id>.+)", import_id="{key}", look_up=names.proxy_name),
    "aws_dynamodb_table": Kind(arn="dynamodb:table/(?P<name>[^/]+)", holds_data=True),
    "aws_ssm_parameter": Kind(arn="ssm:parameter(?P<name>/.+)"),
    "aws_secretsmanager_secret": Kind(
        # AWS ends the ARN with six characters of its own.
        arn="secretsmanager:secret:(?P<name>.+)-[A-Za-z0-9]{6}",
        import_id="{arn}",
        holds_data=True,
    ),
    "aws_lambda_function": Kind(arn="lambda:function:(?P<name>[^:]+)", key="function_name"),
    "aws_sqs_queue": Kind(arn="sqs:(?P<name>.+)", import_id="{url}"),
    "aws_sns_topic": Kind(arn="sns:(?P<name>[^:]+)", import_id="{arn}"),
    "aws_apigatewayv2_api": Kind(arn="apigateway:/apis/(?P<id>[^/]+)", import_id="{id}", look_up=names.api_name),
    "aws_apigatewayv2_domain_name": Kind(arn="apigateway:/domainnames/(?P<name>[^/]+)", key="domain_name"),
    "aws_acm_certificate": Kind(
        arn="acm:certificate/(?P<id>.+)", key="domain_name", import_id="{arn}", look_up=names.certificate_domain
    ),
    "aws_route53_zone": Kind(arn="route53:hostedzone/(?P<id>.+)", import_id="{id}", look_up=names.zone_name),
    # It has no name, and no tag to spare: Route 53 takes ten
    # (https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeTagsForResource.html).
    "aws_route53_health_check": Kind(
        arn="route53:healthcheck/(?P<id>.+)", key="fqdn", import_id="{id}", look_up=names.checked_domain
    ),
    "aws_cloudwatch_event_bus": Kind(arn="events:event-bus/(?P<name>.+)"),
    "aws_cloudwatch_event_rule": Kind(arn="events:rule/(?P<bus>[^/]+)/(?P<name>[^/]+)", import_id="{bus}/{name}"),
    "aws_cloudwatch_metric_alarm": Kind(arn="cloudwatch:alarm:(?P<name>.+)", key="alarm_name"),
    "aws_cloudwatch_composite_alarm": Kind(arn="cloudwatch:alarm:(?P<name>.+)", key="alarm_name"),
    "aws_fis_experiment_template": Kind(arn="fis:experiment-template/(?P<id>.+)", key=NAME_TAG, import_id="{id}"),
    "aws_sfn_state_machine": Kind(arn="states:stateMachine:(?P<name>[^:]+)", import_id="{arn}"),
    "aws_backup_vault": Kind(arn="backup:backup-vault:(?P<name>.+)", holds_data=True),
    "aws_backup_plan": Kind(arn="backup:backup-plan:(?P<id>.+)", import_id="{id}", look_up=names.backup_plan_name),
    "aws_backup_restore_testing_plan": Kind(arn="backup:restore-testing-plan:(?P<name>[^-]+)-.+"),
    "aws_cloudtrail": Kind(arn="cloudtrail:trail/(?P<name>.+)", import_id="{arn}"),
    "aws_config_config_rule": Kind(
        arn="config:config-rule/(?P<id>.+)", import_id="{key}", look_up=names.configuration_rule_name
    ),
    # A Region has one, and it has no name: what all detectors of ours have in common stands for it.
    "aws_guardduty_detector": Kind(
        arn="guardduty:detector/(?P<id>.+)",
        key="finding_publishing_frequency",
        import_id="{id}",
        look_up=names.detector_frequency,
    ),
    "aws_s3_bucket": Kind(arn="s3:(?P<name>[^/]+)", key="bucket", holds_data=True),
}
