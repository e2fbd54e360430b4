"""What is past its time is removed, one after the other, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tap.account import Account
from tap.expiry import expiration
from tap.expiry.expiration import Expiry, Outcome
from tap.inventory.errors import InventoryError
from tap.inventory.finder import Finder
from tap.inventory.found import FoundEnvironment
from tap.removal.destroy import Destruction
from tap.removal.protection import Protection
from tap.removal.receipt import Left, Receipt
from tap.terraform_errors import LockInfo, StateLockedError, TerraformError, TerraformInterruptedError
from tests.unit.tap_expiry.fakes import LOCK, FakeFinder
from tests.unit.tap_inspection.environments import HOUR, NOW, found, queue, tags


def ending(suffix: str, at: datetime | None) -> FoundEnvironment:
    own = tags(suffix) if at is None else tags(suffix, ExpiresAt=at.isoformat())
    return found(queue(suffix=suffix, tags=own), suffix=suffix)


class FakeDestruction:
    """Removes nothing; what goes wrong is told by suffix."""

    def __init__(self) -> None:
        self.errors: dict[str, BaseException] = {}
        self.reasons: dict[str, tuple[str, ...]] = {}
        self.refusals: dict[str, tuple[str, ...]] = {}
        self.left: dict[str, tuple[Left, ...]] = {}
        self.removed: list[str] = []

    def of(self, suffix: str) -> Any:
        def preview(_on_event: object) -> Any:
            if suffix in self.errors:
                raise self.errors[suffix]
            reasons, refusals = self.reasons.get(suffix, ()), self.refusals.get(suffix, ())
            return SimpleNamespace(protection=Protection(suffix, "123456789012", reasons, refusals))

        def run(_on_event: object) -> Receipt:
            self.removed.append(suffix)
            return Receipt(suffix, "123456789012", "eu-west-1", removed=("a.b",), left=self.left.get(suffix, ()))

        return SimpleNamespace(preview=preview, run=run)


@pytest.fixture
def destruction() -> FakeDestruction:
    return FakeDestruction()


@pytest.fixture
def finder() -> FakeFinder:
    environments = {
        "late": ending("late", NOW - HOUR),
        "later": ending("later", NOW - 2 * HOUR),
        "now": ending("now", NOW),
        "not-yet": ending("not-yet", NOW + timedelta(seconds=1)),
        "never": ending("never", None),
    }
    return FakeFinder(environments)


@pytest.fixture
def expiry(monkeypatch: pytest.MonkeyPatch, finder: FakeFinder, destruction: FakeDestruction) -> Expiry:
    monkeypatch.setattr(expiration, "aws_time", lambda _: NOW)
    make = cast(Any, lambda suffix: cast(Destruction, destruction.of(suffix)))
    return Expiry(cast(Account, None), cast(Finder, finder), make)


def outcomes(expiry: Expiry) -> dict[str, tuple[Outcome, str]]:
    return {done.suffix: (done.outcome, done.reason) for done in map(expiry.remove, expiry.due())}


def test_due_is_what_is_past_its_time_by_awss_clock_longest_first(expiry: Expiry) -> None:
    assert [one.suffix for one in expiry.due()] == ["later", "late", "now"]


def test_all_that_is_due_is_removed(expiry: Expiry, destruction: FakeDestruction) -> None:
    assert outcomes(expiry) == dict.fromkeys(["later", "late", "now"], (Outcome.REMOVED, ""))
    assert destruction.removed == ["later", "late", "now"]


@pytest.mark.parametrize(
    "error", [TerraformError("apply", [], "no"), InventoryError("half a list")], ids=["terraform", "inventory"]
)
def test_a_failure_does_not_keep_the_others(expiry: Expiry, destruction: FakeDestruction, error: Exception) -> None:
    destruction.errors["later"] = error
    done = outcomes(expiry)
    assert done["later"] == (Outcome.FAILED, str(error))
    assert destruction.removed == ["late", "now"]


def test_a_fault_of_the_program_is_not_taken_for_a_failure(expiry: Expiry, destruction: FakeDestruction) -> None:
    destruction.errors["later"] = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        outcomes(expiry)


def test_an_interruption_ends_it(expiry: Expiry, destruction: FakeDestruction) -> None:
    destruction.errors["later"] = TerraformInterruptedError("plan", [], 2, killed=False)
    with pytest.raises(TerraformInterruptedError):
        outcomes(expiry)
    assert destruction.removed == []


def test_what_is_left_is_a_failure(expiry: Expiry, destruction: FakeDestruction) -> None:
    destruction.left["late"] = (Left("arn:aws:sqs:::x", "sqs:queue", "in use"),)
    assert outcomes(expiry)["late"] == (Outcome.FAILED, "1 resources are left: arn:aws:sqs:::x")


@pytest.mark.parametrize("kind", ["reasons", "refusals"])
def test_what_is_protected_stays(expiry: Expiry, destruction: FakeDestruction, kind: str) -> None:
    getattr(destruction, kind)["late"] = ("class production",)
    assert outcomes(expiry)["late"] == (Outcome.PROTECTED, "class production")
    assert destruction.removed == ["later", "now"]


def test_what_somebody_is_at_work_on_is_left_for_the_next_time(expiry: Expiry, destruction: FakeDestruction) -> None:
    destruction.errors["late"] = StateLockedError("destroy", [], LOCK)
    outcome, reason = outcomes(expiry)["late"]
    assert (outcome, reason) == (Outcome.LOCKED, "locked by ada@laptop since 2030-01-31T11:00:00Z (apply)")


@pytest.mark.parametrize("created", ["2030-01-30T11:59:59.123456789Z", "2030-01-30 11:59:59.123456789 +0000 UTC"])
def test_a_lock_that_no_run_can_still_hold_is_a_failure(
    expiry: Expiry, destruction: FakeDestruction, created: str
) -> None:
    destruction.errors["late"] = StateLockedError("destroy", [], replace(LOCK, created=created))
    outcome, reason = outcomes(expiry)["late"]
    assert outcome is Outcome.FAILED
    assert "run `tap env unlock late --id lock-1`" in reason


def test_a_lock_that_does_not_say_since_when(expiry: Expiry, destruction: FakeDestruction) -> None:
    lock = LockInfo("lock-1", "x", "apply", "ada", "")
    destruction.errors["late"] = StateLockedError("destroy", [], lock)
    assert outcomes(expiry)["late"][0] is Outcome.LOCKED


@pytest.mark.parametrize("end", [NOW + HOUR, None])
def test_more_time_that_was_given_meanwhile_counts(
    expiry: Expiry, finder: FakeFinder, destruction: FakeDestruction, end: datetime | None
) -> None:
    finder.later["late"] = ending("late", end)
    assert outcomes(expiry)["late"][0] is Outcome.EXTENDED
    assert destruction.removed == ["later", "now"]


def test_as_json(expiry: Expiry) -> None:
    (_, late, _) = map(expiry.remove, expiry.due())
    shown = late.as_json()
    assert shown["receipt"]["removed"] == 1
    assert {name: shown[name] for name in ("suffix", "expires_at", "outcome", "reason")} == {
        "suffix": "late",
        "expires_at": (NOW - HOUR).isoformat(),
        "outcome": "removed",
        "reason": "",
    }
