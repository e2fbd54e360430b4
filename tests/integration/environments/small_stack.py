"""A small Terraform configuration with an environment's tags and one of most kinds of resource, quick to deploy."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from lib.provider_options import provider_options, s3_backend, state_key
from lib.settings import load_settings
from tap.provider_mirror import PROVIDER_VERSION

REGION = "us-east-1"

Resources = dict[str, dict[str, dict[str, Any]]]


def write_small_stack(directory: Path, suffix: str, *, endpoint_url: str, bucket: str | None) -> None:
    """Write the configuration into `directory`; its state is in `bucket`, or in a file two folders up."""
    directory.mkdir(parents=True, exist_ok=True)
    settings = load_settings(_env_file=None, environment_suffix=suffix, aws_region=REGION)
    if bucket:
        key = state_key(settings.architecture, suffix)
        backend = {"s3": s3_backend(bucket=bucket, key=key, region=REGION, endpoint_url=endpoint_url)}
    else:
        backend = {"local": {"path": f"../../../terraform.{settings.stack_name}.tfstate"}}
    provider = provider_options(region=REGION, tags=settings.tags, endpoint_url=endpoint_url)
    content = {
        "terraform": {
            "backend": backend,
            "required_providers": {"aws": {"source": "aws", "version": PROVIDER_VERSION}},
        },
        "provider": {"aws": [provider]},
        "resource": {**_network(suffix), **_identity(suffix), **_messages(suffix), **_compute(suffix), **_api(suffix)},
        "output": {"vpc_id": {"value": "${aws_vpc.vpc.id}"}},
    }
    (directory / "cdk.tf.json").write_text(json.dumps(content, indent=2))
    (directory / "function.zip").write_bytes(_package())


def _network(suffix: str) -> Resources:
    def named(base: str, **arguments: Any) -> dict[str, Any]:
        return {"tags": {"Name": f"payment-{base}-{suffix}"}, **arguments}

    vpc = {"vpc_id": "${aws_vpc.vpc.id}"}
    table, group = "${aws_route_table.routes.id}", "${aws_security_group.group.id}"
    rule = {"security_group_id": group, "ip_protocol": "tcp"}
    return {
        "aws_vpc": {"vpc": named("vpc", cidr_block="10.0.0.0/16", enable_dns_hostnames=True)},
        "aws_subnet": {
            letter: named(f"subnet-{letter}", cidr_block=f"10.0.{number}.0/24", **vpc)
            for number, letter in enumerate("ab")
        },
        "aws_internet_gateway": {"gateway": named("igw", **vpc)},
        "aws_eip": {"address": named("address", domain="vpc")},
        "aws_route_table": {"routes": named("routes", **vpc)},
        "aws_route": {
            "outbound": {
                "route_table_id": table,
                "destination_cidr_block": "0.0.0.0/0",
                "gateway_id": "${aws_internet_gateway.gateway.id}",
            }
        },
        "aws_route_table_association": {
            letter: {"route_table_id": table, "subnet_id": f"${{aws_subnet.{letter}.id}}"} for letter in "ab"
        },
        "aws_vpc_endpoint": {
            "s3": named(
                "s3",
                service_name=f"com.amazonaws.{REGION}.s3",
                vpc_endpoint_type="Gateway",
                route_table_ids=[table],
                **vpc,
            )
        },
        "aws_security_group": {"group": named("group", name=f"payment-group-{suffix}", description="A group", **vpc)},
        "aws_vpc_security_group_egress_rule": {
            "https": {**rule, "cidr_ipv4": "0.0.0.0/0", "from_port": 443, "to_port": 443, "description": "HTTPS"}
        },
        "aws_vpc_security_group_ingress_rule": {
            "mysql": {**rule, "referenced_security_group_id": group, "from_port": 3306, "to_port": 3306}
        },
    }


def _identity(suffix: str) -> Resources:
    def role(service: str) -> str:
        principal = {"Service": f"{service}.amazonaws.com"}
        return _policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal})

    scheduler = {"name": f"payment-scheduler-{suffix}", "assume_role_policy": role("scheduler")}
    call = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "${aws_lambda_function.function.arn}"}
    reading = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    receive = {"Effect": "Allow", "Action": reading, "Resource": "${aws_sqs_queue.queue.arn}"}
    return {
        "aws_kms_key": {"key": {"description": f"Everything of {suffix}", "deletion_window_in_days": 7}},
        "aws_kms_alias": {
            "alias": {"name": f"alias/payment-key-{suffix}", "target_key_id": "${aws_kms_key.key.key_id}"}
        },
        "aws_iam_role": {
            "function": {"name": f"payment-function-{suffix}", "assume_role_policy": role("lambda")},
            "scheduler": scheduler,
        },
        "aws_iam_policy": {
            "receive": {"name": f"payment-receive-{suffix}", "policy": _policy(receive)},
            "call": {"name": f"payment-call-{suffix}", "policy": _policy(call)},
        },
        "aws_iam_role_policy_attachment": {
            "receive": {"role": "${aws_iam_role.function.name}", "policy_arn": "${aws_iam_policy.receive.arn}"},
            "call": {"role": "${aws_iam_role.scheduler.name}", "policy_arn": "${aws_iam_policy.call.arn}"},
        },
        "aws_secretsmanager_secret": {"secret": {"name": f"payment-secret-{suffix}", "recovery_window_in_days": 0}},
        "aws_secretsmanager_secret_version": {
            "secret": {"secret_id": "${aws_secretsmanager_secret.secret.id}", "secret_string": "anything"}
        },
        "aws_ssm_parameter": {
            "parameter": {"name": f"/payment/{suffix}/vpc", "type": "String", "value": "${aws_vpc.vpc.id}"}
        },
    }


def _messages(suffix: str) -> Resources:
    queue = "${aws_sqs_queue.queue.arn}"
    send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue}
    principal = {"Principal": {"Service": "events.amazonaws.com"}}
    bus, name = "${aws_cloudwatch_event_bus.bus.name}", f"payment-events-{suffix}"
    pattern = json.dumps({"source": ["payment.processor"]})
    return {
        "aws_sqs_queue": {"queue": {"name": f"payment-queue-{suffix}", "kms_master_key_id": "${aws_kms_key.key.arn}"}},
        "aws_sqs_queue_policy": {
            "queue": {"queue_url": "${aws_sqs_queue.queue.url}", "policy": _policy(send | principal)}
        },
        "aws_sns_topic": {"topic": {"name": f"payment-topic-{suffix}"}},
        "aws_cloudwatch_log_group": {"log": {"name": f"/payment/function-{suffix}", "retention_in_days": 7}},
        "aws_cloudwatch_metric_alarm": {
            "alarm": {
                "alarm_name": f"payment-alarm-{suffix}",
                "comparison_operator": "GreaterThanThreshold",
                "evaluation_periods": 1,
                "metric_name": "Errors",
                "namespace": "AWS/Lambda",
                "period": 60,
                "statistic": "Sum",
                "threshold": 1,
                "alarm_actions": ["${aws_sns_topic.topic.arn}"],
            }
        },
        "aws_cloudwatch_event_bus": {"bus": {"name": name}},
        "aws_cloudwatch_event_rule": {"rule": {"name": name, "event_bus_name": bus, "event_pattern": pattern}},
        "aws_cloudwatch_event_target": {
            "target": {
                "rule": "${aws_cloudwatch_event_rule.rule.name}",
                "event_bus_name": bus,
                "target_id": "queue",
                "arn": queue,
            }
        },
        "aws_cloudwatch_event_archive": {
            "archive": {"name": name, "event_source_arn": "${aws_cloudwatch_event_bus.bus.arn}", "retention_days": 1}
        },
        "aws_dynamodb_table": {
            "table": {
                "name": f"payment-table-{suffix}",
                "billing_mode": "PAY_PER_REQUEST",
                "hash_key": "id",
                "attribute": [{"name": "id", "type": "S"}],
            }
        },
        "aws_backup_vault": {"vault": {"name": f"payment-vault-{suffix}", "force_destroy": True}},
    }


def _compute(suffix: str) -> Resources:
    function = "${aws_lambda_function.function.function_name}"
    alias = "${aws_lambda_alias.live.name}"
    return {
        "aws_lambda_function": {
            "function": {
                "function_name": f"payment-function-{suffix}",
                "filename": "function.zip",
                "handler": "index.handler",
                "runtime": "python3.13",
                "publish": True,
                "role": "${aws_iam_role.function.arn}",
            }
        },
        "aws_lambda_alias": {
            "live": {
                "name": "live",
                "function_name": function,
                "function_version": "${aws_lambda_function.function.version}",
            }
        },
        "aws_lambda_permission": {
            "api": {
                "statement_id": "Allow-api",
                "action": "lambda:InvokeFunction",
                "function_name": function,
                "qualifier": alias,
                "principal": "apigateway.amazonaws.com",
                "source_arn": "${aws_apigatewayv2_api.api.execution_arn}/*/*",
            }
        },
        "aws_lambda_event_source_mapping": {
            "queue": {
                "event_source_arn": "${aws_sqs_queue.queue.arn}",
                "function_name": "${aws_lambda_alias.live.arn}",
                "batch_size": 10,
                "depends_on": ["aws_iam_role_policy_attachment.receive"],
            }
        },
        "aws_scheduler_schedule": {
            "schedule": {
                "name": f"payment-schedule-{suffix}",
                "schedule_expression": "rate(12 hours)",
                "flexible_time_window": {"mode": "OFF"},
                "target": {"arn": "${aws_lambda_alias.live.arn}", "role_arn": "${aws_iam_role.scheduler.arn}"},
            }
        },
    }


def _api(suffix: str) -> Resources:
    api = {"api_id": "${aws_apigatewayv2_api.api.id}"}
    zone = f"payment-{suffix}.testing.local"
    integration = "${aws_apigatewayv2_integration.integration.id}"
    return {
        "aws_apigatewayv2_api": {"api": {"name": f"payment-api-{suffix}", "protocol_type": "HTTP"}},
        "aws_apigatewayv2_integration": {
            "integration": {
                **api,
                "integration_type": "AWS_PROXY",
                "integration_uri": "${aws_lambda_alias.live.invoke_arn}",
                "payload_format_version": "2.0",
            }
        },
        "aws_apigatewayv2_route": {
            "health": {**api, "route_key": "GET /health", "target": f"integrations/{integration}"}
        },
        "aws_apigatewayv2_stage": {"stage": {**api, "name": "$default", "auto_deploy": True}},
        "aws_route53_zone": {"zone": {"name": zone, "force_destroy": True, "vpc": [{"vpc_id": "${aws_vpc.vpc.id}"}]}},
        "aws_route53_record": {
            "api": {
                "zone_id": "${aws_route53_zone.zone.zone_id}",
                "name": f"api.{zone}",
                "type": "CNAME",
                "ttl": 60,
                "records": [f"${{aws_apigatewayv2_api.api.id}}.execute-api.{REGION}.amazonaws.com"],
            }
        },
    }


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _package() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr(zipfile.ZipInfo("index.py"), "def handler(event, context):\n    return {}\n")
    return content.getvalue()
