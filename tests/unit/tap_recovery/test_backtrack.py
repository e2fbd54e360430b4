"""`tap recover backtrack`: the ledger taken back, what it no longer has on a report, whatever interrupts it."""

from __future__ import annotations

import csv
import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from tap.recovery.journal import Journal
from tests.unit.tap_recovery.conftest import BUS, REGION, SUFFIX, Tap, World
from tests.unit.tap_recovery.fakes import Crash

QUICK = ("--settle", "0", "--json")
STEPS = [
    "stop-writers",
    "drain-outbox",
    "witness",
    "backtrack",
    "check-ledger",
    "expire-sessions",
    "reconcile",
    "start-writers",
    "verify",
]


@pytest.fixture
def busy(world: World) -> World:
    """Payments before and after the moment; one that the archive alone knows, one that a session alone knows."""
    for minutes in (-30, -20, 2, 4, 6):
        at = world.moment + timedelta(minutes=minutes)
        world.ledger.commit(f"p{minutes}", at)
        world.put_session(f"p{minutes}", at)
    world.put_session("of-a-session", world.moment + timedelta(minutes=5))
    world.put_session(
        "approval/p6", world.moment + timedelta(minutes=6), task_token={"S": "token"}, payment_id={"S": "p6"}
    )
    entry: Any = {
        "EventBusName": BUS,
        "Source": "payment.ledger",
        "DetailType": "Payment Committed",
        "Detail": json.dumps(
            {"event_id": "event-archived", "payment_id": "archived", "amount": "3.00", "currency": "EUR"}
        ),
    }
    boto3.client("events", region_name=REGION).put_events(Entries=[entry])
    return world


def folder(tmp_path: Path) -> Path:
    (found,) = (tmp_path / "recoveries" / SUFFIX).iterdir()
    return found


def test_the_ledger_is_taken_back_and_every_loss_is_on_the_report(busy: World, tap: Tap, tmp_path: Path) -> None:
    ended = tap("backtrack", "--to", busy.to, "--confirm", SUFFIX, *QUICK)
    assert ended.code == 0, ended.err
    assert sorted(busy.ledger.payments) == ["p-20", "p-30"]
    report = ended.json
    assert report["state"] == "done"
    assert [(step["name"], step["state"]) for step in report["steps"]] == [(name, "done") for name in STEPS]
    assert report["refused_seconds"] is not None
    with (folder(tmp_path) / "reconciliation.csv").open() as file:
        rows = {row["payment_id"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"p2", "p4", "p6", "of-a-session", "archived"}
    assert rows["p4"]["known_from"] == "ledger-before session"
    assert (rows["p4"]["status_before"], rows["p4"]["status_now"]) == ("COMMITTED", "")
    assert report["reconciliation"]["differences"] == 5
    assert report["reconciliation"]["amounts"] == {"EUR": "53.0000"}
    assert report["reconciliation"]["events_not_in_outbox"] == 1
    assert report["reconciliation"]["events_not_in_archive"] == 3
    assert busy.writes() == "open"
    assert json.loads((folder(tmp_path) / "report.json").read_text()) == report
    assert "**done**" in (folder(tmp_path) / "report.md").read_text()


def test_sessions_of_the_span_are_expired_and_others_stay(busy: World, tap: Tap) -> None:
    assert tap("backtrack", "--to", busy.to, "--confirm", SUFFIX, *QUICK).code == 0
    now = time.time()
    expired = {name: int(busy.session(name)["expires_at"]["N"]) <= now for name in ("p-20", "p2", "p6", "approval/p6")}
    assert expired == {"p-20": False, "p2": True, "p6": True, "approval/p6": False}


@pytest.mark.parametrize("step", STEPS)
def test_it_is_resumed_where_it_was_killed(busy: World, tap: Tap, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    kept = Journal.perform

    def killed(journal: Journal, name: str, action: Any) -> None:
        def act() -> Any:
            action()
            raise Crash  # Done, and not yet in the journal.

        kept(journal, name, act if name == step else action)

    monkeypatch.setattr(Journal, "perform", killed)
    with pytest.raises(Crash):
        tap("backtrack", "--to", busy.to, "--confirm", SUFFIX, *QUICK)
    monkeypatch.setattr(Journal, "perform", kept)
    assert busy.writes() == ("open" if step in ("start-writers", "verify") else "stopped")
    ended = tap("resume", "--confirm", SUFFIX, "--json")
    assert ended.code == 0, ended.err
    assert f"was interrupted in step {step}" in ended.err
    assert ended.json["reconciliation"]["differences"] == 5
    assert busy.rds.calls == ["backtrack"]
    assert {done["name"]: done["attempts"] for done in ended.json["steps"]}[step] == 2
    assert busy.writes() == "open"
    assert tap("resume", "--confirm", SUFFIX).code == 1


def test_the_same_command_goes_on_and_another_is_refused(busy: World, tap: Tap) -> None:
    busy.ledger.faults.append("debits and credits differ")
    failed = tap("backtrack", "--to", busy.to, "--confirm", SUFFIX, *QUICK)
    assert failed.code == 1
    assert failed.json["state"] == "failed"
    assert "step check-ledger failed" in failed.json["error"]
    assert busy.writes() == "stopped"
    assert "the writers are stopped" in failed.err
    other = tap("backtrack", "--to", (busy.moment - timedelta(hours=1)).isoformat(), "--confirm", SUFFIX, *QUICK)
    assert other.code == 1
    assert "is unfinished: end it first" in other.err
    kept = tap("abandon", "--yes")
    assert (kept.code, busy.writes()) == (1, "stopped")
    busy.ledger.faults.clear()
    ended = tap("backtrack", "--to", busy.to, "--confirm", SUFFIX, *QUICK)
    assert (ended.code, busy.writes()) == (0, "open")
    assert [one["state"] for one in tap("list", "--json").json] == ["done"]


def test_one_that_is_given_up_starts_the_writers(busy: World, tap: Tap) -> None:
    busy.function.others["witness"] = lambda _: {"errorType": "LedgerUnavailableError", "errorMessage": "gone"}
    assert tap("backtrack", "--to", busy.to, "--confirm", SUFFIX, *QUICK).code == 1
    assert busy.writes() == "stopped"
    assert tap("abandon", "--yes").code == 0
    assert busy.writes() == "open"
    assert len(busy.ledger.payments) == 5
    assert [one["state"] for one in tap("list", "--json").json] == ["abandoned"]


def test_a_dry_run_touches_nothing(busy: World, tap: Tap, tmp_path: Path) -> None:
    ended = tap("backtrack", "--to", busy.to, "--dry-run")
    assert ended.code == 0
    assert [f"{number:2}. {name}:" in ended.out for number, name in enumerate(STEPS, 1)] == [True] * len(STEPS)
    assert "RPO: what was booked since" in ended.out
    assert busy.writes() == "open"
    assert not (tmp_path / "recoveries").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Engine": "aurora-postgresql"}, "cannot be backtracked; restore it instead: `tap recover restore-database"),
        ({"BacktrackWindow": 0}, "without a backtrack window"),
        ({"Status": "modifying"}, "is modifying; wait until available"),
    ],
)
def test_what_cannot_be_backtracked_is_refused_untouched(
    busy: World, tap: Tap, change: dict[str, Any], said: str
) -> None:
    busy.rds.clusters["payment-cluster-test"].update(change)
    ended = tap("backtrack", "--to", busy.to, "--confirm", SUFFIX, *QUICK)
    assert ended.code == 1
    assert said in ended.err
    assert (busy.writes(), busy.rds.calls) == ("open", [])


def test_moments_that_cannot_be_reached_are_refused(busy: World, tap: Tap) -> None:
    future = tap("backtrack", "--to", (busy.moment + timedelta(days=1)).isoformat(), "--confirm", SUFFIX)
    assert (future.code, "is not past" in future.err) == (1, True)
    busy.rds.clusters["payment-cluster-test"]["EarliestBacktrackTime"] = busy.moment + timedelta(minutes=1)
    early = tap("backtrack", "--to", busy.to, "--confirm", SUFFIX)
    assert (early.code, "and later; restore it instead" in early.err) == (1, True)


def test_a_global_database_is_refused(busy: World, tap: Tap) -> None:
    busy.function.variables["OTHER_REGION"] = "eu-central-1"
    ended = tap("backtrack", "--to", busy.to, "--confirm", SUFFIX)
    assert (ended.code, "a global database cannot be backtracked" in ended.err) == (1, True)


def test_data_that_may_be_lost_needs_the_suffix(busy: World, tap: Tap) -> None:
    assert tap("backtrack", "--to", busy.to, "--yes").code == 2
    wrong = tap("backtrack", "--to", busy.to, "--confirm", "other")
    assert (wrong.code, "'other' is not 'test'" in wrong.err) == (2, True)
    assert busy.writes() == "open"


def test_an_environment_without_switch_is_told_to_be_deployed(busy: World, tap: Tap) -> None:
    boto3.client("ssm", region_name=REGION).delete_parameter(Name=f"/payment/{SUFFIX}/payments/writes")
    ended = tap("backtrack", "--to", busy.to, "--confirm", SUFFIX)
    assert (ended.code, "has no switch for its writers" in ended.err) == (3, True)
