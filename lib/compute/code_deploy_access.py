"""What CodeDeploy may do with the payment service, and what the function that calls CodeDeploy may do."""

from __future__ import annotations

from collections.abc import Sequence

from lib.iam import Statement
from lib.region import Region


def code_deploy_statements(
    region: Region,
    *,
    cluster_name: str,
    service_name: str,
    load_balancer: str,
    listener_arns: Sequence[str],
    role_arns: Sequence[str],
) -> list[Statement]:
    """Return CodeDeploy's permissions: those of AWS's managed policy for ECS, for one service instead of all.

    `load_balancer` is the load balancer's ARN suffix.
    https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html
    """
    service_arn = region.arn("ecs", f"service/{cluster_name}/{service_name}")
    return [
        Statement(
            sid="ReplaceTasks",
            actions=[
                "ecs:CreateTaskSet",
                "ecs:DeleteTaskSet",
                "ecs:DescribeServices",
                "ecs:UpdateServicePrimaryTaskSet",
            ],
            resources=[service_arn, region.arn("ecs", f"task-set/{cluster_name}/{service_name}/*")],
        ),
        Statement(
            sid="HandOverRoles",
            actions=["iam:PassRole"],
            resources=list(role_arns),
            conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        Statement(
            sid="FindTargets",
            actions=[
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            resources=["*"],  # Elastic Load Balancing has no resource-level permission for these.
        ),
        Statement(
            sid="ShiftTraffic",
            actions=["elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule"],
            resources=[*listener_arns, region.arn("elasticloadbalancing", f"listener-rule/{load_balancer}/*")],
        ),
        Statement(
            sid="WatchAlarms",
            actions=["cloudwatch:DescribeAlarms"],
            resources=["*"],  # CodeDeploy asks for all alarms of a group at once, which names none of them.
        ),
    ]


def shift_statements(
    region: Region, *, application_name: str, group_arn: str, cluster_name: str, service_name: str
) -> list[Statement]:
    """Return the permissions to start a deployment and follow it.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodedeploy.html
    """
    return [
        Statement(
            sid="Deploy",
            actions=[
                "codedeploy:CreateDeployment",
                "codedeploy:GetDeployment",
                "codedeploy:ListDeployments",
                "codedeploy:StopDeployment",
            ],
            resources=[group_arn],
        ),
        Statement(
            sid="RegisterRevision",
            actions=["codedeploy:GetApplicationRevision", "codedeploy:RegisterApplicationRevision"],
            resources=[region.arn("codedeploy", f"application:{application_name}")],
        ),
        Statement(
            sid="ReadConfiguration",
            actions=["codedeploy:GetDeploymentConfig"],
            resources=[region.arn("codedeploy", "deploymentconfig:CodeDeployDefault.*")],
        ),
        Statement(
            sid="ReadService",
            actions=["ecs:DescribeServices"],
            resources=[region.arn("ecs", f"service/{cluster_name}/{service_name}")],
        ),
    ]
