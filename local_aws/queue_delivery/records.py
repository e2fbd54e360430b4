"""The event that a function gets for messages of a queue, and what its answer says of them.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html,
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

import base64
import json
from collections.abc import Sequence
from typing import Any

from moto.events.models import EventPattern
from moto.sqs.models import Message

from local_aws.functions.invocation import Result


def record(message: Message, queue_arn: str) -> dict[str, Any]:
    """One message as a function sees it."""
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
        "SequenceNumber": message.sequence_number,
        "MessageGroupId": message.group_id,
        "MessageDeduplicationId": message.deduplication_id,
        "DeadLetterQueueSourceArn": getattr(message, "came_from", None),
        "AWSTraceHeader": (message.system_attributes.get("AWSTraceHeader") or {}).get("StringValue"),
    }
    found: dict[str, Any] = {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {name: value for name, value in attributes.items() if value is not None},
        "messageAttributes": {name: _attribute(value) for name, value in message.message_attributes.items()},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3],
    }
    if message.message_attributes:
        found["md5OfMessageAttributes"] = message.attribute_md5
    return found


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"dataType": value["DataType"], "stringListValues": [], "binaryListValues": []}
    if value.get("StringValue") is not None:
        found["stringValue"] = value["StringValue"]
    if value.get("BinaryValue") is not None:
        binary = value["BinaryValue"]
        found["binaryValue"] = base64.b64encode(binary).decode() if isinstance(binary, bytes) else binary
    return found


def wanted(message: Message, filters: Sequence[dict[str, str]]) -> bool:
    """True if a message matches one of a mapping's filters, or there is none. A pattern for an object needs JSON."""
    if not filters:
        return True
    try:
        body = json.loads(message.body)
    except ValueError:
        body = message.body
    event: Any = {"body": body}
    return any(EventPattern.load(chosen["Pattern"]).matches_event(event) for chosen in filters)


def succeeded(messages: Sequence[Message], result: Result, *, partial: bool) -> list[Message]:
    """Those of a batch that the function has dealt with; `partial`: its answer may name the others.

    As in AWS, the whole batch has failed if the function fails, or names what it was not given.
    """
    if result.error:
        return []
    if not partial:
        return list(messages)
    try:
        answer = json.loads(result.payload or b"null")
        failures = (answer or {}).get("batchItemFailures") or []
        failed = {failure["itemIdentifier"] for failure in failures}
    except (ValueError, AttributeError, KeyError, TypeError):
        return []
    if not failed <= {message.id for message in messages}:
        return []
    return [message for message in messages if message.id not in failed]
