"""What the schedule and the approval workflow ask of the function: `{"task": name, ...}`."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from payments.database import LedgerUnavailableError
from payments.observability import count, gauge, logger
from payments.outbox import Outbox
from payments.payment import Answer, Status
from payments.publisher import Publisher
from payments.regional_database import SecondaryRegionError
from payments.service import PaymentService
from payments.writes_switch import WritersStoppedError

# How long a relay may go on; the schedule starts the next one after a minute.
RELAY_SECONDS = 20.0
# Longer than any approval may wait: Step Functions ends an execution after a year.
APPROVAL_TTL = timedelta(days=366)


class UnknownTaskError(Exception):
    """The task is none of those that the function has."""


class OutboxNotEmptyError(Exception):
    """Events could not be published now; the relay tries again."""


class PaymentNotPendingError(Exception):
    """The payment was rejected or taken back before it could be charged."""


def is_task(event: Mapping[str, Any]) -> bool:
    """Whether the schedule or the workflow sent the event."""
    return isinstance(event.get("task"), str)


class Tasks:
    """The tasks by name. They raise `LedgerUnavailableError` and others, which the caller is to try again."""

    def __init__(
        self,
        *,
        service: PaymentService,
        outbox: Outbox,
        publisher: Publisher,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service = service
        self._outbox = outbox
        self._publisher = publisher
        self._clock = clock
        self._tasks: dict[str, Callable[[Mapping[str, Any]], Answer]] = {
            "relay-outbox": self._relay,
            "check-pending": self._check_pending,
            "request-approval": self._request_approval,
            "charge": self._charge,
            "publish": self._publish,
            "cancel": self._cancel,
        }

    def perform(self, event: Mapping[str, Any]) -> Answer:
        """Raises `UnknownTaskError`, and what the task raises."""
        task = self._tasks.get(event["task"])
        if task is None:
            raise UnknownTaskError(f"{event['task']!r} is none of {', '.join(self._tasks)}")
        try:
            return task(event)
        except (SecondaryRegionError, WritersStoppedError) as error:
            # The workflow knows by its name that the error is one to try again.
            raise LedgerUnavailableError(str(error)) from error

    def _relay(self, _event: Mapping[str, Any]) -> Answer:
        """Publishes what processes left behind in the outbox, and says how much of it is left.

        While the ledger is away there is nothing to relay, and the next minute's relay does what this one could not:
        the schedule is not to try again, nor to fill a dead-letter queue. The alarm misses the metrics.
        """
        try:
            return self._relayed()
        except LedgerUnavailableError:
            logger.warning("the outbox cannot be read now")
            return {"published": 0, "left": None}

    def _relayed(self) -> Answer:
        ends = self._clock() + RELAY_SECONDS
        published = 0
        # The primary Region relays, unless writers are stopped. What waits is measured all the same, which shows that
        # the relay is alive.
        with suppress(SecondaryRegionError, WritersStoppedError):
            while self._clock() < ends:
                found, sent = self._outbox.relay(self._publisher.publish)
                published += sent
                if sent < found or not found:
                    break
            self._outbox.forget_published()
        backlog = self._outbox.backlog()
        gauge("OutboxEvents", backlog.events, MetricUnit.Count)
        gauge("OutboxOldestSeconds", backlog.oldest_seconds, MetricUnit.Seconds)
        if published:
            count("RelayedBatches")
            logger.info("outbox relayed", published=published, left=backlog.events)
        return {"published": published, "left": backlog.events}

    def _check_pending(self, event: Mapping[str, Any]) -> Answer:
        """What the approver is told of the payment; no accounts."""
        found = self._service.known(event["payment_id"])
        payment = found.payment
        return {
            "payment_id": payment.payment_id,
            "status": found.status.value,
            "amount": str(payment.amount),
            "currency": payment.currency,
        }

    def _request_approval(self, event: Mapping[str, Any]) -> Answer:
        # The token belongs to this Region's workflow, whatever its role, and the sessions are written in both Regions.
        self._service.keep_approval(event["payment_id"], event["task_token"], ttl=APPROVAL_TTL)
        logger.info("approval requested", payment_id=event["payment_id"])
        return {"payment_id": event["payment_id"]}

    def _charge(self, event: Mapping[str, Any]) -> Answer:
        """Raises `PaymentNotPendingError` when the payment does not stand."""
        status = self._service.charge(event["payment_id"]).status
        if status is not Status.COMMITTED:
            raise PaymentNotPendingError(f"payment {event['payment_id']} is {status.value}")
        return {"status": status.value}

    def _publish(self, event: Mapping[str, Any]) -> Answer:
        """Raises `OutboxNotEmptyError` when the bus did not take everything."""
        left = self._service.publish(event["payment_id"])
        if left:
            raise OutboxNotEmptyError(f"{left} events of payment {event['payment_id']} wait in the outbox")
        return {"published": True}

    def _cancel(self, event: Mapping[str, Any]) -> Answer:
        return {"status": self._service.cancel(event["payment_id"]).status.value}
