"""Parts of the container architecture that take seconds to make: for tests of how they are found and removed."""

from __future__ import annotations

import json
from typing import Any

Resources = dict[str, dict[str, dict[str, Any]]]


def container_parts(suffix: str) -> Resources:
    """A service without tasks that scales and is deployed by CodeDeploy, with all that it is made in and with."""
    return {**_network(suffix), **_entrance(suffix), **_service(suffix), **_delivery(suffix)}


def _network(suffix: str) -> Resources:
    return {
        "aws_vpc": {"vpc": {"cidr_block": "10.0.0.0/16", "enable_dns_hostnames": True}},
        "aws_subnet": {
            zone: {
                "vpc_id": "${aws_vpc.vpc.id}",
                "cidr_block": f"10.0.{number}.0/24",
                "availability_zone": f"us-east-1{zone}",
            }
            for number, zone in enumerate("ab")
        },
        "aws_service_discovery_private_dns_namespace": {
            "namespace": {"name": f"payment-services-{suffix}.internal", "vpc": "${aws_vpc.vpc.id}"}
        },
        "aws_service_discovery_service": {
            "registry": {
                "name": "payments",
                "dns_config": {
                    "namespace_id": "${aws_service_discovery_private_dns_namespace.namespace.id}",
                    "dns_records": [{"ttl": 10, "type": "A"}],
                },
            }
        },
    }


def _entrance(suffix: str) -> Resources:
    visibility = {"cloudwatch_metrics_enabled": False, "metric_name": "requests", "sampled_requests_enabled": False}
    group = {"port": 8080, "protocol": "HTTP", "target_type": "ip", "vpc_id": "${aws_vpc.vpc.id}"}
    write = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "${aws_cloudwatch_log_group.requests.arn}:log-stream:*",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
    }
    return {
        "aws_lb": {
            "balancer": {
                "name": f"payment-{suffix}",
                "internal": True,
                "subnets": ["${aws_subnet.a.id}", "${aws_subnet.b.id}"],
            }
        },
        "aws_lb_target_group": {color: {"name": f"payment-{color}-{suffix}", **group} for color in ("blue", "green")},
        "aws_lb_listener": {
            "http": {
                "load_balancer_arn": "${aws_lb.balancer.arn}",
                "port": 80,
                "protocol": "HTTP",
                "default_action": [{"type": "forward", "target_group_arn": "${aws_lb_target_group.blue.arn}"}],
            }
        },
        "aws_wafv2_web_acl": {
            "acl": {
                "name": f"payment-web-{suffix}",
                "scope": "REGIONAL",
                "default_action": {"allow": {}},
                "visibility_config": visibility,
            }
        },
        "aws_wafv2_web_acl_association": {
            "balancer": {"resource_arn": "${aws_lb.balancer.arn}", "web_acl_arn": "${aws_wafv2_web_acl.acl.arn}"}
        },
        "aws_cloudwatch_log_group": {
            "requests": {"name": f"aws-waf-logs-payment-web-{suffix}"},
            "builds": {"name": f"/aws/codebuild/payment-service-{suffix}"},
        },
        "aws_cloudwatch_log_resource_policy": {
            "requests": {"policy_name": f"payment-web-{suffix}", "policy_document": _policy(write)}
        },
    }


def _service(suffix: str) -> Resources:
    container = {"name": "payments", "image": "payments:1", "memory": 512, "portMappings": [{"containerPort": 8080}]}
    scaled = "service/${aws_ecs_cluster.cluster.name}/${aws_ecs_service.service.name}"
    metric = {"predefined_metric_type": "ECSServiceAverageCPUUtilization"}
    return {
        "aws_ecs_cluster": {"cluster": {"name": f"payment-cluster-{suffix}"}},
        "aws_ecs_task_definition": {
            "definition": {
                "family": f"payment-service-{suffix}",
                "requires_compatibilities": ["FARGATE"],
                "network_mode": "awsvpc",
                "cpu": "256",
                "memory": "512",
                "container_definitions": json.dumps([container]),
            }
        },
        "aws_ecs_service": {
            "service": {
                "name": f"payment-service-{suffix}",
                "cluster": "${aws_ecs_cluster.cluster.arn}",
                "task_definition": "${aws_ecs_task_definition.definition.arn}",
                "launch_type": "FARGATE",
                "desired_count": 0,
                "deployment_controller": {"type": "CODE_DEPLOY"},
                "network_configuration": {"subnets": ["${aws_subnet.a.id}"]},
                "load_balancer": [
                    {
                        "target_group_arn": "${aws_lb_target_group.blue.arn}",
                        "container_name": "payments",
                        "container_port": 8080,
                    }
                ],
                "depends_on": ["aws_lb_listener.http"],
            }
        },
        "aws_appautoscaling_target": {
            "tasks": {
                "service_namespace": "ecs",
                "scalable_dimension": "ecs:service:DesiredCount",
                "resource_id": scaled,
                "min_capacity": 0,
                "max_capacity": 2,
            }
        },
        "aws_appautoscaling_policy": {
            "cpu": {
                "name": f"payment-service-cpu-{suffix}",
                "policy_type": "TargetTrackingScaling",
                "service_namespace": "${aws_appautoscaling_target.tasks.service_namespace}",
                "scalable_dimension": "${aws_appautoscaling_target.tasks.scalable_dimension}",
                "resource_id": "${aws_appautoscaling_target.tasks.resource_id}",
                "target_tracking_scaling_policy_configuration": {
                    "target_value": 70,
                    "predefined_metric_specification": metric,
                },
            }
        },
    }


def _delivery(suffix: str) -> Resources:
    services = ("codedeploy", "codebuild")
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": [f"{one}.amazonaws.com" for one in services]},
    }
    return {
        "aws_iam_role": {"delivery": {"name": f"payment-delivery-{suffix}", "assume_role_policy": _policy(trust)}},
        "aws_ecr_repository": {"images": {"name": f"payment-service-{suffix}", "force_delete": True}},
        "aws_codebuild_project": {
            "image": {
                "name": f"payment-service-{suffix}",
                "service_role": "${aws_iam_role.delivery.arn}",
                "source": {"type": "S3", "location": "payment-contexts/one.zip"},
                "artifacts": {"type": "NO_ARTIFACTS"},
                "environment": {
                    "type": "ARM_CONTAINER",
                    "compute_type": "BUILD_GENERAL1_SMALL",
                    "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
                },
            }
        },
        "aws_codedeploy_app": {"deployments": {"name": f"payment-service-{suffix}", "compute_platform": "ECS"}},
        "aws_codedeploy_deployment_group": {"group": _deployment_group(suffix)},
    }


def _deployment_group(suffix: str) -> dict[str, Any]:
    return {
        "app_name": "${aws_codedeploy_app.deployments.name}",
        "deployment_group_name": f"payment-service-{suffix}",
        "service_role_arn": "${aws_iam_role.delivery.arn}",
        "deployment_config_name": "CodeDeployDefault.ECSAllAtOnce",
        "deployment_style": {"deployment_option": "WITH_TRAFFIC_CONTROL", "deployment_type": "BLUE_GREEN"},
        "blue_green_deployment_config": {
            "deployment_ready_option": {"action_on_timeout": "CONTINUE_DEPLOYMENT"},
            "terminate_blue_instances_on_deployment_success": {"action": "TERMINATE"},
        },
        "ecs_service": {
            "cluster_name": "${aws_ecs_cluster.cluster.name}",
            "service_name": "${aws_ecs_service.service.name}",
        },
        "load_balancer_info": {
            "target_group_pair_info": {
                "prod_traffic_route": {"listener_arns": ["${aws_lb_listener.http.arn}"]},
                "target_group": [{"name": f"${{aws_lb_target_group.{one}.name}}"} for one in ("blue", "green")],
            }
        },
    }


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
