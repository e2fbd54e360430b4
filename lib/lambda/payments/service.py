"""What can be asked of the payment system, whatever the front: take, find and decide payments, say if it works."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from payments import events
from payments.after_answer import AfterAnswer
from payments.configuration import Configuration, PaymentConfiguration
from payments.database import LedgerUnavailableError
from payments.events import Parties, PaymentEvent, payment_event
from payments.fingerprints import account_reference
from payments.ledger import Ledger, LedgerPayment, UnknownPaymentError
from payments.observability import count, logger, traced
from payments.outbox import Outbox
from payments.payment import Payment, PaymentRefusedError, Standing, Status, iso
from payments.publisher import Publisher
from payments.regional_database import SecondaryRegionError
from payments.sessions import Sessions
from payments.validation import validate
from payments.writes_switch import WritersStoppedError


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A payment that was just recorded or decided, for what is done after the answer."""

    payment: Payment
    standing: Standing
    event: PaymentEvent
    sessions_ttl: int


class PaymentService:
    """Validates first and stores after; a refused payment leaves nothing behind. The ledger decides."""

    def __init__(
        self,
        *,
        configuration: Configuration,
        ledger: Ledger,
        outbox: Outbox,
        publisher: Publisher,
        sessions: Sessions,
        region: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._configuration = configuration
        self._ledger = ledger
        self._outbox = outbox
        self._publisher = publisher
        self._sessions = sessions
        self._region = region
        self._clock = clock
        self.after_answer: AfterAnswer[Recorded] = AfterAnswer(self._announce, self._keep_sessions)

    def take(self, document: Mapping[str, object]) -> Standing:
        """Where the payment in `document` stands, the same each time it is sent.

        Raises `PaymentRefusedError` when the request is at fault, `LedgerUnavailableError` when it may be sent again,
        also `SecondaryRegionError` when not here and `WritersStoppedError` when not now; anything else is a fault of
        ours or of AWS.
        """
        configuration = self._configuration.read()
        payment = validate(document, amount_limit=configuration.amount_limit)
        threshold = configuration.approval_threshold
        pending = threshold is not None and payment.amount > threshold
        answer = payment.validated(region=self._region, at=self._clock())
        parties = _parties(payment, configuration)
        event = self._event(events.APPROVAL_REQUESTED if pending else events.COMMITTED, payment, parties)
        status = Status.PENDING_APPROVAL if pending else Status.COMMITTED
        try:
            with traced("ledger"):
                standing = self._ledger.record(payment, status=status, answer=answer, event=event)
        except LedgerUnavailableError as error:
            _report_unavailable(error, payment)
            raise
        self._later(payment, standing, event, configuration)
        _report(standing, parties)
        return standing

    def find(self, payment_id: str) -> Standing | None:
        """Where the payment stands, if there is one. Raises `LedgerUnavailableError`."""
        found = self._ledger.find(payment_id)
        return found.standing(repeated=True) if found else None

    def find_session(self, payment_id: str) -> Standing | None:
        """Where the payment stood when its session was written; None also when the session cannot be read."""
        try:
            return self._sessions.find(payment_id, now=self._clock())
        except Exception as error:
            logger.warning("session unreadable", error=type(error).__name__)
            return None

    def known(self, payment_id: str) -> LedgerPayment:
        """The payment. Raises `UnknownPaymentError`, `LedgerUnavailableError`."""
        found = self._ledger.find(payment_id)
        if found is None:
            raise UnknownPaymentError(f"the ledger has no payment {payment_id}")
        return found

    def keep_approval(self, payment_id: str, task_token: str, *, ttl: timedelta) -> None:
        """Keeps the token with which a person approves the payment. Raises botocore's errors."""
        self._sessions.put_approval(payment_id, task_token, now=self._clock(), ttl=ttl)

    def charge(self, payment_id: str) -> Standing:
        """Books a payment that was approved. Raises `UnknownPaymentError`, `LedgerUnavailableError`."""
        configuration = self._configuration.read()
        payment = self.known(payment_id).payment
        event = self._event(events.COMMITTED, payment, _parties(payment, configuration))
        standing = self._ledger.charge(payment_id, event)
        self._later(payment, standing, event, configuration)
        logger.info("payment charged", payment_id=payment_id, status=standing.status)
        return standing

    def cancel(self, payment_id: str) -> Standing:
        """Rejects a pending payment, takes a booked one back. Raises as `charge` does."""
        configuration = self._configuration.read()
        payment = self.known(payment_id).payment
        parties = _parties(payment, configuration)
        rejected = self._event(events.REJECTED, payment, parties)
        reversed_ = self._event(events.REVERSED, payment, parties)
        standing = self._ledger.cancel(payment_id, rejected=rejected, reversed_=reversed_)
        self._later(payment, standing, rejected if standing.status is Status.REJECTED else reversed_, configuration)
        logger.info("payment canceled", payment_id=payment_id, status=standing.status)
        return standing

    def publish(self, payment_id: str) -> int:
        """Publishes the payment's events that wait, now; how many are left. Raises `LedgerUnavailableError`."""
        waiting = self._outbox.of_payment(payment_id)
        sent = self._publisher.publish(waiting)
        self._outbox.mark_published(sent)
        return len(waiting) - len(sent)

    def _event(self, event_type: str, payment: Payment, parties: Parties) -> PaymentEvent:
        return payment_event(event_type, payment, parties, region=self._region, at=iso(self._clock()))

    def _later(
        self, payment: Payment, standing: Standing, event: PaymentEvent, configuration: PaymentConfiguration
    ) -> None:
        """What was recorded before was followed up before, or is left to the relay."""
        if not standing.repeated:
            self.after_answer.add(
                Recorded(payment=payment, standing=standing, event=event, sessions_ttl=configuration.sessions_ttl)
            )

    def _announce(self, recorded: Sequence[Recorded]) -> bool:
        """Publishes and marks the events; whether all were published."""
        sent = self._publisher.publish([item.event for item in recorded])
        self._outbox.mark_published(sent)
        return len(sent) == len(recorded)

    def _keep_sessions(self, recorded: Sequence[Recorded]) -> bool:
        """Writes the sessions. Raises botocore's errors."""
        for item in recorded:
            ttl = timedelta(seconds=item.sessions_ttl)
            self._sessions.put(item.payment, item.standing, now=self._clock(), ttl=ttl)
        return True


def _parties(payment: Payment, configuration: PaymentConfiguration) -> Parties:
    key = configuration.fingerprint_key
    return Parties(
        payer=account_reference(payment.payer_account, key), payee=account_reference(payment.payee_account, key)
    )


def _report(standing: Standing, parties: Parties) -> None:
    logger.info(
        "payment recorded",
        payment_id=standing.payment_id,
        status=standing.status,
        repeated=standing.repeated,
        payer=parties.payer,
        payee=parties.payee,
    )
    pending = standing.status is Status.PENDING_APPROVAL
    count("PaymentsRepeated" if standing.repeated else "PaymentsPending" if pending else "PaymentsCommitted")


def _report_unavailable(error: LedgerUnavailableError, payment: Payment) -> None:
    """Once for each payment. What is as somebody wants it is counted apart from what alarms."""
    if isinstance(error, SecondaryRegionError):
        logger.warning("payment left to the primary Region", payment_id=payment.payment_id)
        count("PaymentsLeftToPrimary")
    elif isinstance(error, WritersStoppedError):
        logger.warning("payment refused while writers are stopped", payment_id=payment.payment_id)
        count("PaymentsStopped")
    else:
        logger.warning("payment refused without a ledger", payment_id=payment.payment_id)
        count("LedgerUnavailable")


def report_refusal(refusal: PaymentRefusedError) -> None:
    """Logs and counts a refusal, without the text that the client sent."""
    logger.warning("payment refused", reason=refusal.reason, payment_id=refusal.payment_id)
    count("PaymentsRefused")
