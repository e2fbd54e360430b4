"""The rewound ledger held against everything that knows of the rewound span: each difference is somebody's payment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

LEDGER_BEFORE, ARCHIVE, SESSION = "ledger-before", "archive", "session"
# What the ledger announces of a payment, and what that makes of it.
STATUSES = {"Payment Committed": "COMMITTED", "Payment Rejected": "REJECTED", "Payment Reversed": "REVERSED"}
# A payment only ever moves on, so the last of these is where it stood.
ORDER = ("PENDING_APPROVAL", "COMMITTED", "REJECTED", "REVERSED")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Known:
    """What one source says of a payment."""

    source: str
    status: str | None
    amount: str | None
    currency: str | None


@dataclass(frozen=True)
class Difference:
    """A payment that is not in the ledger as it was known; `status_now` is None where the ledger has none."""

    payment_id: str
    known_from: tuple[str, ...]
    amount: str | None
    currency: str | None
    status_before: str | None
    status_now: str | None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "known_from": list(self.known_from)}


@dataclass(frozen=True)
class EventDifference:
    """An event that one side has and the other has not. `in_archive`: the archive has it, and no outbox."""

    event_id: str
    payment_id: str
    event_type: str
    in_archive: bool

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def knowledge(witness: Iterable[Row], archive: Iterable[Row], sessions: Iterable[Row]) -> dict[str, list[Known]]:
    """What is known of each payment. Requests in the archive are none: what was refused is there too."""
    known: dict[str, list[Known]] = {}
    for source, rows in ((LEDGER_BEFORE, witness), (ARCHIVE, archive), (SESSION, sessions)):
        for row in rows:
            status = STATUSES.get(row.get("type") or "") if source == ARCHIVE else row["status"]
            if row["payment_id"] and (status or source != ARCHIVE):
                one = Known(source, status, row["amount"], row["currency"])
                known.setdefault(row["payment_id"], []).append(one)
    return known


def differences(known: Mapping[str, Sequence[Known]], ledger: Mapping[str, Row]) -> list[Difference]:
    """The payments that the ledger does not have as they were known, by id; `ledger` is what it has now."""
    found = []
    for payment_id, of in sorted(known.items()):
        best, now = _best(of), ledger.get(payment_id)
        if now is not None and _same(best, now):
            continue
        found.append(
            Difference(
                payment_id=payment_id,
                known_from=tuple(dict.fromkeys(one.source for one in of)),
                amount=best.amount,
                currency=best.currency,
                status_before=best.status,
                status_now=now["status"] if now else None,
            )
        )
    return found


def event_differences(
    before: Iterable[Row], now: Iterable[Row], archive: Iterable[Row], *, workflows: Iterable[str] = ()
) -> list[EventDifference]:
    """Published events of the outbox, before and after, against those of the archive, each way.

    Events of the types `workflows` start a workflow and are on no bus.
    """
    not_on_the_bus = set(workflows)
    outbox = {row["event_id"]: row for row in (*now, *before)}
    archived = {row["event_id"]: row for row in archive if row.get("event_id")}
    missing = [
        EventDifference(id_, row["payment_id"], row["event_type"], in_archive=False)
        for id_, row in outbox.items()
        if row["published"] and id_ not in archived and row["event_type"] not in not_on_the_bus
    ]
    unknown = [
        EventDifference(id_, row["payment_id"], row["type"], in_archive=True)
        for id_, row in archived.items()
        if id_ not in outbox
    ]
    return sorted([*missing, *unknown], key=lambda one: (one.payment_id, one.event_id))


def _best(known: Sequence[Known]) -> Known:
    """What counts: the ledger's own word, else how far the payment had come by the others."""
    own = [one for one in known if one.source == LEDGER_BEFORE]
    if own:
        return own[-1]
    return max(known, key=lambda one: ORDER.index(one.status) if one.status in ORDER else -1)


def _same(known: Known, now: Row) -> bool:
    return known.status == now["status"] and known.currency == now["currency"] and _equal(known.amount, now["amount"])


def _equal(one: str | None, other: str | None) -> bool:
    """The ledger has four decimals where an answer has the currency's."""
    try:
        return Decimal(str(one)) == Decimal(str(other))
    except InvalidOperation:
        return one == other
