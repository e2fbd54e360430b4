"""How each Terraform type of the stack is found once no state lists it any more.

"The GetResources, GetTagKeys, and GetTagValues operations support all resource types", but for IAM users and roles and
for groups of EC2 Auto Scaling:
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
So all that has tags is found by them, and the rest needs a lister or goes with what it is part of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Found(StrEnum):
    """How a type is found."""

    BY_TAGS = "by the tagging API"
    BY_LISTER = "by a lister"
    WITH_OWNER = "with its owner"
    """It has no existence of its own: AWS deletes it with what it is part of."""


@dataclass(frozen=True)
class Coverage:
    """How a type is found, as what (`Resource.type`, or the Terraform type of the owner), and why so."""

    found: Found
    as_: str
    reason: str = "It has tags."


def _tagged(type_: str) -> Coverage:
    return Coverage(Found.BY_TAGS, type_)


def _lister(type_: str, reason: str) -> Coverage:
    return Coverage(Found.BY_LISTER, type_, reason)


def _part(owner: str, reason: str) -> Coverage:
    return Coverage(Found.WITH_OWNER, owner, reason)


COVERAGE: Mapping[str, Coverage] = {
    "aws_acm_certificate": _tagged("acm:certificate"),
    "aws_acm_certificate_validation": _part("aws_acm_certificate", "Terraform's waiting, nothing in AWS."),
    "aws_apigatewayv2_api": _tagged("apigateway:apis"),
    "aws_apigatewayv2_api_mapping": _part("aws_apigatewayv2_domain_name", "A path of a domain name."),
    "aws_apigatewayv2_authorizer": _part("aws_apigatewayv2_api", "A part of the API, deleted with it."),
    "aws_apigatewayv2_domain_name": _tagged("apigateway:domainnames"),
    "aws_apigatewayv2_integration": _part("aws_apigatewayv2_api", "A part of the API, deleted with it."),
    "aws_apigatewayv2_route": _part("aws_apigatewayv2_api", "A part of the API, deleted with it."),
    "aws_apigatewayv2_stage": _tagged("apigateway:apis"),
    "aws_appautoscaling_policy": _part(
        "aws_appautoscaling_target", "Deregistering the target deletes it, with its alarms."
    ),
    "aws_appautoscaling_target": _lister(
        "application-autoscaling:scalable-target", "GetResources returns none, though they have tags."
    ),
    "aws_backup_plan": _tagged("backup:backup-plan"),
    "aws_backup_restore_testing_plan": _tagged("backup:restore-testing-plan"),
    "aws_backup_restore_testing_selection": _part(
        "aws_backup_restore_testing_plan", "It blocks the plan's deletion, which removes it first."
    ),
    "aws_backup_selection": _part("aws_backup_plan", "It blocks the plan's deletion, which removes it first."),
    "aws_backup_vault": _tagged("backup:backup-vault"),
    "aws_backup_vault_notifications": _part("aws_backup_vault", "A setting of the vault."),
    "aws_cloudtrail": _tagged("cloudtrail:trail"),
    "aws_cloudwatch_composite_alarm": _tagged("cloudwatch:alarm"),
    "aws_cloudwatch_dashboard": _lister("cloudwatch:dashboard", "No tags, and part of nothing."),
    "aws_cloudwatch_event_archive": _lister("events:archive", "No tags; it survives its bus."),
    "aws_cloudwatch_event_bus": _tagged("events:event-bus"),
    "aws_cloudwatch_event_rule": _tagged("events:rule"),
    "aws_cloudwatch_event_target": _part(
        "aws_cloudwatch_event_rule", "It blocks the rule's deletion, which removes it."
    ),
    "aws_cloudwatch_log_group": _tagged("logs:log-group"),
    "aws_cloudwatch_log_resource_policy": _lister(
        "logs:resource-policy", "No tags; it survives the log group that it names."
    ),
    "aws_cloudwatch_metric_alarm": _tagged("cloudwatch:alarm"),
    "aws_codebuild_project": _tagged("codebuild:project"),
    "aws_codedeploy_app": _tagged("codedeploy:application"),
    "aws_codedeploy_deployment_group": _tagged("codedeploy:deploymentgroup"),
    "aws_config_config_rule": _tagged("config:config-rule"),
    "aws_config_configuration_recorder": _lister(
        "config:configuration-recorder", "The provider gives it no tags; it stays without its role."
    ),
    "aws_config_configuration_recorder_status": _part(
        "aws_config_configuration_recorder", "Whether the recorder is on."
    ),
    "aws_config_delivery_channel": _part(
        "aws_config_configuration_recorder", "The Region's only channel; it is removed with the recorder."
    ),
    "aws_db_proxy": _tagged("rds:db-proxy"),
    "aws_db_proxy_default_target_group": _part("aws_db_proxy", "Made and deleted by RDS with the proxy."),
    "aws_db_proxy_target": _part("aws_db_proxy", "Deleted with the proxy."),
    "aws_db_subnet_group": _tagged("rds:subgrp"),
    "aws_default_security_group": _part("aws_vpc", "Made and deleted by EC2 with the VPC."),
    "aws_dynamodb_table": _tagged("dynamodb:table"),
    "aws_ecr_lifecycle_policy": _part("aws_ecr_repository", "A setting of the repository."),
    "aws_ecr_repository": _tagged("ecr:repository"),
    "aws_ecs_cluster": _tagged("ecs:cluster"),
    "aws_ecs_cluster_capacity_providers": _part("aws_ecs_cluster", "A setting of the cluster."),
    "aws_ecs_service": _tagged("ecs:service"),
    "aws_ecs_task_definition": _tagged("ecs:task-definition"),
    "aws_eip": _tagged("ec2:elastic-ip"),
    "aws_fis_experiment_template": _tagged("fis:experiment-template"),
    "aws_flow_log": _tagged("ec2:vpc-flow-log"),
    "aws_guardduty_detector": _tagged("guardduty:detector"),
    "aws_guardduty_detector_feature": _part("aws_guardduty_detector", "A setting of the detector."),
    "aws_iam_policy": _tagged("iam:policy"),
    "aws_iam_role": _lister("iam:role", "GetResources returns no roles, though they have tags."),
    "aws_iam_role_policy_attachment": _part("aws_iam_role", "It blocks the role's deletion, which removes it."),
    "aws_internet_gateway": _tagged("ec2:internet-gateway"),
    "aws_kms_alias": _lister("kms:alias", "No tags; it stays while its key waits for its deletion."),
    "aws_kms_key": _tagged("kms:key"),
    "aws_kms_replica_key": _tagged("kms:key"),
    "aws_lambda_alias": _part("aws_lambda_function", "Deleted with the function."),
    "aws_lambda_event_source_mapping": _tagged("lambda:event-source-mapping"),
    "aws_lambda_function": _tagged("lambda:function"),
    "aws_lambda_function_event_invoke_config": _part("aws_lambda_function", "A setting of the function."),
    "aws_lambda_function_url": _part("aws_lambda_function", "Deleted with the function."),
    "aws_lambda_invocation": _part("aws_lambda_function", "An event, nothing that lasts."),
    "aws_lambda_permission": _part("aws_lambda_function", "A statement of the function's policy."),
    "aws_lb": _tagged("elasticloadbalancing:loadbalancer"),
    "aws_lb_listener": _tagged("elasticloadbalancing:listener"),
    "aws_lb_target_group": _tagged("elasticloadbalancing:targetgroup"),
    "aws_nat_gateway": _tagged("ec2:natgateway"),
    "aws_rds_cluster": _tagged("rds:cluster"),
    "aws_rds_cluster_instance": _tagged("rds:db"),
    "aws_rds_cluster_parameter_group": _tagged("rds:cluster-pg"),
    "aws_rds_global_cluster": _lister(
        "rds:global-cluster", "No Region's tagging API is sure to return it: its ARN names none."
    ),
    "aws_route": _part("aws_route_table", "A line of the table."),
    "aws_route53_health_check": _tagged("route53:healthcheck"),
    "aws_route53_record": _lister(
        "route53:record", "No tags; it blocks its zone's deletion, or is in a zone of others."
    ),
    "aws_route53_zone": _tagged("route53:hostedzone"),
    "aws_route_table": _tagged("ec2:route-table"),
    "aws_route_table_association": _part("aws_route_table", "Deleted with the subnet or the table."),
    "aws_s3_bucket": _tagged("s3:bucket"),
    "aws_s3_bucket_lifecycle_configuration": _part("aws_s3_bucket", "A setting of the bucket."),
    "aws_s3_bucket_ownership_controls": _part("aws_s3_bucket", "A setting of the bucket."),
    "aws_s3_bucket_policy": _part("aws_s3_bucket", "A setting of the bucket."),
    "aws_s3_bucket_public_access_block": _part("aws_s3_bucket", "A setting of the bucket."),
    "aws_s3_bucket_server_side_encryption_configuration": _part("aws_s3_bucket", "A setting of the bucket."),
    "aws_s3_bucket_versioning": _part("aws_s3_bucket", "A setting of the bucket."),
    "aws_s3_object": _part("aws_s3_bucket", "It is in the bucket, which is emptied first."),
    "aws_scheduler_schedule": _lister(
        "scheduler:schedule", "Only groups of schedules have tags; it survives its target."
    ),
    "aws_secretsmanager_secret": _tagged("secretsmanager:secret"),
    "aws_secretsmanager_secret_version": _part("aws_secretsmanager_secret", "Deleted with the secret."),
    "aws_security_group": _tagged("ec2:security-group"),
    "aws_securityhub_account": _lister("securityhub:hub", "The provider gives it no tags, and it is part of nothing."),
    "aws_securityhub_standards_subscription": _part("aws_securityhub_account", "It goes with the hub."),
    "aws_service_discovery_private_dns_namespace": _tagged("servicediscovery:namespace"),
    "aws_service_discovery_service": _tagged("servicediscovery:service"),
    "aws_sfn_state_machine": _tagged("states:stateMachine"),
    "aws_sns_topic": _tagged("sns:topic"),
    "aws_sns_topic_policy": _part("aws_sns_topic", "A setting of the topic."),
    "aws_sns_topic_subscription": _part("aws_sns_topic", "Deleted with the topic."),
    "aws_sqs_queue": _tagged("sqs:queue"),
    "aws_sqs_queue_policy": _part("aws_sqs_queue", "A setting of the queue."),
    "aws_sqs_queue_redrive_allow_policy": _part("aws_sqs_queue", "A setting of the queue."),
    "aws_ssm_parameter": _tagged("ssm:parameter"),
    "aws_subnet": _tagged("ec2:subnet"),
    "aws_synthetics_canary": _tagged("synthetics:canary"),
    "aws_vpc": _tagged("ec2:vpc"),
    "aws_vpc_endpoint": _tagged("ec2:vpc-endpoint"),
    "aws_vpc_security_group_egress_rule": _tagged("ec2:security-group-rule"),
    "aws_vpc_security_group_ingress_rule": _tagged("ec2:security-group-rule"),
    "aws_wafv2_web_acl": _tagged("wafv2:webacl"),
    "aws_wafv2_web_acl_association": _part("aws_lb", "AWS WAF forgets it with the load balancer."),
    "aws_wafv2_web_acl_logging_configuration": _part("aws_wafv2_web_acl", "A setting of the web ACL."),
}
"""By Terraform type. What AWS makes beside them is in `tap.inventory.listers`, each with its reason."""
