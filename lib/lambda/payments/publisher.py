"""Publishes events from the outbox: on the event bus, or by starting the workflow that asks for approval."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from payments.events import APPROVAL_REQUESTED, SOURCE, PaymentEvent
from payments.observability import count, logger

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_stepfunctions.client import SFNClient

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
ENTRIES_AT_ONCE = 10


class Publisher:
    """Sends events at least once.

    `workflows` makes a client when one is needed. `state_machine_arn` is None in an environment without approvals.
    """

    def __init__(
        self,
        *,
        events: "EventBridgeClient",
        bus: str,
        workflows: Callable[[], "SFNClient"],
        state_machine_arn: str | None,
    ) -> None:
        self._events = events
        self._bus = bus
        self._workflows = workflows
        self._state_machine_arn = state_machine_arn

    def publish(self, waiting: Sequence[PaymentEvent]) -> set[str]:
        """The ids of the events that were sent.

        The first fault ends the sending to the bus, or to the workflow, since the next call would meet it too; the
        other one is tried all the same.
        """
        approvals = [event for event in waiting if event.event_type == APPROVAL_REQUESTED]
        others = [event for event in waiting if event.event_type != APPROVAL_REQUESTED]
        return _send(self._put, _batches(others, ENTRIES_AT_ONCE)) | _send(self._start_workflow, _batches(approvals, 1))

    def _put(self, batch: Sequence[PaymentEvent]) -> set[str]:
        answer = self._events.put_events(
            Entries=[
                {"EventBusName": self._bus, "Source": SOURCE, "DetailType": event.event_type, "Detail": event.detail}
                for event in batch
            ]
        )
        results = zip(batch, answer["Entries"], strict=True)
        sent = {event.event_id for event, result in results if not result.get("ErrorCode")}
        if len(sent) < len(batch):
            codes = sorted({entry["ErrorCode"] for entry in answer["Entries"] if entry.get("ErrorCode")})
            logger.warning("events wait in the outbox", error=codes)
            count("PublishingFailures")
        return sent

    def _start_workflow(self, batch: Sequence[PaymentEvent]) -> set[str]:
        """The event's id names the execution, so that there is one however often the event is published."""
        (event,) = batch
        if self._state_machine_arn is None:
            logger.warning("events wait in the outbox", error="the environment has no approval workflow")
            count("PublishingFailures")
            return set()
        workflows = self._workflows()
        try:
            workflows.start_execution(
                stateMachineArn=self._state_machine_arn,
                name=event.event_id,
                input=json.dumps({"payment_id": event.payment_id, "event_id": event.event_id}),
            )
        except workflows.exceptions.ExecutionAlreadyExists:
            logger.info("approval was asked for before", payment_id=event.payment_id)
        return {event.event_id}


def _send(send: Callable[[Sequence[PaymentEvent]], set[str]], batches: Iterable[Sequence[PaymentEvent]]) -> set[str]:
    sent: set[str] = set()
    try:
        for batch in batches:
            sent |= send(batch)
    except (BotoCoreError, ClientError) as error:
        logger.warning("events wait in the outbox", error=type(error).__name__)
        count("PublishingFailures")
    return sent


def _batches(events: Sequence[PaymentEvent], size: int) -> Iterable[Sequence[PaymentEvent]]:
    return (events[start : start + size] for start in range(0, len(events), size))
