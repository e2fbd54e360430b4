"""What the recovery reads of a real ledger: its balance, its payments and events since a moment; and what it writes."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import Mock

import pytest

from payments.database import Database
from payments.engines import AURORA_MYSQL, AURORA_POSTGRESQL
from payments.events import COMMITTED, REJECTED, REVERSED
from payments.ledger import Ledger
from payments.outbox import Outbox
from recovery import drain as drain_module
from recovery import rows
from recovery.drain import drain
from recovery.inputs import TaskInputError
from recovery.ledger_check import LedgerUnbalancedError, check_ledger, require_balance
from recovery.witness import events_since, payments_by_id, payments_since
from recovery.writable import takes_writes
from tests.unit.payment_system.ledger_server import LedgerServer, database_at
from tests.unit.payment_system.sample_payments import ACCOUNTS, event_about, record, valid_payment

pytestmark = pytest.mark.parametrize("engine", [AURORA_MYSQL, AURORA_POSTGRESQL], indirect=True)

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows are many."""
    monkeypatch.setattr(rows, "STEP", 2)
    monkeypatch.setattr(rows, "PAGE", 3)


@pytest.fixture
def all_kinds(ledger: Ledger) -> None:
    """A payment of each status."""
    for name in ("taken", "pending", "rejected", "reversed"):
        record(ledger, valid_payment(name), pending=name in ("pending", "rejected"))
    for name in ("rejected", "reversed"):
        payment = valid_payment(name)
        ledger.cancel(name, rejected=event_about(payment, REJECTED), reversed_=event_about(payment, REVERSED))


def tamper(ledger_rows: LedgerServer, sql: str) -> None:
    """Does to the ledger what its application cannot do."""
    ledger_rows.execute(sql)


@pytest.mark.usefixtures("all_kinds")
def test_ledger_with_payments_of_each_status_is_balanced(database: Database) -> None:
    checked = check_ledger(database)
    newest = datetime.fromisoformat(str(checked.pop("newest")))
    assert abs(datetime.now(UTC) - newest) < timedelta(minutes=1)
    assert checked == {
        "balanced": True,
        "payments": 4,
        "entries": 6,
        "outbox_waiting": 6,
        "faulty": 0,
        "faults": [],
    }
    require_balance(checked)


def test_empty_ledger_is_balanced(database: Database, ledger_rows: LedgerServer) -> None:
    assert ledger_rows
    checked = check_ledger(database)
    assert (checked["balanced"], checked["payments"], checked["newest"]) == (True, 0, None)


@pytest.mark.usefixtures("all_kinds", "small_steps")
@pytest.mark.parametrize(
    ("sql", "payment_id", "fault"),
    [
        (
            "DELETE FROM ledger_entries WHERE payment_id = 'taken' AND side = 'CREDIT'",
            "taken",
            "COMMITTED with 1 entries, 1 of them right; 2 are expected",
        ),
        (
            "UPDATE ledger_entries SET amount = 99 WHERE payment_id = 'reversed' AND entry_number = 3",
            "reversed",
            "REVERSED with 4 entries, 3 of them right; 4 are expected",
        ),
        (
            "UPDATE ledger_entries SET account = 'DE00' WHERE payment_id = 'taken' AND entry_number = 1",
            "taken",
            "COMMITTED with 2 entries, 1 of them right; 2 are expected",
        ),
        (
            "UPDATE payments SET status = 'COMMITTED' WHERE payment_id = 'pending'",
            "pending",
            "COMMITTED with 0 entries, 0 of them right; 2 are expected",
        ),
        (
            "UPDATE payments SET status = 'REJECTED' WHERE payment_id = 'taken'",
            "taken",
            "REJECTED with 2 entries, 2 of them right; 0 are expected",
        ),
    ],
)
def test_each_fault_is_found_and_told_without_accounts(
    database: Database, ledger_rows: LedgerServer, sql: str, payment_id: str, fault: str
) -> None:
    tamper(ledger_rows, sql)
    checked = check_ledger(database)
    assert (checked["balanced"], checked["faulty"], checked["payments"]) == (False, 1, 4)
    assert checked["faults"] == [{"payment_id": payment_id, "fault": fault}]
    assert not any(account in json.dumps(checked) for account in ACCOUNTS)
    with pytest.raises(LedgerUnbalancedError, match=f"1 payments are not booked as they stand: .*{payment_id}"):
        require_balance(checked)


def test_many_payments_are_checked_step_by_step(
    database: Database, ledger: Ledger, small_steps: None, ledger_rows: LedgerServer
) -> None:
    assert small_steps is None
    for number in range(6):
        record(ledger, valid_payment(f"pay-{number}"))
    assert check_ledger(database)["payments"] == 6
    tamper(ledger_rows, "DELETE FROM ledger_entries")
    checked = check_ledger(database)
    assert (checked["faulty"], len(checked["faults"])) == (6, 6)  # type: ignore[arg-type]


@pytest.mark.usefixtures("all_kinds")
def test_witness_has_what_was_recorded_or_decided_since(database: Database, ledger_rows: LedgerServer) -> None:
    everything = payments_since(database, LONG_AGO, None)
    payments: Any = everything["payments"]
    assert everything["next"] is None
    assert {one["payment_id"]: one["status"] for one in payments} == {
        "pending": "PENDING_APPROVAL",
        "rejected": "REJECTED",
        "reversed": "REVERSED",
        "taken": "COMMITTED",
    }
    first = payments[0]
    assert (first["session_id"], first["amount"], first["currency"]) == ("pending", "12.50", "EUR")
    assert first["decided_at"] is None
    assert first["recorded_at"].endswith("Z")
    assert not any(account in json.dumps(everything) for account in ACCOUNTS)
    ledger_rows.execute("UPDATE payments SET recorded_at = recorded_at - INTERVAL '3600' SECOND")
    hour_ago = datetime.now(UTC) - timedelta(minutes=30)
    decided: Any = payments_since(database, hour_ago, None)["payments"]
    assert [one["payment_id"] for one in decided] == ["rejected", "reversed"]
    assert payments_since(database, datetime.now(UTC) + timedelta(hours=1), None) == {"payments": [], "next": None}


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_pages_have_everything_once(database: Database, ledger: Ledger, small_steps: None, count: int) -> None:
    assert small_steps is None
    names = [f"pay-{number}" for number in range(count)]
    for name in names:
        record(ledger, valid_payment(name))
    seen: list[str] = []
    events: list[str] = []
    for ids, items, page in ((seen, "payments", payments_since), (events, "events", events_since)):
        after: Any = None
        for _ in range(count + 1):
            answer: Any = page(database, LONG_AGO, after)
            assert len(answer[items]) <= 3
            ids += [one["payment_id"] for one in answer[items]]
            after = answer["next"]
            if after is None:
                break
    assert (seen, events) == (names, names)


def test_page_that_takes_long_is_cut_and_the_next_goes_on(
    database: Database, ledger: Ledger, small_steps: None
) -> None:
    assert small_steps is None
    for number in range(4):
        record(ledger, valid_payment(f"pay-{number}"))
    scan = rows.Scan(table="payments", key="payment_id", columns="payment_id", condition="payment_id = 'pay-3'")
    clock = Mock(side_effect=[0.0, 61.0])
    assert scan.page(database, "", (), clock=clock) == ([], "pay-1")
    assert scan.page(database, "pay-1", ()) == ([("pay-3",)], None)


def test_events_say_whether_they_were_published(database: Database, ledger: Ledger, outbox: Outbox) -> None:
    for name in ("first", "second"):
        record(ledger, valid_payment(name))
    outbox.mark_published([event_about(valid_payment("first")).event_id])
    answer: Any = events_since(database, LONG_AGO, None)
    assert [(one["payment_id"], one["event_type"], one["published"]) for one in answer["events"]] == [
        ("first", COMMITTED, True),
        ("second", COMMITTED, False),
    ]
    assert answer["events"][0]["event_id"] == event_about(valid_payment("first")).event_id
    with pytest.raises(TaskInputError, match="after is 'x'"):
        events_since(database, LONG_AGO, "x")


@pytest.mark.usefixtures("all_kinds")
def test_payments_are_found_by_their_ids(database: Database) -> None:
    found = payments_by_id(database, ["taken", "unknown", "pending"])
    assert found == {
        "payments": {
            "taken": {"status": "COMMITTED", "amount": "12.50", "currency": "EUR"},
            "pending": {"status": "PENDING_APPROVAL", "amount": "12.50", "currency": "EUR"},
        }
    }
    assert payments_by_id(database, []) == {"payments": {}}
    for wrong in (None, "taken", [1], ["x"] * 1001):
        with pytest.raises(TaskInputError, match="payment_ids is to be a list of at most 1000 texts"):
            payments_by_id(database, wrong)


def test_amounts_are_told_as_they_are_stored(engine: str) -> None:
    assert engine
    assert rows.amount_text(Decimal("12.5000"), "EUR") == "12.50"
    assert rows.amount_text(Decimal("12.0000"), "JPY") == "12"
    assert rows.amount_text(Decimal("12.3456"), "EUR") == "12.3456"
    assert rows.amount_text(Decimal("12.5000"), "ZZZ") == "12.5000"


def test_write_is_undone(database: Database, ledger_rows: LedgerServer) -> None:
    assert takes_writes(database)
    assert ledger_rows.count("outbox") == 0


def test_ledger_that_only_reads_or_is_gone_takes_no_writes(ledger_rows: LedgerServer, engine: str) -> None:
    ledger_rows.server.set_read_only(True)
    try:
        assert not takes_writes(ledger_rows.database(retry_seconds=0.2))
    finally:
        ledger_rows.server.set_read_only(False)
    # Port 1 (tcpmux) is one that nobody listens on.
    assert not takes_writes(database_at(1, engine=engine, retry_seconds=0.2))


class Bus:
    """Takes events, or only so many."""

    def __init__(self, takes: int = 1000) -> None:
        self.takes = takes

    def publish(self, events: Any) -> set[str]:
        return {event.event_id for event in events[: self.takes]}


def test_drain_publishes_all_that_waits(ledger: Ledger, outbox: Outbox, ledger_rows: LedgerServer) -> None:
    record(ledger, valid_payment("old"))
    ledger_rows.let_time_pass(seconds=60)
    record(ledger, valid_payment("young"))
    publisher: Any = Bus()

    def pause(seconds: float) -> None:
        assert seconds == drain_module.PAUSE_SECONDS
        ledger_rows.let_time_pass(seconds=20)

    assert drain(outbox, publisher, pause=pause) == {"published": 2, "left": 0}
    assert drain(outbox, publisher) == {"published": 0, "left": 0}


def test_drain_ends_where_the_bus_takes_no_more_or_its_time_is_up(
    ledger: Ledger, outbox: Outbox, ledger_rows: LedgerServer
) -> None:
    for name in ("first", "second"):
        record(ledger, valid_payment(name))
    publisher: Any = Bus(takes=1)
    assert drain(outbox, publisher, clock=Mock(side_effect=[0.0, 61.0])) == {"published": 0, "left": 2}
    ledger_rows.let_time_pass(seconds=60)
    assert drain(outbox, publisher) == {"published": 1, "left": 1}
