"""Deliveries to a target are retried by its policy and then dead-lettered."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws
from moto.sqs.models import sqs_backends

from local_aws.delivery import Deliveries, Delivery, DeliveryError
from local_aws.event_delivery import envelope, give_up, target_input
from local_aws.functions.schedule import Schedule

ACCOUNT, REGION = "123456789012", "eu-central-1"
RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/payments/all"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:letters"
EVENT: dict[str, Any] = {
    "version": "0",
    "id": "e1",
    "detail-type": "Payment",
    "source": "payment.processor",
    "account": ACCOUNT,
    "time": 1773316830.5,
    "region": REGION,
    "resources": [],
    "detail": {"payment_id": "p1", "amount": 1},
    "ingestion-time": 1773316830.5,
}


class ImmediateSchedule(Schedule):
    """Runs jobs at once and notes how long they would have waited."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def after(self, seconds: float, job: Callable[[], None]) -> None:
        self.waits.append(seconds)
        job()


@pytest.fixture
def letters() -> Iterator[Any]:
    with mock_aws():
        queue = sqs_backends[ACCOUNT][REGION].create_queue("letters", {})
        statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
        queue.policy = json.dumps({"Statement": [{**statement, "Resource": QUEUE}]})
        yield queue


def deliver(failures: list[Exception], **settings: Any) -> tuple[int, list[float]]:
    """How often the target was tried, and the waits between."""
    attempts = []

    def invoke(delivery: Delivery) -> None:
        attempts.append(delivery)
        if failures:
            raise failures.pop(0)

    schedule = ImmediateSchedule()
    settings = {"Arn": FUNCTION, "DeadLetterConfig": {"Arn": QUEUE}, **settings}
    accepted = time.monotonic() - settings.pop("age", 0)
    Deliveries(schedule, invoke, give_up, retry_seconds=1).deliver(Delivery(RULE, ACCOUNT, settings, "{}", accepted))
    return len(attempts), schedule.waits[1:]


def throttled() -> DeliveryError:
    return DeliveryError("THROTTLING", "too fast", retriable=True)


def letter(queue: Any) -> dict[str, str]:
    (message,) = queue._messages
    return {name: value["StringValue"] for name, value in message.message_attributes.items()}


def test_a_passing_failure_is_retried_with_growing_waits(letters: Any) -> None:
    assert deliver([throttled(), throttled(), throttled()]) == (4, [1, 2, 4])
    assert letters._messages == []


def test_after_the_last_retry_the_event_is_dead_lettered(letters: Any) -> None:
    attempts, _ = deliver([throttled() for _ in range(9)], RetryPolicy={"MaximumRetryAttempts": 2})
    assert attempts == 3
    assert letter(letters) == {
        "RULE_ARN": RULE,
        "TARGET_ARN": FUNCTION,
        "ERROR_CODE": "THROTTLING",
        "ERROR_MESSAGE": "too fast",
        "RETRY_ATTEMPTS": "2",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
    }


def test_an_event_that_is_too_old_is_not_retried(letters: Any) -> None:
    attempts, _ = deliver([throttled()], RetryPolicy={"MaximumEventAgeInSeconds": 60}, age=61)
    assert attempts == 1
    assert letter(letters)["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"


def test_a_lasting_failure_is_not_retried(letters: Any) -> None:
    attempts, _ = deliver([DeliveryError("NO_PERMISSIONS", "may not", retriable=False)])
    assert attempts == 1
    assert letter(letters)["ERROR_CODE"] == "NO_PERMISSIONS"
    assert "EXHAUSTED_RETRY_CONDITION" not in letter(letters)


def test_a_fault_of_the_target_is_retried(letters: Any) -> None:
    assert deliver([ValueError("odd")])[0] == 2
    assert letters._messages == []


def test_an_event_is_sent_in_its_envelope() -> None:
    sent = json.loads(target_input({"Arn": FUNCTION}, EVENT))
    assert sent == {**{k: v for k, v in EVENT.items() if k != "ingestion-time"}, "time": "2026-03-12T12:00:30Z"}
    assert envelope({**EVENT, "time": "2026-03-12T12:00:30Z"})["time"] == "2026-03-12T12:00:30Z"


def test_a_target_can_replace_the_event() -> None:
    transformer = {"InputPathsMap": {"id": "$.detail.payment_id"}, "InputTemplate": '{"payment": "<id>"}'}
    assert target_input({"Input": '{"constant": 1}'}, EVENT) == '{"constant": 1}'
    assert json.loads(target_input({"InputPath": "$.detail"}, EVENT)) == EVENT["detail"]
    assert json.loads(target_input({"InputTransformer": transformer}, EVENT)) == {"payment": "p1"}
