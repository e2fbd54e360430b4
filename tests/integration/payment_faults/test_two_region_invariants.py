"""The invariants of two Regions can fail too."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from random import Random

import pytest

from tests.integration.payment_faults import invariants, strays
from tests.integration.payment_faults.deliveries import Route, deal
from tests.integration.payment_faults.invariants import Answered
from tests.integration.payment_faults.promotions import Move
from tests.integration.payment_faults.test_payment_invariants import ANSWER, DELIVERY, LEDGER, ROW, SECOND

MOVE = Move(name="switched over", to="us-west-2", began=100, promoted=103, ended=104)
ASTRAY = replace(DELIVERY, payment_id="astray-1", astray=True)
REFUSAL = json.dumps({"valid": False, "reason": "Region is secondary", "payment_id": "astray-1"})
REFUSED = Answered(delivery=ASTRAY, status=503, body=REFUSAL, began=1, ended=2)
EVENT = replace(REFUSED, delivery=replace(ASTRAY, route=Route.EVENT), status=500, body="SecondaryRegionError")
RELAYED = replace(REFUSED, delivery=replace(ASTRAY, route=Route.RELAY), status=200, body='{"published": 0, "left": 3}')
FOUND = replace(REFUSED, delivery=replace(DELIVERY, route=Route.FIND, astray=True), status=200, body=ANSWER)
TAKEN = replace(REFUSED, status=200, body=ANSWER.replace("p-1", "astray-1"))


def found(answered: Sequence[Answered], stored: Collection[str] = ("p-1",)) -> str:
    return " ".join(strays.refusals(answered, [MOVE], stored))


def test_refusals_are_no_violation() -> None:
    unavailable = json.dumps({"message": "Service unavailable", "request_id": "r-1"})
    missed = replace(FOUND, status=404, body='{"message": "No such payment"}')
    assert not found([REFUSED, EVENT, RELAYED, FOUND, missed, replace(REFUSED, body=unavailable)])
    assert not strays.taken([REFUSED, EVENT, RELAYED, missed])


@pytest.mark.parametrize(("began", "ended"), [(99, 101), (103, 110), (108, 110)])
def test_either_region_may_take_a_payment_while_they_change(began: float, ended: float) -> None:
    taken = replace(TAKEN, began=began, ended=ended)
    assert not found([taken], ("astray-1",))
    assert strays.taken([taken]) == [taken]
    relayed = replace(RELAYED, body='{"published": 2, "left": 0}', began=began, ended=ended)
    assert not found([relayed])


@pytest.mark.parametrize(
    ("answered", "complaint"),
    [
        (TAKEN, "astray-1 (api), astray, answered 200"),
        (replace(TAKEN, began=110, ended=111), "astray-1 (api), astray, answered 200"),
        (replace(REFUSED, body='{"message": "Internal error"}'), "astray-1 (api), astray, answered 503"),
        (replace(EVENT, body="KeyError"), "astray-1 (event), astray, answered 500: KeyError"),
        (replace(FOUND, status=500, body="{}"), "p-1 (find), astray, was looked for and answered 500"),
        (replace(RELAYED, body='{"published": 1, "left": 0}'), "a relay of the secondary Region answered 200"),
        (replace(RELAYED, status=500, body="KeyError"), "a relay of the secondary Region answered 500"),
    ],
    ids=["taken", "taken later", "a fault", "an error", "no answer", "published", "a relay that failed"],
)
def test_wrong_answers_of_the_secondary_region_are_found(answered: Answered, complaint: str) -> None:
    assert complaint in found([answered])


@pytest.mark.parametrize("refused", [REFUSED, EVENT, replace(REFUSED, began=101, ended=102)])
def test_what_was_refused_and_is_stored_is_found(refused: Answered) -> None:
    assert "was refused and is stored" in found([refused], ("p-1", "astray-1"))


def test_a_payment_of_its_own_in_a_ledger_that_was_left_behind_is_found() -> None:
    both = replace(LEDGER, rows=[ROW, SECOND])
    assert not list(invariants.left_behind(LEDGER, both))
    assert "p-2 is in the ledger that was left behind" in " ".join(invariants.left_behind(both, LEDGER))
    other = replace(LEDGER, rows=[replace(ROW, status="REVERSED")])
    assert "p-1 is in the ledger that was left behind" in " ".join(invariants.left_behind(other, both))


def test_what_goes_astray_is_sent_once_and_has_ids_of_its_own() -> None:
    deliveries = deal(Random(1), 300)
    sent = strays.with_strays(deliveries, Random(1))
    assert [delivery for delivery in sent if not delivery.astray] == deliveries
    astray = [delivery for delivery in sent if delivery.astray] + strays.late_strays(deliveries, Random(1))
    own = [delivery.payment_id for delivery in astray if delivery.route not in (Route.FIND, Route.RELAY)]
    assert len(set(own)) == len(own) > 0
    assert not {delivery.payment_id for delivery in deliveries} & set(own)
    assert {delivery.route for delivery in astray} == set(Route)
    assert not any(delivery.fault or delivery.lost for delivery in astray)
