"""How the resource types of the container architecture appear in its diagram, beside those of `docs.kinds`.

What only carries something else is folded into it, so that a reader can take the picture in.
"""

from __future__ import annotations

from docs.kinds import FUNCTION, KINDS, LOG_WRITERS, NOTHING, ROLE_USERS, Fold, Group, Kind, Node

ALARMS = ("aws_cloudwatch_metric_alarm",)
BALANCER = ("aws_lb",)
BUCKET = ("aws_s3_bucket",)
CANARY = ("aws_synthetics_canary",)
CLUSTER = ("aws_rds_cluster",)
DEPLOYMENTS = ("aws_codedeploy_app",)
SERVICE = ("aws_ecs_service",)
TASK = ("aws_ecs_task_definition",)
WEB_ACL = ("aws_wafv2_web_acl",)
BUILD = ("aws_codebuild_project",)
GROUPED = ("aws_ecs_service", "aws_lb", "aws_lambda_function", "aws_rds_cluster", "aws_vpc_endpoint")

BUCKET_PARTS = (
    "lifecycle_configuration",
    "ownership_controls",
    "policy",
    "public_access_block",
    "server_side_encryption_configuration",
    "versioning",
)

CONTAINER_TYPES: dict[str, Kind] = {
    "aws_lb": Node(title="Load balancer", group=Group.VPC, details=("name",), edges=("access_logs",), verb="logs"),
    "aws_lb_listener": Fold(into=BALANCER, edges=NOTHING),
    "aws_lb_target_group": Fold(into=("aws_lb_listener", "aws_codedeploy_deployment_group"), edges=NOTHING),
    "aws_wafv2_web_acl": Node(title="Web ACL", group=Group.ENTRY, details=("name",)),
    "aws_wafv2_web_acl_association": Fold(into=WEB_ACL, edges=("resource_arn",), verb="guards"),
    "aws_wafv2_web_acl_logging_configuration": Fold(into=WEB_ACL, by="resource_arn", edges=NOTHING),
    "aws_cloudwatch_log_resource_policy": Fold(into=("aws_cloudwatch_log_group",)),
    "aws_ecs_service": Node(
        title="ECS service", group=Group.VPC, details=("name",), edges=("load_balancer",), reverse=True
    ),
    "aws_ecs_task_definition": Fold(into=SERVICE, edges=("container_definitions",)),
    "aws_ecs_cluster": Fold(into=SERVICE, edges=NOTHING),
    "aws_ecs_cluster_capacity_providers": Fold(into=("aws_ecs_cluster",), edges=NOTHING),
    "aws_service_discovery_private_dns_namespace": Fold(into=("aws_service_discovery_service",), edges=NOTHING),
    "aws_service_discovery_service": Fold(into=SERVICE, edges=NOTHING),
    "aws_appautoscaling_target": Fold(into=SERVICE, edges=NOTHING),
    "aws_appautoscaling_policy": Fold(into=("aws_appautoscaling_target",), edges=NOTHING),
    "aws_ecr_repository": Node(title="Image repository", group=Group.DELIVERY, details=("name",)),
    "aws_ecr_lifecycle_policy": Fold(into=("aws_ecr_repository",), edges=NOTHING),
    "aws_codebuild_project": Node(
        title="CodeBuild project", group=Group.DELIVERY, details=("name",), edges=("environment", "source")
    ),
    "aws_codedeploy_app": Node(title="CodeDeploy", group=Group.DELIVERY, details=("name",)),
    "aws_codedeploy_deployment_group": Fold(into=DEPLOYMENTS, by="app_name", edges=("ecs_service",), verb="deploys"),
    "aws_s3_bucket": Node(title="Bucket", group=Group.STORAGE, details=("bucket",)),
    "aws_s3_object": Fold(into=BUCKET, by="bucket", edges=NOTHING),
    **{f"aws_s3_bucket_{part}": Fold(into=BUCKET, by="bucket", edges=NOTHING) for part in BUCKET_PARTS},
    "aws_synthetics_canary": Node(
        title="canaries", group=Group.MONITORING, together=True, edges=("artifact_s3_location",)
    ),
}

# Types that are drawn otherwise than where functions take payments.
CONTAINER_KINDS: dict[str, Kind] = {
    **KINDS,
    **CONTAINER_TYPES,
    "aws_lambda_function": Node(
        title="Lambda function", group=Group.VPC, details=("function_name",), outside=Group.DELIVERY
    ),
    "aws_lambda_invocation": Fold(into=FUNCTION, by="function_name", edges=NOTHING),
    "aws_rds_cluster_instance": Fold(into=CLUSTER, edges=NOTHING),
    "aws_internet_gateway": Fold(into=("aws_vpc",)),
    "aws_cloudwatch_dashboard": Fold(into=ALARMS, edges=NOTHING),
    "aws_cloudwatch_composite_alarm": Fold(into=ALARMS),
    "aws_flow_log": Fold(into=("aws_vpc",)),
    "aws_cloudwatch_event_archive": Fold(into=("aws_cloudwatch_event_bus",)),
    "aws_security_group": Fold(into=GROUPED),
    "aws_cloudwatch_log_group": Fold(
        into=(*LOG_WRITERS, *CANARY, *TASK, *BUILD, "aws_ecs_cluster", "aws_wafv2_web_acl_logging_configuration")
    ),
    "aws_acm_certificate_validation": Fold(into=("aws_lb_listener",), edges=NOTHING),
    "aws_iam_role": Fold(into=(*TASK, *CANARY, *BUILD, "aws_codedeploy_deployment_group", *ROLE_USERS)),
}
