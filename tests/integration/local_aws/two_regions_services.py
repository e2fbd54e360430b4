"""`two_regions`: messages and monitoring under the same names in both Regions; `changed` is the secondary only."""

import json

from tests.integration.local_aws.two_regions import (
    NAME,
    REGIONS,
    Resources,
    document,
    in_both,
    in_region,
    open_to,
    trust,
    varied,
)


def messages(changed: bool) -> Resources:
    """Queues, topics, buses that forward to each other, log groups."""
    own, queue = "${aws_cloudwatch_event_bus.{alias}.name}", "${aws_sqs_queue.{alias}.arn}"
    archive = in_both(name=NAME, event_source_arn="${aws_cloudwatch_event_bus.{alias}.arn}", retention_days=1)
    group = in_both(name=f"/payment/{NAME}", retention_in_days=7)
    forwarding = {
        alias: in_region(
            alias,
            rule=f"${{aws_cloudwatch_event_rule.{alias}.name}}",
            event_bus_name=f"${{aws_cloudwatch_event_bus.{alias}.name}}",
            target_id="other-region",
            arn=f"${{aws_cloudwatch_event_bus.{other}.arn}}",
            role_arn="${aws_iam_role.forward.arn}",
            retry_policy=[{"maximum_event_age_in_seconds": 3600, "maximum_retry_attempts": 9 if changed else 10}],
            dead_letter_config=[{"arn": f"${{aws_sqs_queue.{alias}.arn}}"}],
        )
        for alias, other in zip(REGIONS, reversed(REGIONS), strict=True)
    }
    forward = {"Action": "events:PutEvents", "Resource": [f"${{aws_cloudwatch_event_bus.{a}.arn}}" for a in REGIONS]}
    return {
        "aws_sqs_queue": varied(
            in_both(name=NAME, visibility_timeout_seconds=60), changed, visibility_timeout_seconds=90
        ),
        "aws_sqs_queue_policy": in_both(
            queue_url="${aws_sqs_queue.{alias}.url}", policy=open_to("events", "sqs:SendMessage", queue)
        ),
        "aws_sns_topic": in_both("alerts_", name=NAME, display_name="{alias}"),
        "aws_sns_topic_subscription": in_both(
            topic_arn="${aws_sns_topic.alerts_{alias}.arn}", protocol="email", endpoint="it@example.org"
        ),
        "aws_cloudwatch_log_group": varied(group, changed, retention_in_days=14),
        "aws_cloudwatch_event_bus": in_both(name=NAME),
        "aws_cloudwatch_event_rule": in_both(
            name=NAME, event_bus_name=own, event_pattern=json.dumps({"source": ["it"], "region": ["{region}"]})
        ),
        "aws_cloudwatch_event_archive": varied(archive, changed, retention_days=2),
        "aws_cloudwatch_event_target": forwarding,
        "aws_iam_role": {"forward": in_region("primary", assume_role_policy=trust("events"))},
        "aws_iam_role_policy": {
            "forward": in_region("primary", role="${aws_iam_role.forward.name}", policy=document(forward))
        },
    }


def monitoring(changed: bool) -> Resources:
    """Dashboards, alarms and X-Ray's rules."""
    alarm = in_both(
        alarm_name=NAME,
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=1,
        metric_name="Errors",
        namespace="AWS/Lambda",
        period=60,
        statistic="Sum",
        threshold=1,
        alarm_actions=["${aws_sns_topic.alerts_{alias}.arn}"],
    )
    widget = {"type": "metric", "properties": {"region": "{region}", "metrics": [["AWS/Lambda", "Errors"]]}}
    return {
        "aws_cloudwatch_metric_alarm": varied(alarm, changed, threshold=2),
        "aws_cloudwatch_composite_alarm": in_both(
            alarm_name=f"{NAME}-service",
            alarm_rule="ALARM(${aws_cloudwatch_metric_alarm.{alias}.alarm_name})",
            alarm_actions=["${aws_sns_topic.alerts_{alias}.arn}"],
        ),
        "aws_cloudwatch_dashboard": in_both(dashboard_name=NAME, dashboard_body=json.dumps({"widgets": [widget]})),
        "aws_xray_group": in_both(group_name=NAME, filter_expression='service("{alias}")'),
    }
