"""The services of the small stack: messages, a function, an API and its zone."""

from __future__ import annotations

import json
from typing import Any

REGION = "us-east-1"

Resources = dict[str, dict[str, dict[str, Any]]]


def messages(suffix: str) -> Resources:
    queue = "${aws_sqs_queue.queue.arn}"
    send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue}
    principal = {"Principal": {"Service": "events.amazonaws.com"}}
    bus, name = "${aws_cloudwatch_event_bus.bus.name}", f"payment-events-{suffix}"
    pattern = json.dumps({"source": ["payment.processor"]})
    return {
        "aws_sqs_queue": {"queue": {"name": f"payment-queue-{suffix}", "kms_master_key_id": "${aws_kms_key.key.arn}"}},
        "aws_sqs_queue_policy": {
            "queue": {"queue_url": "${aws_sqs_queue.queue.url}", "policy": policy_document(send | principal)}
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


def compute(suffix: str) -> Resources:
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


def api(suffix: str) -> Resources:
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


def policy_document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
