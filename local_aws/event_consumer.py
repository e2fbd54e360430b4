"""A consumer of the events that a payment environment publishes: a queue of its own that is subscribed to the bus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from lib.payment_events import LEDGER_SOURCE

SOURCE_PATTERN = json.dumps({"source": [LEDGER_SOURCE]})


class EventConsumer:
    """Sees every event once, however often it is published: `event_id` tells duplicates."""

    def __init__(self, sqs: Any, queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url
        self.events: dict[str, dict[str, Any]] = {}
        self.received = 0

    @classmethod
    @contextmanager
    def subscribed(cls, session: Any, endpoint_url: str | None, *, bus: str, name: str) -> Iterator[Self]:
        """A consumer that is gone when the block ends: queue, rule and target."""
        sqs = session.client("sqs", endpoint_url=endpoint_url)
        events = session.client("events", endpoint_url=endpoint_url)
        queue_url = sqs.create_queue(QueueName=name)["QueueUrl"]
        try:
            arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            rule_arn = events.put_rule(Name=name, EventBusName=bus, EventPattern=SOURCE_PATTERN)["RuleArn"]
            sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": _policy(arn, rule_arn)})
            events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
            try:
                yield cls(sqs, queue_url)
            finally:
                events.remove_targets(Rule=name, EventBusName=bus, Ids=["queue"])
                events.delete_rule(Name=name, EventBusName=bus)
        finally:
            sqs.delete_queue(QueueUrl=queue_url)

    def receive(self) -> None:
        """Takes what has arrived."""
        while messages := self._sqs.receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                event = json.loads(message["Body"])
                self.received += 1
                self.events[event["detail"]["event_id"]] = event
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])


def _policy(queue_arn: str, rule_arn: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
