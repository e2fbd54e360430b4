"""Events that were committed with their payments and wait to be published."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pymysql.cursors import Cursor

from payments.events import PaymentEvent
from payments.regional_database import LedgerDatabase

# The process that took a payment publishes its event at once; the relay leaves it that much time.
GRACE_SECONDS = 10
BATCH = 100
KEPT_DAYS = 7
DELETED_AT_ONCE = 1000

SELECT_UNPUBLISHED = (
    "SELECT event_id, event_type, payment_id, detail FROM outbox WHERE published_at IS NULL"
    " AND (created_at <= UTC_TIMESTAMP(6) - INTERVAL %s SECOND OR created_at > UTC_TIMESTAMP(6))"
    " ORDER BY sequence LIMIT %s FOR UPDATE SKIP LOCKED"
)
SELECT_OF_PAYMENT = (
    "SELECT event_id, event_type, payment_id, detail FROM outbox"
    " WHERE published_at IS NULL AND payment_id = %s ORDER BY sequence"
)
SELECT_BACKLOG = (
    "SELECT COUNT(*), GREATEST(COALESCE(TIMESTAMPDIFF(SECOND, MIN(created_at), UTC_TIMESTAMP(6)), 0), 0) FROM outbox"
    " WHERE published_at IS NULL"
)
UPDATE_PUBLISHED = "UPDATE outbox SET published_at = UTC_TIMESTAMP(6) WHERE event_id IN %s AND published_at IS NULL"
DELETE_PUBLISHED = (
    "DELETE FROM outbox WHERE published_at < UTC_TIMESTAMP(6) - INTERVAL %s DAY ORDER BY published_at LIMIT %s"
)

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

    def relay(self, publish: Publish, *, grace_seconds: int = GRACE_SECONDS, limit: int = BATCH) -> tuple[int, int]:
        """Publishes the oldest events that wait for longer than the grace period; how many were found and published.

        Events from the future are not waited for: the database's clock was set back.

        Relays at the same time take different events. An event is published again when its mark is lost.
        """

        def work(cursor: Cursor) -> tuple[int, int]:
            cursor.execute(SELECT_UNPUBLISHED, (grace_seconds, limit))
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
            row = cursor.fetchone()
            assert row is not None
            return Backlog(int(row[0]), int(row[1]))

        return self._database.read(work)

    def forget_published(self) -> int:
        """Deletes a bounded number of events that were published long ago; how many."""
        return self._database.transaction(
            lambda cursor: int(cursor.execute(DELETE_PUBLISHED, (KEPT_DAYS, DELETED_AT_ONCE)))
        )


def _event(row: tuple[str, str, str, str]) -> PaymentEvent:
    event_id, event_type, payment_id, detail = row
    return PaymentEvent(event_id=event_id, event_type=event_type, payment_id=payment_id, detail=detail)


def _mark(cursor: Cursor, event_ids: set[str]) -> None:
    if event_ids:
        cursor.execute(UPDATE_PUBLISHED, (sorted(event_ids),))
