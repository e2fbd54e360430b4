"""Payment events from the replay queue, in batches: what fails goes back to the queue, alone."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from payments.bus_events import answer_payment_event
from payments.database import LedgerUnavailableError
from payments.payment import Answer
from payments.payment_events import is_payment_event
from payments.service import PaymentService

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord


class NotAPaymentEventError(Exception):
    """A message in the queue is not an event of a payment; it ends in the queue's dead letters."""


def is_queue_event(event: Mapping[str, Any]) -> bool:
    """Whether SQS sent the event."""
    records = event.get("Records")
    return isinstance(records, list) and bool(records) and records[0].get("eventSource") == "aws:sqs"


def answer_queue_event(event: dict[str, Any], service: PaymentService) -> dict[str, Any]:
    """The partial batch response: the messages that failed.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    # Only replays come from a queue; payments over the API do not wait for this to load.
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

    unavailable: list[LedgerUnavailableError] = []

    def answer(record: "SQSRecord") -> Answer:
        payment_event = _payment_event(record.body)
        if unavailable:
            raise unavailable[0]
        try:
            return answer_payment_event(payment_event, service)
        except LedgerUnavailableError as error:
            # The ledger was tried for long enough: the rest of the batch would outlast the function.
            unavailable.append(error)
            raise

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event=event, record_handler=answer, processor=processor))


def _payment_event(body: str) -> dict[str, Any]:
    try:
        event = json.loads(body)
    except ValueError:
        event = None
    if not isinstance(event, dict) or not is_payment_event(event):
        raise NotAPaymentEventError("the message is not the JSON of a payment event")
    return event
