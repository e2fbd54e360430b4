"""The ledger, which decides: a payment, its double entries and its events are one transaction, or nothing.

The payer's account is debited and the payee's credited with the same amount; a reversal books the opposite beside it.
Nothing that was booked is changed or deleted.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from payments.engines import Cursor
from payments.events import PaymentEvent
from payments.fingerprints import request_fingerprint
from payments.payment import Answer, Payment, PaymentConflictError, Standing, Status
from payments.regional_database import LedgerDatabase

INSERT_PAYMENT = (
    "INSERT INTO payments (payment_id, session_id, fingerprint, amount, currency, payer_account, payee_account, status,"
    " answer, recorded_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, CURRENT_TIMESTAMP(6))"
)
INSERT_ENTRIES = (
    "INSERT INTO ledger_entries (payment_id, entry_number, account, side, amount, currency, recorded_at)"
    " VALUES (%s, %s, %s, 'DEBIT', %s, %s, CURRENT_TIMESTAMP(6)), (%s, %s, %s, 'CREDIT', %s, %s, CURRENT_TIMESTAMP(6))"
)
INSERT_EVENT = (
    "INSERT INTO outbox (event_id, payment_id, event_type, detail, created_at)"
    " VALUES (%s, %s, %s, %s, CURRENT_TIMESTAMP(6))"
)
SELECT_PAYMENT = (
    "SELECT payment_id, session_id, fingerprint, amount, currency, payer_account, payee_account, status, answer"
    " FROM payments WHERE payment_id = %s"
)
UPDATE_STATUS = (
    "UPDATE payments SET status = %s, decided_at = CURRENT_TIMESTAMP(6) WHERE payment_id = %s AND status = %s"
)


class UnknownPaymentError(Exception):
    """A decision was taken about a payment that the ledger does not have."""


@dataclass(frozen=True, kw_only=True)
class LedgerPayment:
    """A payment as the ledger has it."""

    payment: Payment
    fingerprint: str
    status: Status
    answer: Answer

    def standing(self, *, repeated: bool) -> Standing:
        return Standing(payment_id=self.payment.payment_id, status=self.status, answer=self.answer, repeated=repeated)


class Ledger:
    """Payments and entries. Every method raises `LedgerUnavailableError` when the database cannot be reached."""

    def __init__(self, database: LedgerDatabase) -> None:
        self._database = database

    def record(self, payment: Payment, *, status: Status, answer: Answer, event: PaymentEvent) -> Standing:
        """Takes the payment as `COMMITTED` or `PENDING_APPROVAL`, or finds that it was taken before.

        The unique `payment_id` decides between requests at the same time. Raises `PaymentConflictError` when the
        payment's id or session was used for another payment.
        """
        fingerprint = request_fingerprint(payment)
        row = _payment_row(payment, fingerprint, status, answer)

        def work(cursor: Cursor) -> Standing:
            if not self._database.engine.insert_if_new(cursor, INSERT_PAYMENT, row):
                return _recorded_before(cursor, payment, fingerprint)
            if status is Status.COMMITTED:
                _book(cursor, payment)
            _announce(cursor, event)
            return Standing(payment_id=payment.payment_id, status=status, answer=answer)

        return self._database.transaction(work)

    def find(self, payment_id: str) -> LedgerPayment | None:
        """The payment, if the ledger has it."""
        return self._database.read(lambda cursor: _select(cursor, payment_id))

    def charge(self, payment_id: str, event: PaymentEvent) -> Standing:
        """Books a payment that was pending. One that is decided already stays as it is."""
        return self._decide(payment_id, {Status.PENDING_APPROVAL: (Status.COMMITTED, event)})

    def cancel(self, payment_id: str, *, rejected: PaymentEvent, reversed_: PaymentEvent) -> Standing:
        """Rejects a pending payment, takes a booked one back. One that is canceled already stays as it is."""
        return self._decide(
            payment_id,
            {Status.PENDING_APPROVAL: (Status.REJECTED, rejected), Status.COMMITTED: (Status.REVERSED, reversed_)},
        )

    def check(self) -> None:
        """Asks the database for nothing but an answer."""
        self._database.read(lambda cursor: cursor.execute("SELECT 1 FROM payments LIMIT 1"))

    def _decide(self, payment_id: str, outcomes: dict[Status, tuple[Status, PaymentEvent]]) -> Standing:
        """Raises `UnknownPaymentError`."""

        def work(cursor: Cursor) -> Standing:
            found, decided = _select(cursor, payment_id), 0
            # Whoever decides at the same time changes the status first; it only ever moves on, so this ends.
            while found and found.status in outcomes and not decided:
                status, event = outcomes[found.status]
                cursor.execute(UPDATE_STATUS, (status.value, payment_id, found.status.value))
                decided = cursor.rowcount
                if not decided:
                    found = _select(cursor, payment_id)
            if found is None:
                raise UnknownPaymentError(f"the ledger has no payment {payment_id}")
            if not decided:
                return found.standing(repeated=True)
            if status is Status.COMMITTED:
                _book(cursor, found.payment)
            elif status is Status.REVERSED:
                _take_back(cursor, found.payment)
            _announce(cursor, event)
            return Standing(payment_id=payment_id, status=status, answer=found.answer)

        return self._database.transaction(work)


def _payment_row(payment: Payment, fingerprint: str, status: Status, answer: Answer) -> Sequence[object]:
    return (
        payment.payment_id,
        payment.session_id,
        fingerprint,
        payment.amount,
        payment.currency,
        payment.payer_account,
        payment.payee_account,
        status.value,
        json.dumps(answer),
    )


def _recorded_before(cursor: Cursor, payment: Payment, fingerprint: str) -> Standing:
    """Where the payment stands that had the id first. Raises `PaymentConflictError` if it is another one."""
    found = _select(cursor, payment.payment_id)
    if found is None:
        raise PaymentConflictError("session_id was used for another payment", payment_id=payment.payment_id)
    if found.fingerprint != fingerprint:
        raise PaymentConflictError("payment_id was used for another payment", payment_id=payment.payment_id)
    return found.standing(repeated=True)


def _select(cursor: Cursor, payment_id: str) -> LedgerPayment | None:
    cursor.execute(SELECT_PAYMENT, (payment_id,))
    row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        return None
    payment_id, session_id, fingerprint, amount, currency, payer, payee, status, answer = row
    given: Answer = json.loads(answer)
    payment = Payment(
        payment_id=payment_id,
        session_id=session_id,
        amount=Decimal(str(given["amount"])),
        currency=currency,
        payer_account=payer,
        payee_account=payee,
    )
    assert payment.amount == amount
    return LedgerPayment(payment=payment, fingerprint=fingerprint, status=Status(status), answer=given)


def _book(cursor: Cursor, payment: Payment) -> None:
    _enter(cursor, payment, 1, debited=payment.payer_account, credited=payment.payee_account)


def _take_back(cursor: Cursor, payment: Payment) -> None:
    _enter(cursor, payment, 3, debited=payment.payee_account, credited=payment.payer_account)


def _enter(cursor: Cursor, payment: Payment, number: int, *, debited: str, credited: str) -> None:
    amount = (payment.amount, payment.currency)
    entries = (payment.payment_id, number, debited, *amount, payment.payment_id, number + 1, credited, *amount)
    cursor.execute(INSERT_ENTRIES, entries)


def _announce(cursor: Cursor, event: PaymentEvent) -> None:
    cursor.execute(INSERT_EVENT, (event.event_id, event.payment_id, event.event_type, event.detail))
