"""The payments of a run and every time that each is sent, all from one seed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from random import Random
from typing import Any

from tests.integration.payment_faults.fault_points import AFTER_PUBLISHING, KILL_POINTS, LOST_COMMIT

CURRENCIES = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
ACCOUNT_MARK = "ZZ99FAULTS"
"""Begins every account: what is looked for in logs."""

EVENT_DELIVERIES = 3
KILLS_PER_POINT = 40
LOST_COMMITS = 80
SOON, LATER = 40, 2000
"""Distances of a repetition from the first delivery, in deliveries."""


class Route(StrEnum):
    """How a payment is sent, or asked for."""

    API = "api"
    EVENT = "event"
    QUEUE = "queue"
    FIND = "find"
    RELAY = "relay"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One sending of a payment.

    `fault` happens in the worker, the first time; the first `lost` answers do not reach the client. One that goes
    `astray` is sent once, to a Region to which the API's name does not lead.
    """

    payment_id: str
    amount: Decimal
    currency: str
    payer: str
    payee: str
    route: Route
    as_number: bool = False
    fault: str | None = None
    lost: int = 0
    astray: bool = False

    def event(self) -> dict[str, Any]:
        """What the handler gets."""
        if self.route is Route.RELAY:
            return {"task": "relay-outbox"}
        if self.route is Route.FIND:
            return _http("GET", f"/payments/{self.payment_id}", None)
        if self.route is Route.API:
            return _http("POST", "/payments", json.dumps(self._document()))
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "source": "payment.processor",
            "detail-type": "Payment Transaction",
            "detail": self._document(),
        }
        if self.route is Route.EVENT:
            return event
        message = {"messageId": self.payment_id, "eventSource": "aws:sqs", "body": json.dumps(event)}
        return {"Records": [message]}

    def _document(self) -> dict[str, object]:
        number = float(self.amount) if CURRENCIES[self.currency] else int(self.amount)
        return {
            "payment_id": self.payment_id,
            "amount": number if self.as_number else str(self.amount),
            "currency": self.currency,
            "payer_account": self.payer,
            "payee_account": self.payee,
        }


RELAY = Delivery(payment_id="", amount=Decimal(1), currency="EUR", payer="", payee="", route=Route.RELAY)


def _http(method: str, path: str, body: str | None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"""
    context = {"http": {"method": method, "path": path}, "stage": "$default", "requestId": str(uuid.uuid4())}
    headers = {"content-type": "application/json"}
    event = {"version": "2.0", "rawPath": path, "headers": headers, "requestContext": context, "isBase64Encoded": False}
    return event if body is None else {**event, "body": body}


def deal(random: Random, payments: int) -> list[Delivery]:
    """Every delivery, in the order in which they are sent. A third of the payments is sent more than once."""
    # Nothing is published for a while after a fault of EventBridge, so that this point is not always reached.
    points = [*KILL_POINTS, AFTER_PUBLISHING]
    faults = [point for point in points for _ in range(KILLS_PER_POINT)] + [LOST_COMMIT] * LOST_COMMITS
    random.shuffle(faults)
    faults = faults[: payments // 3]
    faulty = dict(zip(random.sample(range(payments), len(faults)), faults, strict=True))
    placed: list[tuple[float, Delivery]] = []
    for number in range(payments):
        first = _payment(random, number, faulty.get(number))
        placed += [(number + distance, delivery) for distance, delivery in _sent(random, first, number)]
    placed.sort(key=lambda place: place[0])
    return [delivery for _, delivery in placed]


def _payment(random: Random, number: int, fault: str | None) -> Delivery:
    currency = random.choice(list(CURRENCIES))
    units = Decimal(random.randint(1, 900_000 * 10 ** CURRENCIES[currency]))
    return Delivery(
        payment_id=f"payment-{number}-{random.randrange(16**8):08x}",
        amount=units.scaleb(-CURRENCIES[currency]),
        currency=currency,
        payer=f"{ACCOUNT_MARK}{random.randint(0, 99):06d}",
        payee=f"{ACCOUNT_MARK}{random.randint(100, 199):06d}",
        route=Route.EVENT if random.random() < 0.2 else Route.API,
        as_number=random.random() < 0.5,
        fault=fault,
        lost=int(random.random() < 0.03),
    )


def _sent(random: Random, first: Delivery, number: int) -> Iterator[tuple[float, Delivery]]:
    """The payment's deliveries with their distance from the first."""
    yield 0, first
    again = Delivery(**{**vars(first), "fault": None, "lost": 0})
    if first.route is Route.EVENT:
        for _ in range(EVENT_DELIVERIES - 1):
            yield random.uniform(-SOON, 5 * SOON), again
    if number % 3 == 0:
        route = random.choice([Route.API, Route.API, Route.EVENT, Route.QUEUE])
        repeated = Delivery(**{**vars(again), "route": route, "as_number": random.random() < 0.5})
        for _ in range(random.randint(1, 3)):
            yield random.choice([0, random.uniform(0, SOON), random.uniform(0, LATER)]), repeated
    if random.random() < 0.08:
        other = Delivery(**{**vars(again), "amount": first.amount + 1, "route": Route.API})
        yield random.choice([0, random.uniform(-SOON, LATER)]), other
    if random.random() < 0.08:
        yield random.choice([0, random.uniform(0, SOON)]), Delivery(**{**vars(again), "route": Route.FIND})
