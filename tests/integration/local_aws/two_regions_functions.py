"""`two_regions`: functions and APIs under the same names in both Regions; `changed` is the secondary only."""

import io
import json
import zipfile
from pathlib import Path

from tests.integration.local_aws.two_regions import NAME, Resources, document, in_both, in_region, trust, varied

PACKAGE = "function.zip"


def write_package(folder: Path) -> None:
    """The functions' deployment package, the same bytes each time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr(zipfile.ZipInfo("index.py"), "def handler(event, context):\n    return {}\n")
    (folder / PACKAGE).write_bytes(content.getvalue())


def compute(changed: bool) -> Resources:
    """Functions with an alias, called by a queue and a schedule; workflows."""
    live = "${aws_lambda_alias.{alias}.arn}"
    function = in_both(
        function_name=NAME,
        filename=PACKAGE,
        handler="index.handler",
        runtime="python3.13",
        publish=True,
        timeout=30,
        role="${aws_iam_role.function.arn}",
        environment=[{"variables": {"REGION": "{region}"}}],
        tracing_config=[{"mode": "Active"}],
        depends_on=["aws_cloudwatch_log_group.function_{alias}"],
    )
    schedule = in_both(
        name=NAME,
        schedule_expression="rate(12 hours)",
        flexible_time_window=[{"mode": "OFF"}],
        target=[{"arn": live, "role_arn": "${aws_iam_role.schedule.arn}"}],
    )
    machine = json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Pass", "End": True}}})
    receive = {"Action": ["sqs:*", "logs:*", "xray:*"], "Resource": "*"}
    call = {"Action": ["lambda:InvokeFunction"], "Resource": "*"}
    return {
        "aws_iam_role": {
            "function": in_region("primary", assume_role_policy=trust("lambda")),
            "schedule": in_region("primary", assume_role_policy=trust("scheduler", "states")),
        },
        "aws_iam_role_policy": {
            "function": in_region("primary", role="${aws_iam_role.function.name}", policy=document(receive)),
            "schedule": in_region("primary", role="${aws_iam_role.schedule.name}", policy=document(call)),
        },
        "aws_cloudwatch_log_group": in_both("function_", name=f"/aws/lambda/{NAME}"),
        "aws_lambda_function": varied(function, changed, memory_size=256),
        "aws_lambda_alias": in_both(
            name="live",
            function_name="${aws_lambda_function.{alias}.function_name}",
            function_version="${aws_lambda_function.{alias}.version}",
        ),
        "aws_lambda_function_event_invoke_config": in_both(
            function_name="${aws_lambda_function.{alias}.function_name}",
            qualifier="${aws_lambda_alias.{alias}.name}",
            maximum_retry_attempts=1,
        ),
        "aws_lambda_event_source_mapping": in_both(
            event_source_arn="${aws_sqs_queue.{alias}.arn}",
            function_name=live,
            batch_size=10,
            depends_on=["aws_iam_role_policy.function"],
        ),
        "aws_scheduler_schedule": varied(schedule, changed, schedule_expression="rate(6 hours)"),
        "aws_sfn_state_machine": in_both(name=NAME, role_arn="${aws_iam_role.schedule.arn}", definition=machine),
    }


def apis(changed: bool) -> Resources:
    """HTTP APIs behind the same custom domain."""
    api, function = "${aws_apigatewayv2_api.{alias}.id}", "${aws_lambda_function.{alias}.function_name}"
    domain = "pay.example.org"
    stage = in_both(
        api_id=api,
        name="$default",
        auto_deploy=True,
        default_route_settings=[{"throttling_rate_limit": 50, "throttling_burst_limit": 100}],
        access_log_settings=[
            {"destination_arn": "${aws_cloudwatch_log_group.{alias}.arn}", "format": "$context.status"}
        ],
    )
    return {
        "aws_apigatewayv2_api": in_both(name=NAME, protocol_type="HTTP"),
        "aws_apigatewayv2_integration": in_both(
            api_id=api,
            integration_type="AWS_PROXY",
            integration_uri="${aws_lambda_alias.{alias}.invoke_arn}",
            payload_format_version="2.0",
        ),
        "aws_apigatewayv2_route": in_both(
            api_id=api, route_key="GET /health", target="integrations/${aws_apigatewayv2_integration.{alias}.id}"
        ),
        "aws_apigatewayv2_stage": varied(
            stage, changed, default_route_settings=[{"throttling_rate_limit": 10, "throttling_burst_limit": 20}]
        ),
        "aws_lambda_permission": in_both(
            statement_id="api",
            action="lambda:InvokeFunction",
            function_name=function,
            qualifier="${aws_lambda_alias.{alias}.name}",
            principal="apigateway.amazonaws.com",
            source_arn="${aws_apigatewayv2_api.{alias}.execution_arn}/*/*",
        ),
        "aws_acm_certificate": in_both("pay_", domain_name=domain, validation_method="DNS"),
        "aws_apigatewayv2_domain_name": in_both(
            "pay_",
            domain_name=domain,
            domain_name_configuration=[
                {
                    "certificate_arn": "${aws_acm_certificate.pay_{alias}.arn}",
                    "endpoint_type": "REGIONAL",
                    "security_policy": "TLS_1_2",
                }
            ],
        ),
        "aws_apigatewayv2_api_mapping": in_both(
            api_id=api,
            domain_name="${aws_apigatewayv2_domain_name.pay_{alias}.id}",
            stage="${aws_apigatewayv2_stage.{alias}.id}",
        ),
    }
