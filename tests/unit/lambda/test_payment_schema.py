"""The ledger's schema is one, in two dialects: real servers describe it alike, take the same and refuse the same."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from payments.engines import AURORA_MYSQL, AURORA_POSTGRESQL
from tests.unit.payment_system import schema_facts
from tests.unit.payment_system.drivers import Driver, both_engines
from tests.unit.payment_system.ledger_server import LedgerServer

PAYMENT: dict[str, object] = {
    "payment_id": "pay-1",
    "session_id": "pay-1",
    "fingerprint": "f" * 64,
    "amount": "12.50",
    "currency": "EUR",
    "payer_account": "PAYER",
    "payee_account": "PAYEE",
    "status": "COMMITTED",
    "answer": "{}",
    "recorded_at": "2026-01-02 03:04:05.123456",
}
ENTRY: dict[str, object] = {
    "payment_id": "pay-1",
    "entry_number": 1,
    "account": "PAYER",
    "side": "DEBIT",
    "amount": "12.50",
    "currency": "EUR",
    "recorded_at": "2026-01-02 03:04:05.123456",
}
EVENT: dict[str, object] = {
    "event_id": "e" * 36,
    "payment_id": "pay-1",
    "event_type": "Payment Committed",
    "detail": "{}",
    "created_at": "2026-01-02 03:04:05.123456",
}
ROWS = {"payments": PAYMENT, "ledger_entries": ENTRY, "outbox": EVENT}


def insert(server: LedgerServer, table: str, **changes: object) -> None:
    row = ROWS[table] | changes
    server.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})",
        *row.values(),
    )


@pytest.mark.parametrize(
    "facts",
    [schema_facts.columns, schema_facts.unique_keys, schema_facts.foreign_keys, schema_facts.indexes],
    ids=lambda facts: facts.__name__,
)
def test_servers_describe_the_same_tables(
    started_server: Callable[[str], LedgerServer], facts: Callable[[LedgerServer], schema_facts.Facts]
) -> None:
    mysql, postgresql = facts(started_server(AURORA_MYSQL)), facts(started_server(AURORA_POSTGRESQL))
    assert {row[0] for row in mysql} <= {"payments", "ledger_entries", "outbox", "schema_migrations"}
    assert mysql == postgresql != set()


def test_postgresql_has_the_checks_of_mysql_and_those_of_its_types(
    started_server: Callable[[str], LedgerServer],
) -> None:
    mysql, postgresql = (schema_facts.checks(started_server(engine)) for engine in (AURORA_MYSQL, AURORA_POSTGRESQL))
    assert {"amount_is_positive", "entry_is_positive"} <= mysql & postgresql
    assert {"status_is_known", "side_is_known", "entry_number_is_known", "payment_is_ascii"} <= postgresql


def test_application_may_do_the_same(started_server: Callable[[str], LedgerServer]) -> None:
    mysql, postgresql = (
        schema_facts.privileges(started_server(engine)) for engine in (AURORA_MYSQL, AURORA_POSTGRESQL)
    )
    assert mysql == postgresql
    assert ("payments", "status", "UPDATE") in mysql
    assert ("ledger_entries", None, "INSERT") in mysql


@both_engines
@pytest.mark.parametrize(
    ("table", "changes"),
    [
        *(("payments", {name: None}) for name in PAYMENT),
        *(("ledger_entries", {name: None}) for name in ENTRY),
        *(("outbox", {name: None}) for name in EVENT),
        ("payments", {"payment_id": "pay-2"}),
        ("payments", {"session_id": "pay-2"}),
        ("payments", {"payment_id": "p" * 65, "session_id": "other"}),
        ("payments", {"payment_id": "päy", "session_id": "other"}),
        ("payments", {"payment_id": "pay-2", "session_id": "other", "answer": "é"}),
        ("payments", {"payment_id": "pay-2", "session_id": "other", "amount": "0"}),
        ("payments", {"payment_id": "pay-2", "session_id": "other", "amount": "-1"}),
        ("payments", {"payment_id": "pay-2", "session_id": "other", "amount": "NaN"}),
        ("payments", {"payment_id": "pay-2", "session_id": "other", "amount": "1" + "0" * 15}),
        ("payments", {"payment_id": "pay-2", "session_id": "other", "currency": "EURO"}),
        ("payments", {"payment_id": "pay-2", "session_id": "other", "status": "UNKNOWN"}),
        ("payments", {"payment_id": "pay-2", "session_id": "other", "recorded_at": "soon"}),
        ("ledger_entries", {}),
        ("ledger_entries", {"entry_number": 2, "payment_id": "pay-3"}),
        ("ledger_entries", {"entry_number": 2, "amount": "0"}),
        ("ledger_entries", {"entry_number": 2, "amount": "NaN"}),
        ("ledger_entries", {"entry_number": 2, "side": "BOTH"}),
        ("ledger_entries", {"entry_number": 2, "account": "é"}),
        ("ledger_entries", {"entry_number": 256}),
        ("ledger_entries", {"entry_number": -1}),
        ("outbox", {}),
        ("outbox", {"event_id": "f" * 37}),
        ("outbox", {"event_id": "f" * 36, "detail": "é"}),
    ],
    ids=str,
)
def test_servers_refuse_the_same_rows(
    ledger_rows: LedgerServer, driver: Driver, table: str, changes: dict[str, object]
) -> None:
    for name in ROWS:
        insert(ledger_rows, name)
    with pytest.raises(driver.error):
        insert(ledger_rows, table, **changes)
    assert [ledger_rows.count(name) for name in ROWS] == [1, 1, 1]


@both_engines
def test_ids_are_told_apart_and_ordered_byte_by_byte(ledger_rows: LedgerServer) -> None:
    names = ["pay-a", "pay-A", "PAY-a", "pay_a", "pay-B", "pay", "0"]
    for name in names:
        insert(ledger_rows, "payments", payment_id=name, session_id=name)
        insert(ledger_rows, "ledger_entries", payment_id=name)
    assert ledger_rows.execute("SELECT payment_id FROM payments ORDER BY payment_id") == [
        (name,) for name in sorted(names)
    ]
    assert ledger_rows.execute("SELECT session_id FROM payments WHERE payment_id = 'pay-a'") == [("pay-a",)]


@both_engines
@pytest.mark.parametrize(
    ("written", "kept"),
    [("0.0001", "0.0001"), ("1.00005", "1.0001"), ("999999999999999.9999", "999999999999999.9999"), ("7", "7.0000")],
)
def test_amounts_are_exact_to_four_decimals(ledger_rows: LedgerServer, written: str, kept: str) -> None:
    insert(ledger_rows, "payments", amount=Decimal(written))
    ((amount,),) = ledger_rows.execute("SELECT amount FROM payments")
    assert (amount, str(amount)) == (Decimal(kept), kept)


@both_engines
def test_times_are_kept_in_utc_to_the_microsecond(ledger_rows: LedgerServer) -> None:
    insert(ledger_rows, "payments")
    insert(ledger_rows, "outbox")
    expected = datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)
    for statement in ("SELECT recorded_at FROM payments", "SELECT created_at FROM outbox"):
        ((moment,),) = ledger_rows.execute(statement)
        assert moment.replace(tzinfo=moment.tzinfo or UTC) == expected


@both_engines
def test_clock_of_the_application_is_utc(ledger_rows: LedgerServer) -> None:
    def now(cursor: Any) -> datetime:
        cursor.execute("SELECT CURRENT_TIMESTAMP(6)")
        moment: datetime = cursor.fetchone()[0]
        return moment.replace(tzinfo=moment.tzinfo or UTC)

    database = ledger_rows.database()
    assert abs((datetime.now(UTC) - database.transaction(now)).total_seconds()) < 60
    database.close()


@both_engines
def test_payment_with_entries_is_not_deleted(ledger_rows: LedgerServer, driver: Driver) -> None:
    insert(ledger_rows, "payments")
    insert(ledger_rows, "ledger_entries")
    with pytest.raises(driver.integrity_error):
        ledger_rows.execute("DELETE FROM payments")


@both_engines
def test_events_are_numbered_in_the_order_in_which_they_come(ledger_rows: LedgerServer) -> None:
    for letter in "ba":
        insert(ledger_rows, "outbox", event_id=letter * 36)
    rows = ledger_rows.execute("SELECT event_id, sequence FROM outbox ORDER BY sequence")
    assert [name[0] for name, _ in rows] == ["b", "a"]
    assert rows[0][1] < rows[1][1]
