"""Deliveries that go to the wrong Region: they are refused there, and nothing is stored of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from random import Random

from payments.switches import TRUSTED_SECONDS
from tests.integration.payment_faults.deliveries import Delivery, Route
from tests.integration.payment_faults.invariants import DONE, TAKEN, Answered
from tests.integration.payment_faults.outcomes import UNAVAILABLE, reason
from tests.integration.payment_faults.promotions import Move

DELIVERIES_FOR_A_STRAY = 12
LATE_STRAYS = 60
ROUTES = {Route.API: 4, Route.EVENT: 4, Route.QUEUE: 4, Route.FIND: 1, Route.RELAY: 1}
SECONDARY_REASONS = ("Region is secondary", "SecondaryRegionError", "message failed")
"""How a secondary Region refuses a payment over the API, as an event and as a message of a queue."""

FOUND_OR_NOT = (200, 404, 503)
"""The replica is a moment behind; where it is away, there may be a session."""


def with_strays(deliveries: Sequence[Delivery], random: Random) -> list[Delivery]:
    """The deliveries, and between them payments of their own that are only sent astray, questions and relays."""
    sent: list[Delivery] = []
    for number, delivery in enumerate(deliveries):
        sent.append(delivery)
        if random.random() < 1 / DELIVERIES_FOR_A_STRAY:
            sent.append(_stray(delivery, f"astray-{number}", random))
    return sent


def late_strays(deliveries: Sequence[Delivery], random: Random) -> list[Delivery]:
    """What is sent to a Region that was left behind, once its database is back."""
    chosen = random.sample(deliveries, LATE_STRAYS)
    return [_stray(delivery, f"late-{number}", random) for number, delivery in enumerate(chosen)]


def _stray(delivery: Delivery, payment_id: str, random: Random) -> Delivery:
    (route,) = random.choices(list(ROUTES), list(ROUTES.values()))
    stray = replace(delivery, route=route, fault=None, lost=0, astray=True)
    return stray if route in (Route.FIND, Route.RELAY) else replace(stray, payment_id=payment_id)


def taken(strays: Sequence[Answered]) -> list[Answered]:
    """Those that were taken, or found, after all."""
    return [stray for stray in strays if stray.status in (TAKEN, DONE) and stray.delivery.route is not Route.RELAY]


def refusals(strays: Sequence[Answered], moves: Sequence[Move], stored: Collection[str]) -> Iterator[str]:
    """Every payment sent astray was refused, and none of them is among those that are `stored`.

    While the payments move, either Region may be the right one, for as long as a process trusts the role it has read.
    """
    for stray in strays:
        moving = any(stray.ended >= move.began and stray.began <= move.ended + TRUSTED_SECONDS for move in moves)
        name, route = f"{stray.delivery.payment_id} ({stray.delivery.route}), astray,", stray.delivery.route
        if route is Route.FIND:
            if stray.status not in FOUND_OR_NOT:
                yield f"{name} was looked for and answered {stray.status}"
        elif route is Route.RELAY:
            if not moving and (stray.status != TAKEN or json.loads(stray.body)["published"]):
                yield f"a relay of the secondary Region answered {stray.status}: {stray.body}"
        elif stray.status < 500 and moving:
            continue
        elif reason(stray.body) not in (*SECONDARY_REASONS, *UNAVAILABLE):
            yield f"{name} answered {stray.status}: {stray.body}"
        elif stray.delivery.payment_id in stored:
            yield f"{name} was refused and is stored"
