"""What the ledger holds of payments and their events since a moment: to be compared with what it holds later.

No answer has an account.
"""

from collections.abc import Sequence
from datetime import datetime

from payments.engines import Cursor
from payments.regional_database import LedgerDatabase
from recovery.inputs import Answer, TaskInputError
from recovery.rows import PAGE, Row, Scan, amount_text, moment_text, stored

PAYMENTS = Scan(
    table="payments",
    key="payment_id",
    columns="payment_id, session_id, status, amount, currency, recorded_at, decided_at",
    condition="recorded_at >= %s OR decided_at >= %s",
)
EVENTS = Scan(
    table="outbox",
    key="sequence",
    columns="sequence, event_id, payment_id, event_type, published_at, created_at",
    condition="created_at >= %s",
)
SELECT_PAYMENTS = "SELECT payment_id, status, amount, currency FROM payments WHERE payment_id IN ({placeholders})"


def payments_since(database: LedgerDatabase, since: datetime, after: str | None) -> Answer:
    """A page of the payments that were recorded or decided then or later, by their ids, and where the next begins."""
    moment = stored(since)
    rows, next_ = PAYMENTS.page(database, after or "", (moment, moment))
    return {"payments": [_payment(row) for row in rows], "next": next_}


def events_since(database: LedgerDatabase, since: datetime, after: str | None) -> Answer:
    """A page of the events that were written then or later, in their order, and where the next begins.

    Raises `TaskInputError`.
    """
    if not (after or "0").isdecimal():
        raise TaskInputError(f"after is {after!r}; what an answer had as next is expected")
    rows, next_ = EVENTS.page(database, int(after or 0), (stored(since),))
    return {"events": [_event(row) for row in rows], "next": None if next_ is None else str(next_)}


def payments_by_id(database: LedgerDatabase, ids: object) -> Answer:
    """Those that the ledger has. Raises `TaskInputError`."""
    if not isinstance(ids, list) or len(ids) > PAGE or not all(isinstance(one, str) for one in ids):
        raise TaskInputError(f"payment_ids is to be a list of at most {PAGE} texts")

    def work(cursor: Cursor) -> Sequence[Row]:
        cursor.execute(SELECT_PAYMENTS.format(placeholders=", ".join(["%s"] * len(ids))), ids)
        return cursor.fetchall()

    rows = database.read(work) if ids else []
    return {
        "payments": {
            payment_id: {"status": status, "amount": amount_text(amount, currency), "currency": currency}
            for payment_id, status, amount, currency in rows
        }
    }


def _payment(row: Row) -> Answer:
    payment_id, session_id, status, amount, currency, recorded_at, decided_at = row
    return {
        "payment_id": payment_id,
        "session_id": session_id,
        "status": status,
        "amount": amount_text(amount, currency),
        "currency": currency,
        "recorded_at": moment_text(recorded_at),
        "decided_at": moment_text(decided_at),
    }


def _event(row: Row) -> Answer:
    _, event_id, payment_id, event_type, published_at, created_at = row
    return {
        "event_id": event_id,
        "payment_id": payment_id,
        "event_type": event_type,
        "published": published_at is not None,
        "created_at": moment_text(created_at),
    }
