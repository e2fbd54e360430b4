"""Payment events to a queue that a service polls: the rule's target, what lets it send, no function needed."""

from __future__ import annotations

import json

from lib.encryption import operations_key
from lib.events.bus import PaymentEventBus
from lib.events.replay import ReplayQueue
from lib.region import Region
from tests.unit.region_stack import synthesized_in_region
from tests.unit.stacks import arguments, of_type, policies

RULE = "${aws_cloudwatch_event_rule.payment_rule.arn}"
QUEUE = "${aws_sqs_queue.replay_queue.arn}"


def build(region: Region) -> None:
    key = operations_key(region)
    bus = PaymentEventBus(region, key=key, consumer="service")
    replay = ReplayQueue(region, key=key, visibility_seconds=180, rule_arn=bus.rule.arn)
    bus.deliver_to_queue(replay.messages.arn, after=replay.policy)


DOCUMENT = synthesized_in_region(build)


def test_the_rule_delivers_to_the_queue_with_retries_and_dead_letters() -> None:
    target = arguments(DOCUMENT, "aws_cloudwatch_event_target.payment_target")
    assert (target["arn"], target["target_id"]) == (QUEUE, "payment-queue")
    assert target["retry_policy"] == {"maximum_event_age_in_seconds": 21600, "maximum_retry_attempts": 8}
    assert target["dead_letter_config"] == {"arn": "${aws_sqs_queue.events_dead_letters.arn}"}
    description = arguments(DOCUMENT, "aws_cloudwatch_event_rule.payment_rule")["description"]
    assert description == "Payment transactions go to the payment service"


def test_the_rule_may_send_before_it_delivers_and_nobody_else_may() -> None:
    target = arguments(DOCUMENT, "aws_cloudwatch_event_target.payment_target")
    assert target["depends_on"] == ["aws_sqs_queue_policy.replay_queue_policy"]
    refusal, permission = dict(policies(DOCUMENT))["aws_sqs_queue_policy.replay_queue_policy"]["Statement"]
    assert refusal["Effect"] == "Deny"
    assert permission == {
        "Sid": "EventBridgeSendsPayments",
        "Effect": "Allow",
        "Action": ["sqs:SendMessage"],
        "Resource": [QUEUE],
        "Principal": {"Service": ["events.amazonaws.com"]},
        "Condition": {"ArnEquals": {"aws:SourceArn": RULE}},
    }


def test_the_queue_is_left_to_who_polls_it() -> None:
    assert of_type(DOCUMENT, "aws_lambda_event_source_mapping") == {}
    queue = arguments(DOCUMENT, "aws_sqs_queue.replay_queue")
    assert queue["visibility_timeout_seconds"] == 180
    assert json.loads(queue["redrive_policy"])["maxReceiveCount"] == 5


def test_the_policy_of_the_bus_does_not_follow_from_the_queue() -> None:
    """Terraform would refuse a circle: the queue's policy names the rule, the rule's target the queue."""
    rule = json.dumps(arguments(DOCUMENT, "aws_cloudwatch_event_rule.payment_rule"))
    assert "replay" not in rule
