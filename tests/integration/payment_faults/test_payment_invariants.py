"""The invariants of the fault suite can fail: each finds what is wrong in a run that was broken on purpose."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.payment_faults import invariants
from tests.integration.payment_faults.deliveries import Delivery, Route
from tests.integration.payment_faults.invariants import Answered, Entry, Ledger, Row

DELIVERY = Delivery(
    payment_id="p-1", amount=Decimal("12.50"), currency="EUR", payer="PAYER-1", payee="PAYEE-1", route=Route.API
)
ANSWER = json.dumps({"valid": True, "payment_id": "p-1", "amount": "12.50", "currency": "EUR"})
ROW = Row(
    payment_id="p-1",
    amount=Decimal("12.5000"),
    currency="EUR",
    payer="PAYER-1",
    payee="PAYEE-1",
    status="COMMITTED",
    answer=ANSWER,
)
DEBIT = Entry(payment_id="p-1", account="PAYER-1", side="DEBIT", amount=Decimal("12.5000"), currency="EUR")
CREDIT = replace(DEBIT, account="PAYEE-1", side="CREDIT")
LEDGER = Ledger(rows=[ROW], entries=[DEBIT, CREDIT])
TAKEN = Answered(delivery=DELIVERY, status=200, body=ANSWER, began=1, ended=2)
OTHER = replace(DELIVERY, amount=Decimal("13.50"))
CONFLICT = replace(TAKEN, delivery=OTHER, status=409, body="{}")
FIND = replace(DELIVERY, route=Route.FIND)
EVENT = {
    "event_type": "Payment Committed",
    "event_id": "e-1",
    "payment_id": "p-1",
    "amount": "12.50",
    "currency": "EUR",
}
SECOND = replace(ROW, payment_id="p-2", answer=ANSWER.replace("p-1", "p-2"))


def test_a_good_run_has_no_violation() -> None:
    answers = [TAKEN, replace(TAKEN, lost=True), CONFLICT, replace(TAKEN, delivery=FIND, began=3, ended=4)]
    early = replace(TAKEN, delivery=FIND, status=404, body="{}", began=0, ended=5)
    queued = replace(TAKEN, delivery=replace(DELIVERY, route=Route.QUEUE), status=204, body="")
    answers += [early, queued]
    deliveries = [answered.delivery for answered in answers if not answered.lost]
    assert not [
        *invariants.acknowledged_payments(answers, LEDGER),
        *invariants.balance(LEDGER),
        *invariants.same_answers(answers, LEDGER, {"p-1": ANSWER}),
        *invariants.final_answers(answers, LEDGER),
        *invariants.publications([EVENT, dict(EVENT)], LEDGER),
        *invariants.nothing_stuck(LEDGER, deliveries, answers),
        *invariants.private_texts({"log": "payment recorded"}, ["PAYER-1"]),
    ]


@pytest.mark.parametrize(
    ("ledger", "complaint"),
    [
        (Ledger(rows=[], entries=[]), "p-1 was acknowledged and is not committed"),
        (replace(LEDGER, rows=[replace(ROW, status="REJECTED")]), "p-1 was acknowledged and is not committed"),
        (replace(LEDGER, rows=[replace(ROW, amount=Decimal(12))]), "another amount than the ledger's 12"),
        (replace(LEDGER, rows=[replace(ROW, currency="USD")]), "another amount"),
        (replace(LEDGER, rows=[ROW, ROW]), "p-1 has 2 rows"),
    ],
    ids=["missing", "not committed", "another amount", "another currency", "two rows"],
)
def test_acknowledged_payments_are_missed(ledger: Ledger, complaint: str) -> None:
    assert complaint in " ".join(invariants.acknowledged_payments([TAKEN], ledger))


def test_a_message_that_was_done_counts_as_acknowledged() -> None:
    done = replace(TAKEN, status=204, body="")
    assert list(invariants.acknowledged_payments([done], Ledger(rows=[], entries=[])))


@pytest.mark.parametrize(
    ("ledger", "complaint"),
    [
        (replace(LEDGER, entries=[DEBIT]), "debits exceed credits by 12.5000 EUR"),
        (replace(LEDGER, entries=[DEBIT, replace(CREDIT, currency="USD")]), "debits exceed credits"),
        (replace(LEDGER, entries=[]), "p-1 does not have exactly its two entries"),
        (replace(LEDGER, entries=[DEBIT, CREDIT, DEBIT, CREDIT]), "p-1 does not have exactly its two entries"),
        (replace(LEDGER, entries=[DEBIT, replace(CREDIT, account="X")]), "p-1 does not have exactly its two entries"),
        (replace(LEDGER, rows=[replace(ROW, status="REJECTED")]), "p-1 does not have exactly its two entries"),
        (replace(LEDGER, rows=[]), "p-1 has entries and no payment"),
    ],
    ids=["unbalanced", "currencies", "no entries", "entries twice", "other account", "rejected", "no payment"],
)
def test_wrong_entries_are_found(ledger: Ledger, complaint: str) -> None:
    assert complaint in " ".join(invariants.balance(ledger))


@pytest.mark.parametrize(
    ("answers", "sessions"),
    [
        ([TAKEN, replace(TAKEN, body=ANSWER.replace(", ", ","))], {}),
        ([TAKEN, replace(TAKEN, body=ANSWER.replace("12.50", "12.5"), lost=True)], {}),
        ([replace(TAKEN, body=ANSWER.replace("true", "false"))], {}),
        ([TAKEN], {"p-1": ANSWER.replace("EUR", "USD")}),
    ],
    ids=["another byte", "a lost answer", "not the ledger's", "not the session's"],
)
def test_different_answers_are_found(answers: list[Answered], sessions: Mapping[str, str]) -> None:
    assert "p-1 was answered in" in " ".join(invariants.same_answers(answers, LEDGER, sessions))


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (replace(CONFLICT, status=200), "with amount 13.50 answered 200"),
        (replace(TAKEN, status=409), "with amount 12.50 answered 409"),
        (replace(TAKEN, status=400), "with amount 12.50 answered 400"),
        (replace(TAKEN, delivery=FIND, status=404, began=3, ended=4), "looking for it answered 404"),
        (replace(TAKEN, delivery=replace(DELIVERY, payment_id="p-3")), "p-3 answered 200 and is not in the ledger"),
    ],
    ids=["taken twice", "refused as another", "refused", "not found", "not stored"],
)
def test_wrong_final_answers_are_found(wrong: Answered, complaint: str) -> None:
    assert complaint in " ".join(invariants.final_answers([TAKEN, wrong], LEDGER))


@pytest.mark.parametrize(
    ("events", "ledger", "complaint"),
    [
        ([], LEDGER, "p-1 was never published"),
        ([EVENT], replace(LEDGER, rows=[]), "p-1 was published and is not committed"),
        ([EVENT], replace(LEDGER, rows=[replace(ROW, status="REJECTED")]), "p-1 was published and is not committed"),
        ([EVENT, {**EVENT, "event_id": "e-2"}], LEDGER, "p-1 was published in two ways"),
        ([{**EVENT, "event_type": "Payment Reversed"}], LEDGER, "p-1 was published as Payment Reversed"),
        ([{**EVENT, "amount": "12.51"}], LEDGER, "p-1 was published with another amount"),
        ([EVENT, {**EVENT, "payment_id": "p-2"}], replace(LEDGER, rows=[ROW, SECOND]), "share the event id e-1"),
    ],
    ids=["missing", "unknown payment", "rejected payment", "two ids", "another type", "another amount", "a shared id"],
)
def test_wrong_publications_are_found(events: list[dict[str, Any]], ledger: Ledger, complaint: str) -> None:
    assert complaint in " ".join(invariants.publications(events, ledger))


@pytest.mark.parametrize(
    ("ledger", "answers", "complaint"),
    [
        (LEDGER, [], "p-1 (api) got no final answer 1 times"),
        (LEDGER, [replace(TAKEN, lost=True)], "p-1 (api) got no final answer 1 times"),
        (replace(LEDGER, waiting_events=3), [TAKEN], "3 events wait in the outbox"),
        (replace(LEDGER, open_transactions=1), [TAKEN], "1 transactions are open"),
    ],
    ids=["no answer", "only a lost answer", "outbox", "transaction"],
)
def test_what_is_stuck_is_found(ledger: Ledger, answers: list[Answered], complaint: str) -> None:
    assert complaint in " ".join(invariants.nothing_stuck(ledger, [DELIVERY], answers))


def test_private_data_in_logs_are_found() -> None:
    assert list(invariants.private_texts({"worker-1.log": "paid by PAYER-1"}, ["PAYER-"])) == [
        "worker-1.log holds PAYER-..."
    ]
