"""The service: cluster, task definition, names, scaling."""

import json
from typing import Any

from tests.integration.local_aws_containers.sample import HEALTH_CHECK
from tests.integration.local_aws_containers.stack_network import SUBNETS
from tests.integration.local_aws_containers.stack_policies import NAME, REGION, Resources, allow, role

BREAKER = [{"enable": True, "rollback": True}]
STRATEGY = [
    {"capacity_provider": "FARGATE", "base": 1, "weight": 1},
    {"capacity_provider": "FARGATE_SPOT", "base": 0, "weight": 3},
]


def service(changed: bool, *, controller: str = "ECS", tag: str = "first", desired: int = 2) -> Resources:
    """Everything that runs the image."""
    execution = role(
        "execution",
        "ecs-tasks",
        allow("ecr:GetAuthorizationToken", "*"),
        allow(
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "${aws_ecr_repository.main.arn}",
        ),
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], "${aws_cloudwatch_log_group.service.arn}:*"),
        allow("ssm:GetParameters", "${aws_ssm_parameter.setting.arn}"),
        allow("secretsmanager:GetSecretValue", "${aws_secretsmanager_secret.login.arn}"),
    )
    task = role("task", "ecs-tasks", allow("ssm:GetParameter", "${aws_ssm_parameter.setting.arn}"))
    return {
        "aws_iam_role": {**execution["aws_iam_role"], **task["aws_iam_role"]},
        "aws_iam_role_policy": {**execution["aws_iam_role_policy"], **task["aws_iam_role_policy"]},
        "aws_cloudwatch_log_group": {"service": {"name": f"/payment/{NAME}", "retention_in_days": 7}},
        "aws_ssm_parameter": {"setting": {"name": f"/{NAME}/setting", "type": "String", "value": "from SSM"}},
        "aws_secretsmanager_secret": {"login": {"name": f"{NAME}-login", "recovery_window_in_days": 0}},
        "aws_secretsmanager_secret_version": {
            "login": {"secret_id": "${aws_secretsmanager_secret.login.id}", "secret_string": '{"password": "hidden"}'}
        },
        "aws_ecs_cluster": {
            "main": {
                "name": NAME,
                "setting": [{"name": "containerInsights", "value": "enabled" if changed else "enhanced"}],
            }
        },
        "aws_ecs_cluster_capacity_providers": {
            "main": {
                "cluster_name": "${aws_ecs_cluster.main.name}",
                "capacity_providers": ["FARGATE", "FARGATE_SPOT"],
                "default_capacity_provider_strategy": [STRATEGY[0]],
            }
        },
        "aws_ecs_task_definition": {"main": _definition(changed, tag)},
        "aws_ecs_service": {"main": _service(changed, controller, desired)},
        "aws_cloudwatch_metric_alarm": {"errors": _alarm()},
        **_names(changed),
        **_scaling(changed),
    }


def _definition(changed: bool, tag: str) -> dict[str, Any]:
    logs = {"awslogs-group": f"/payment/{NAME}", "awslogs-region": REGION, "awslogs-stream-prefix": "service"}
    container = {
        "name": "payment",
        "image": f"${{aws_ecr_repository.main.repository_url}}:{tag}",
        "essential": True,
        "portMappings": [{"name": "http", "containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
        "environment": [{"name": "SETTING", "value": "changed" if changed else "first"}],
        "secrets": [
            {"name": "FROM_SSM", "valueFrom": "${aws_ssm_parameter.setting.arn}"},
            {"name": "PASSWORD", "valueFrom": "${aws_secretsmanager_secret.login.arn}:password::"},
        ],
        "readonlyRootFilesystem": True,
        "stopTimeout": 30,
        "linuxParameters": {"initProcessEnabled": True},
        "healthCheck": {
            "command": ["CMD-SHELL", HEALTH_CHECK],
            "interval": 10,
            "timeout": 5,
            "retries": 3,
            "startPeriod": 30,
        },
        "logConfiguration": {"logDriver": "awslogs", "options": logs},
    }
    return {
        "family": NAME,
        "network_mode": "awsvpc",
        "requires_compatibilities": ["FARGATE"],
        "cpu": "1024",
        "memory": "2048",
        "execution_role_arn": "${aws_iam_role.execution.arn}",
        "task_role_arn": "${aws_iam_role.task.arn}",
        "runtime_platform": [{"cpu_architecture": "ARM64", "operating_system_family": "LINUX"}],
        "container_definitions": json.dumps([container]),
    }


def _service(changed: bool, controller: str, desired: int) -> dict[str, Any]:
    rolling = {
        "deployment_circuit_breaker": BREAKER,
        "alarms": [
            {"enable": True, "rollback": True, "alarm_names": ["${aws_cloudwatch_metric_alarm.errors.alarm_name}"]}
        ],
        "deployment_maximum_percent": 200,
        "deployment_minimum_healthy_percent": 100,
        "wait_for_steady_state": True,
        "availability_zone_rebalancing": "ENABLED",
    }
    return {
        "name": NAME,
        "cluster": "${aws_ecs_cluster.main.id}",
        "task_definition": "${aws_ecs_task_definition.main.arn}",
        "desired_count": desired,
        "deployment_controller": [{"type": controller}],
        "capacity_provider_strategy": STRATEGY,
        "platform_version": "LATEST",
        "propagate_tags": "SERVICE",
        "enable_ecs_managed_tags": True,
        "enable_execute_command": False,
        "health_check_grace_period_seconds": 90 if changed else 60,
        "network_configuration": [
            {"subnets": SUBNETS, "security_groups": ["${aws_security_group.service.id}"], "assign_public_ip": False}
        ],
        "load_balancer": [
            {
                "target_group_arn": "${aws_lb_target_group.blue.arn}",
                "container_name": "payment",
                "container_port": 8080,
            }
        ],
        "service_registries": [{"registry_arn": "${aws_service_discovery_service.main.arn}"}],
        "depends_on": [
            "aws_lb_listener.https",
            "aws_iam_role_policy.execution",
            "aws_ecs_cluster_capacity_providers.main",
        ],
        **(rolling if controller == "ECS" else {}),
    }


def _alarm() -> dict[str, Any]:
    return {
        "alarm_name": f"{NAME}-errors",
        "namespace": "AWS/ApplicationELB",
        "metric_name": "HTTPCode_Target_5XX_Count",
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 10,
        "evaluation_periods": 1,
        "period": 60,
        "statistic": "Sum",
        "dimensions": {"LoadBalancer": "${aws_lb.main.arn_suffix}"},
    }


def _names(changed: bool) -> Resources:
    return {
        "aws_service_discovery_private_dns_namespace": {
            "main": {
                "name": f"{NAME}.internal",
                "vpc": "${aws_vpc.main.id}",
                "description": "Services, again" if changed else "Services",
            }
        },
        "aws_service_discovery_service": {
            "main": {
                "name": "payment",
                "description": "Payments, again" if changed else "Payments",
                "dns_config": [
                    {
                        "namespace_id": "${aws_service_discovery_private_dns_namespace.main.id}",
                        "dns_records": [{"type": "A", "ttl": 15 if changed else 10}],
                        "routing_policy": "MULTIVALUE",
                    }
                ],
                "health_check_custom_config": [{"failure_threshold": 1}],
                "force_destroy": True,
            }
        },
    }


def _scaling(changed: bool) -> Resources:
    own = {
        "service_namespace": "ecs",
        "resource_id": "service/${aws_ecs_cluster.main.name}/${aws_ecs_service.main.name}",
        "scalable_dimension": "ecs:service:DesiredCount",
    }
    policies = {
        name: {
            **own,
            "name": f"{NAME}-{name}",
            "policy_type": "TargetTrackingScaling",
            "depends_on": ["aws_appautoscaling_target.main"],
            "target_tracking_scaling_policy_configuration": [
                {
                    "predefined_metric_specification": [{"predefined_metric_type": metric}],
                    "target_value": 60 if changed else 70,
                    "scale_in_cooldown": 60,
                    "scale_out_cooldown": 60,
                }
            ],
        }
        for name, metric in {
            "cpu": "ECSServiceAverageCPUUtilization",
            "memory": "ECSServiceAverageMemoryUtilization",
        }.items()
    }
    return {
        "aws_appautoscaling_target": {"main": {**own, "min_capacity": 1, "max_capacity": 5 if changed else 4}},
        "aws_appautoscaling_policy": policies,
    }
