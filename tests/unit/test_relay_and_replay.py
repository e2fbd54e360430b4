"""What gets left-over events out and given-up events in again: the relay's schedule and the replay queue."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lib.compute.payment_function import TIMEOUT_SECONDS
from tests.unit.stacks import arguments, of_type, policies, synthesized

DEV = synthesized()
ALIAS = "${aws_lambda_alias.function_alias.arn}"
LAMBDA_SOURCES = Path(__file__).resolve().parents[2] / "lib" / "lambda"


def test_the_relay_is_called_every_minute_by_a_role_that_may_do_only_this() -> None:
    schedule = arguments(DEV, "aws_scheduler_schedule.relay_schedule")
    assert (schedule["name"], schedule["schedule_expression"]) == ("payment-relay-dev", "rate(1 minute)")
    target = schedule["target"]
    assert (target["arn"], json.loads(target["input"])) == (ALIAS, {"task": "relay-outbox"})
    assert target["retry_policy"] == {"maximum_event_age_in_seconds": 60, "maximum_retry_attempts": 2}
    documents = dict(policies(DEV))
    (trust,) = documents["aws_iam_role.relay_role"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "${data.aws_caller_identity.account.account_id}"}
    }
    allowed = {
        action: statement["Resource"]
        for statement in documents["aws_iam_policy.relay_call"]["Statement"]
        for action in statement["Action"]
    }
    assert allowed == {"lambda:InvokeFunction": [ALIAS], "kms:Decrypt": ["${aws_kms_key.operations_key.arn}"]}


def test_an_old_outbox_and_a_relay_that_stopped_are_both_alarms() -> None:
    alarm = arguments(DEV, "aws_cloudwatch_metric_alarm.outbox_age_alarm")
    assert (alarm["alarm_name"], alarm["metric_name"]) == ("payment-outbox-age-dev", "OutboxOldestSeconds")
    assert (alarm["statistic"], alarm["threshold"], alarm["evaluation_periods"]) == ("Maximum", 300, 2)
    assert alarm["treat_missing_data"] == "breaching"
    others = of_type(DEV, "aws_cloudwatch_metric_alarm")
    assert {id_ for id_, other in others.items() if other["treat_missing_data"] == "breaching"} == {"outbox_age_alarm"}


def test_alarm_and_graph_read_the_metric_as_the_function_writes_it() -> None:
    """Written by the function's own code in a process of its own: it reads its environment at import."""
    program = (
        "from payments.observability import count, publish_metrics\n"
        "for outcome in ('Committed', 'Repeated', 'Refused', 'Pending'):\n"
        "    count(f'Payments{outcome}')\n"
        "publish_metrics()\n"
    )
    deployed = arguments(DEV, "aws_lambda_function.function")["environment"]["variables"]
    environment = {
        **os.environ,
        **{name: value for name, value in deployed.items() if "${" not in value},
        "PYTHONPATH": str(LAMBDA_SOURCES),
        "AWS_XRAY_SDK_ENABLED": "false",
    }
    printed = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    ).stdout
    written = json.loads(printed.splitlines()[-1])
    (metrics,) = written["_aws"]["CloudWatchMetrics"]
    (dimensions,) = metrics["Dimensions"]
    alarm = arguments(DEV, "aws_cloudwatch_metric_alarm.outbox_age_alarm")
    assert alarm["namespace"] == metrics["Namespace"]
    assert alarm["dimensions"] == {name: written[name] for name in dimensions}
    body = json.loads(arguments(DEV, "aws_cloudwatch_dashboard.dashboard")["dashboard_body"])
    (graph,) = [w for w in body["widgets"] if w["properties"]["title"] == "Payments by outcome"]
    shown = {(line[0], line[1], *line[2:]) for line in graph["properties"]["metrics"]}
    pairs = [part for name in dimensions for part in (name, written[name])]
    assert shown == {(metrics["Namespace"], metric["Name"], *pairs) for metric in metrics["Metrics"]}


def test_the_replay_queue_feeds_the_function_in_batches_and_keeps_what_fails() -> None:
    mapping = arguments(DEV, "aws_lambda_event_source_mapping.replay_mapping")
    assert (mapping["event_source_arn"], mapping["function_name"]) == ("${aws_sqs_queue.replay_queue.arn}", ALIAS)
    assert (mapping["batch_size"], mapping["function_response_types"]) == (10, ["ReportBatchItemFailures"])
    queue = arguments(DEV, "aws_sqs_queue.replay_queue")
    assert queue["name"] == "payment-replay-dev"
    assert queue["visibility_timeout_seconds"] == 6 * TIMEOUT_SECONDS
    assert json.loads(queue["redrive_policy"])["deadLetterTargetArn"] == "${aws_sqs_queue.replay_dead_letters.arn}"
    allow = arguments(DEV, "aws_sqs_queue_redrive_allow_policy.replay_dead_letters_sources")
    assert json.loads(allow["redrive_allow_policy"])["sourceQueueArns"] == ["${aws_sqs_queue.replay_queue.arn}"]


def test_the_function_may_receive_before_lambda_is_told_to_receive_for_it() -> None:
    mapping = arguments(DEV, "aws_lambda_event_source_mapping.replay_mapping")
    assert mapping["depends_on"] == ["aws_iam_role_policy_attachment.function_replay_attachment"]
    statements = dict(policies(DEV))["aws_iam_policy.function_replay"]["Statement"]
    assert {action for statement in statements for action in statement["Action"]} == {
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "kms:Decrypt",
    }


@pytest.mark.parametrize("queue", ["replay_queue", "replay_dead_letters"])
def test_replay_queues_are_encrypted_and_take_tls_only(queue: str) -> None:
    assert arguments(DEV, f"aws_sqs_queue.{queue}")["kms_master_key_id"] == "${aws_kms_key.operations_key.arn}"
    (refusal,) = dict(policies(DEV))[f"aws_sqs_queue_policy.{queue}_policy"]["Statement"]
    assert (refusal["Effect"], refusal["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_what_could_not_be_replayed_is_an_alarm() -> None:
    alarm = arguments(DEV, "aws_cloudwatch_metric_alarm.replay_dead_letters_alarm")
    assert alarm["dimensions"] == {"QueueName": "${aws_sqs_queue.replay_dead_letters.name}"}
    assert {"replay_queue_url", "replay_dead_letter_queue_url", "relay_schedule_name"} <= set(DEV["output"])
