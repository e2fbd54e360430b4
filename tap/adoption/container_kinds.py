"""The types of the container architecture: what builds, deploys, runs, names and tests the service.

Import ids: https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/<type without aws_>#import
"""

from __future__ import annotations

from tap.adoption import names
from tap.adoption.kind import Kind

CONTAINER_KINDS: dict[str, Kind] = {
    "aws_codebuild_project": Kind(arn="codebuild:project/(?P<name>.+)"),
    "aws_codedeploy_app": Kind(arn="codedeploy:application:(?P<name>.+)"),
    "aws_codedeploy_deployment_group": Kind(
        arn="codedeploy:deploymentgroup:(?P<application>[^/]+)/(?P<name>.+)",
        key="deployment_group_name",
        import_id="{application}:{name}",
    ),
    "aws_ecr_repository": Kind(arn="ecr:repository/(?P<name>.+)", holds_data=True),
    "aws_ecs_cluster": Kind(arn="ecs:cluster/(?P<name>.+)"),
    "aws_ecs_service": Kind(arn="ecs:service/(?P<cluster>[^/]+)/(?P<name>.+)", import_id="{cluster}/{name}"),
    "aws_ecs_task_definition": Kind(arn=r"ecs:task-definition/(?P<name>[^:]+):\d+", key="family", import_id="{arn}"),
    "aws_lb": Kind(arn="elasticloadbalancing:loadbalancer/app/(?P<name>[^/]+)/.+", import_id="{arn}"),
    "aws_lb_target_group": Kind(arn="elasticloadbalancing:targetgroup/(?P<name>[^/]+)/.+", import_id="{arn}"),
    "aws_service_discovery_service": Kind(
        arn="servicediscovery:service/(?P<id>.+)", import_id="{id}", look_up=names.discovery_service_name
    ),
    "aws_synthetics_canary": Kind(arn="synthetics:canary:(?P<name>.+)"),
    "aws_wafv2_web_acl": Kind(arn="wafv2:regional/webacl/(?P<name>[^/]+)/(?P<id>.+)", import_id="{id}/{name}/REGIONAL"),
}
