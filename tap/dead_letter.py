"""One dead letter: what a message in a dead-letter queue holds.

EventBridge and Lambda both put the event itself into the body, and what went wrong into message attributes
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html,
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lib.payment_events import DETAIL_TYPE, SOURCE

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# Marks a message with the redrive that moved it.
REPLAY_ID = "ReplayId"
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html: a batch is at most as
# large as one message may be, and that has never been less than 256 KiB.
BATCH_BYTES = 256 * 1024
ATTRIBUTE_BYTES = 64
# The schedule comes again every minute, so that a tick that failed is of no use to anyone.
SCHEDULE_TICK = {"task": "relay-outbox"}


@dataclass(frozen=True)
class DeadLetter:
    """A message of a dead-letter queue. `payment_id` and `error` (a code) are None where the message has none."""

    queue: str
    message_id: str
    receipt: str
    body: str
    payment_id: str | None
    error: str | None
    replay_id: str | None
    is_payment: bool
    is_schedule_tick: bool


def batches_to_send(letters: Sequence[DeadLetter]) -> Iterator[list[DeadLetter]]:
    """The letters in batches that SendMessageBatch takes."""
    part: list[DeadLetter] = []
    size = 0
    for letter in letters:
        length = len(letter.body.encode()) + ATTRIBUTE_BYTES
        if part and size + length > BATCH_BYTES:
            yield part
            part, size = [], 0
        part.append(letter)
        size += length
    if part:
        yield part


def read_message(queue: str, message: MessageTypeDef) -> DeadLetter:
    """What a received message is."""
    body = message.get("Body", "")
    event = _json_object(body)
    is_payment = event.get("source") == SOURCE and event.get("detail-type") == DETAIL_TYPE
    detail = event.get("detail")
    payment_id = detail.get("payment_id") if is_payment and isinstance(detail, dict) else None
    attributes = {name: value.get("StringValue") for name, value in message.get("MessageAttributes", {}).items()}
    return DeadLetter(
        queue=queue,
        message_id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        body=body,
        payment_id=payment_id if isinstance(payment_id, str) else None,
        error=attributes.get("ERROR_CODE") or attributes.get("ErrorCode"),
        replay_id=attributes.get(REPLAY_ID),
        is_payment=is_payment,
        is_schedule_tick=event == SCHEDULE_TICK,
    )


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
