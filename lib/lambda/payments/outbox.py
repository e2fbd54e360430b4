"""Events that were committed with their payments and wait to be published."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from payments.engines import Cursor
from payments.events import PaymentEvent
from payments.regional_database import LedgerDatabase

# The process that took a payment publishes its event at once; the relay leaves it that much time.
GRACE_SECONDS = 10
BATCH = 100
KEPT_DAYS = 7
DELETED_AT_ONCE = 1000

SELECT_UNPUBLISHED = (
    "SELECT event_id, event_type, payment_id, detail FROM outbox WHERE published_at IS NULL"
    f" AND (created_at <= CURRENT_TIMESTAMP(6) - INTERVAL '{GRACE_SECONDS}' SECOND"
    " OR created_at > CURRENT_TIMESTAMP(6))"
    " ORDER BY sequence LIMIT %s FOR UPDATE SKIP LOCKED"
)
SELECT_OF_PAYMENT = (
    "SELECT event_id, event_type, payment_id, detail FROM outbox"
    " WHERE published_at IS NULL AND payment_id = %s ORDER BY sequence"
)
SELECT_BACKLOG = "SELECT COUNT(*), MIN(created_at), CURRENT_TIMESTAMP(6) FROM outbox WHERE published_at IS NULL"
UPDATE_PUBLISHED = (
    "UPDATE outbox SET published_at = CURRENT_TIMESTAMP(6) WHERE event_id IN ({placeholders}) AND published_at IS NULL"
)
SELECT_OLD = (
    f"SELECT sequence FROM outbox WHERE published_at < CURRENT_TIMESTAMP(6) - INTERVAL '{KEPT_DAYS}' DAY"
    " ORDER BY published_at LIMIT %s FOR UPDATE SKIP LOCKED"
)
DELETE_OLD = "DELETE FROM outbox WHERE sequence IN ({placeholders})"

Publish = Callable[[Sequence[PaymentEvent]], set[str]]
"""Publishes events; the ids of those that were."""


@dataclass(frozen=True)
class Backlog:
    """Events not yet published, and the age of the oldest, in seconds."""

    events: int
    oldest_seconds: int


class Outbox:
    """The outbox table. Every method raises `LedgerUnavailableError` when the database cannot be reached."""

    def __init__(self, database: LedgerDatabase) -> None:
        self._database = database

    def relay(self, publish: Publish, *, limit: int = BATCH) -> tuple[int, int]:
        """Publishes the oldest events that wait for longer than the grace period; how many were found and published.

        Events from the future are not waited for: the database's clock was set back.

        Relays at the same time take different events. An event is published again when its mark is lost.
        """

        def work(cursor: Cursor) -> tuple[int, int]:
            cursor.execute(SELECT_UNPUBLISHED, (limit,))
            events = [_event(row) for row in cursor.fetchall()]
            published = publish(events) if events else set()
            _mark(cursor, published)
            return len(events), len(published)

        return self._database.transaction(work)

    def of_payment(self, payment_id: str) -> list[PaymentEvent]:
        """The payment's events that are not published, from where they can be marked once they are."""

        def work(cursor: Cursor) -> list[PaymentEvent]:
            cursor.execute(SELECT_OF_PAYMENT, (payment_id,))
            return [_event(row) for row in cursor.fetchall()]

        return self._database.transaction(work)

    def mark_published(self, event_ids: Iterable[str]) -> None:
        """Remembers that these events need no relay."""
        published = set(event_ids)
        self._database.transaction(lambda cursor: _mark(cursor, published))

    def backlog(self) -> Backlog:
        """What waits now."""

        def work(cursor: Cursor) -> Backlog:
            cursor.execute(SELECT_BACKLOG)
            events, oldest, now = cursor.fetchone()
            return Backlog(events, max(int((now - oldest).total_seconds()), 0) if events else 0)

        return self._database.read(work)

    def forget_published(self) -> int:
        """Deletes a bounded number of events that were published long ago; how many."""

        def work(cursor: Cursor) -> int:
            cursor.execute(SELECT_OLD, (DELETED_AT_ONCE,))
            old = [row[0] for row in cursor.fetchall()]
            _execute_for(cursor, DELETE_OLD, old)
            return len(old)

        return self._database.transaction(work)


def _event(row: tuple[str, str, str, str]) -> PaymentEvent:
    event_id, event_type, payment_id, detail = row
    return PaymentEvent(event_id=event_id, event_type=event_type, payment_id=payment_id, detail=detail)


def _mark(cursor: Cursor, event_ids: set[str]) -> None:
    _execute_for(cursor, UPDATE_PUBLISHED, sorted(event_ids))


def _execute_for(cursor: Cursor, statement: str, values: Sequence[object]) -> None:
    """Executes a statement about these values, with as many placeholders as there are, unless there are none."""
    if values:
        cursor.execute(statement.format(placeholders=", ".join(["%s"] * len(values))), values)
