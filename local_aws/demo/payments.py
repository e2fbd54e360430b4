"""The demo's payments: a hundred, with duplicates, conflicts, bad ones and large ones among them, and their outcome."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from lib.payment_events import DETAIL_TYPE, SOURCE
from tap.payment_client import Answer, PaymentClient

AT_ONCE = 8
SEED = 3
AMOUNTS = {"EUR": "12.50", "USD": "99.95", "JPY": "1500", "BHD": "7.125"}
FAULTS: tuple[dict[str, Any], ...] = (
    {"amount": "0"},
    {"amount": "-1.00"},
    {"amount": "1000000.01"},
    {"amount": "1.005"},
    {"currency": "XXX"},
    {"payee_account": "DE-PAYER-0001"},
    {"note": "not a field"},
)


@dataclass(frozen=True)
class Planned:
    """A payment to send: over the API, or as an event. `status` is the answer that is expected of the API."""

    document: dict[str, Any]
    status: int = 200
    as_event: bool = False


@dataclass(frozen=True)
class Outcome:
    """What was sent and what was answered; None for an event."""

    planned: Planned
    answer: Answer | None

    @property
    def kind(self) -> str:
        if self.answer is None:
            return "sent as an event"
        if self.answer.status >= 400:
            return f"refused with {self.answer.status}: {self.answer.body.get('reason')}"
        return "answered 202, waits for approval" if self.answer.status == 202 else "answered 200"


def planned_payments(threshold: int, *, approved: bool = True) -> list[Planned]:
    """A hundred payments, of which 78 are payments of their own, in an order that mixes them; the same each time.

    Above the threshold a person must approve, unless nothing there asks for that: then `approved` is false.
    """
    single = [Planned(_document(number)) for number in range(60)]
    events = [Planned(_document(number), as_event=True) for number in range(60, 76)]
    status = 202 if approved else 200
    large = [Planned({**_document(number), "amount": f"{threshold + 1}"}, status=status) for number in (76, 80)]
    again = [Planned(single[number].document) for number in range(8)]
    again += [Planned(events[number].document, as_event=True) for number in range(4)]
    bad = [
        Planned({**_document(0), "payment_id": f"demo-bad-{number}", **fault}, status=400)
        for number, fault in enumerate(FAULTS)
    ]
    planned = single + events + large + again + bad
    random.Random(SEED).shuffle(planned)
    # Sent last, so that it is known who had the id first.
    return planned + [Planned({**single[number].document, "amount": "1"}, status=409) for number in range(3)]


def send_all(planned: list[Planned], client: PaymentClient, put_event: Callable[[str], object]) -> Iterator[Outcome]:
    """Sends the payments, several at a time; those that must meet what was sent before come last."""

    def send(payment: Planned) -> Outcome:
        if payment.as_event:
            put_event(json.dumps(payment.document))
            return Outcome(payment, None)
        return Outcome(payment, client.send("POST", "/payments", payment.document))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(send, [payment for payment in planned if payment.status != 409])
        yield from pool.map(send, [payment for payment in planned if payment.status == 409])


def unexpected(outcomes: list[Outcome]) -> list[str]:
    """What was answered otherwise than planned, and payments that got two answers."""
    faults = []
    first: dict[str, Any] = {}
    for outcome in outcomes:
        if outcome.answer is None:
            continue
        payment_id = outcome.planned.document["payment_id"]
        if outcome.answer.status != outcome.planned.status:
            faults.append(f"{payment_id} was answered {outcome.answer.status}, not {outcome.planned.status}")
        elif outcome.answer.status == 200 and first.setdefault(payment_id, outcome.answer.body) != outcome.answer.body:
            faults.append(f"{payment_id} got two answers")
    return faults


def summary(outcomes: list[Outcome]) -> list[tuple[str, int]]:
    """Numbers by kind of outcome."""
    return sorted(Counter(outcome.kind for outcome in outcomes).items())


def payment_event(bus: str, document: str) -> dict[str, str]:
    """The entry for EventBridge's PutEvents that hands in a payment."""
    return {"EventBusName": bus, "Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": document}


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def _document(number: int) -> dict[str, Any]:
    currency = list(AMOUNTS)[number % len(AMOUNTS)]
    return {
        "payment_id": f"demo-{number:03}",
        "amount": AMOUNTS[currency],
        "currency": currency,
        "payer_account": "DE-PAYER-0001",
        "payee_account": "FR-PAYEE-0002",
    }
