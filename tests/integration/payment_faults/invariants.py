"""What must hold after a run, whatever happened during it: each function gives what is wrong, in words."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.integration.payment_faults.deliveries import Delivery, Route

TAKEN, DONE, CONFLICT, NOT_FOUND = 200, 204, 409, 404
"""As HTTP has them, for events too; `DONE` is a message of a queue, which has no answer."""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A delivery's answer. `lost` if the client never saw it; `began` and `ended` in seconds of one clock."""

    delivery: Delivery
    status: int
    body: str
    began: float = 0.0
    ended: float = 0.0
    lost: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """A payment in the ledger."""

    payment_id: str
    amount: Decimal
    currency: str
    payer: str
    payee: str
    status: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry in the ledger."""

    payment_id: str
    account: str
    side: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """All that the ledger holds, and what is open in it."""

    rows: Sequence[Row]
    entries: Sequence[Entry]
    waiting_events: int = 0
    open_transactions: int = 0

    def by_id(self) -> dict[str, Row]:
        return {row.payment_id: row for row in self.rows}


def acknowledged_payments(answers: Iterable[Answered], ledger: Ledger) -> Iterator[str]:
    """Every acknowledged payment is in the ledger with the amount that was acknowledged; each id once."""
    rows = ledger.by_id()
    for payment_id, count in Counter(row.payment_id for row in ledger.rows).items():
        if count > 1:
            yield f"{payment_id} has {count} rows"
    for answered in answers:
        if answered.status not in (TAKEN, DONE):
            continue
        row, answer = rows.get(answered.delivery.payment_id), json.loads(answered.body or "{}")
        if row is None or row.status != "COMMITTED":
            yield f"{answered.delivery.payment_id} was acknowledged and is not committed"
        elif answer and (Decimal(answer["amount"]), answer["currency"]) != (row.amount, row.currency):
            yield f"{row.payment_id} was acknowledged with another amount than the ledger's {row.amount}"


def balance(ledger: Ledger) -> Iterator[str]:
    """Debits equal credits in each currency; a committed payment has its two entries, and nothing else has any."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    booked: dict[str, Counter[tuple[str, str, Decimal, str]]] = defaultdict(Counter)
    for entry in ledger.entries:
        totals[entry.currency] += entry.amount if entry.side == "DEBIT" else -entry.amount
        booked[entry.payment_id][(entry.side, entry.account, entry.amount, entry.currency)] += 1
    for currency, total in totals.items():
        if total:
            yield f"debits exceed credits by {total} {currency}"
    for row in ledger.rows:
        debit = ("DEBIT", row.payer, row.amount, row.currency)
        credit = ("CREDIT", row.payee, row.amount, row.currency)
        expected = Counter([debit, credit]) if row.status == "COMMITTED" else Counter()
        if booked.pop(row.payment_id, Counter()) != expected:
            yield f"{row.payment_id} does not have exactly its two entries"
    for payment_id in booked:
        yield f"{payment_id} has entries and no payment"


def same_answers(answers: Iterable[Answered], ledger: Ledger, sessions: Mapping[str, str]) -> Iterator[str]:
    """The same id got the same answer, to the byte, which is also the ledger's and the session's."""
    given: dict[str, set[str]] = defaultdict(set)
    for answered in answers:
        if answered.status == TAKEN:
            given[answered.delivery.payment_id].add(answered.body)
    for payment_id, answer in sessions.items():
        given[payment_id].add(answer)
    rows = ledger.by_id()
    for payment_id, bodies in given.items():
        if len(bodies) > 1 or (payment_id in rows and bodies != {rows[payment_id].answer}):
            yield f"{payment_id} was answered in {len(bodies)} ways, or not as the ledger has it"


def final_answers(answers: Sequence[Answered], ledger: Ledger) -> Iterator[str]:
    """The payment that had the id first was taken; another amount under its id was refused with 409; found is found."""
    rows = ledger.by_id()
    acknowledged: dict[str, float] = {}
    for answered in answers:
        if answered.status == TAKEN:
            payment_id = answered.delivery.payment_id
            acknowledged[payment_id] = min(answered.ended, acknowledged.get(payment_id, answered.ended))
    for answered in answers:
        delivery, row = answered.delivery, rows.get(answered.delivery.payment_id)
        if delivery.route is Route.FIND:
            known = acknowledged.get(delivery.payment_id, float("inf")) < answered.began
            if answered.status not in ((TAKEN,) if known else (TAKEN, NOT_FOUND)):
                yield f"{delivery.payment_id} was acknowledged before, and looking for it answered {answered.status}"
        elif row is None:
            yield f"{delivery.payment_id} answered {answered.status} and is not in the ledger"
        elif answered.status != DONE and answered.status != (TAKEN if delivery.amount == row.amount else CONFLICT):
            yield f"{delivery.payment_id} with amount {delivery.amount} answered {answered.status}: {answered.body}"


def publications(events: Iterable[Mapping[str, Any]], ledger: Ledger) -> Iterator[str]:
    """Every committed payment was published, with one event id, and nothing else was."""
    rows = {row.payment_id: row for row in ledger.rows if row.status == "COMMITTED"}
    seen: dict[str, Mapping[str, Any]] = {}
    for event in events:
        row = rows.get(event["payment_id"])
        if row is None:
            yield f"{event['payment_id']} was published and is not committed"
        elif seen.setdefault(event["payment_id"], event) != event:
            yield f"{event['payment_id']} was published in two ways"
        elif event["event_type"] != "Payment Committed":
            yield f"{event['payment_id']} was published as {event['event_type']}"
        elif (Decimal(event["amount"]), event["currency"]) != (row.amount, row.currency):
            yield f"{event['payment_id']} was published with another amount"
    ids = Counter(event["event_id"] for event in seen.values())
    yield from (f"{count} payments share the event id {event_id}" for event_id, count in ids.items() if count > 1)
    yield from (f"{payment_id} was never published" for payment_id in rows.keys() - seen.keys())


def nothing_stuck(ledger: Ledger, deliveries: Sequence[Delivery], answers: Iterable[Answered]) -> Iterator[str]:
    """Every delivery got a final answer; no event waits; no transaction is open."""
    final = Counter(answered.delivery for answered in answers if not answered.lost)
    for delivery, count in (Counter(deliveries) - final).items():
        yield f"{delivery.payment_id} ({delivery.route}) got no final answer {count} times"
    if ledger.waiting_events:
        yield f"{ledger.waiting_events} events wait in the outbox"
    if ledger.open_transactions:
        yield f"{ledger.open_transactions} transactions are open"


def left_behind(old: Ledger, new: Ledger) -> Iterator[str]:
    """A ledger that was left behind has nothing of its own: the new one goes on from all that is in it."""
    rows = new.by_id()
    for row in old.rows:
        if rows.get(row.payment_id) != row:
            yield f"{row.payment_id} is in the ledger that was left behind, and not the same in the new one"


def private_texts(texts: Mapping[str, str], private: Iterable[str]) -> Iterator[str]:
    """None of the texts, by name, holds an account number or a secret."""
    for word in private:
        for name, text in texts.items():
            if word in text:
                yield f"{name} holds {word[:10]}..."
