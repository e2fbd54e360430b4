"""What goes wrong between the function and its database, tried for real: nothing is lost, nothing is taken twice."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from pymysql.err import InterfaceError, OperationalError, ProgrammingError

from payments import database as database_module
from payments.database import Database, LedgerUnavailableError
from payments.engines import AURORA_MYSQL, AURORA_POSTGRESQL, mysql, postgresql
from payments.ledger import Ledger
from tests.unit.payment_system.drivers import Driver, both_engines
from tests.unit.payment_system.ledger_server import APPLICATION, LedgerServer, database_at
from tests.unit.payment_system.sample_payments import record, valid_payment

Output = Callable[[], list[dict[str, Any]]]
PAYMENT = valid_payment()


def retries(lines: list[dict[str, Any]]) -> list[str]:
    return [line["error"] for line in lines if line.get("message") == "database transaction tried again"]


@both_engines
def test_payment_whose_commit_was_not_answered_is_taken_once(
    ledger: Ledger, ledger_rows: LedgerServer, driver: Driver, monkeypatch: pytest.MonkeyPatch, output: Output
) -> None:
    commit, lost = driver.connection.commit, ["answer"]

    def commit_and_lose_the_answer(connection: Any) -> None:
        commit(connection)
        if lost:
            lost.pop()
            raise driver.lost

    monkeypatch.setattr(driver.connection, "commit", commit_and_lose_the_answer)
    standing = record(ledger, PAYMENT)
    assert standing.repeated
    assert standing.answer["validated_at"] == "first"
    assert ledger_rows.count("payments") == 1
    assert ledger_rows.count("ledger_entries") == 2
    assert ledger_rows.waiting() == ["Payment Committed"]
    assert retries(output()) == [driver.lost_code]


@both_engines
def test_payment_that_was_not_committed_is_written_anew(
    ledger: Ledger, ledger_rows: LedgerServer, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, lost = driver.connection.commit, ["request"]

    def commit_unless_lost(connection: Any) -> None:
        if lost:
            lost.pop()
            raise driver.lost
        commit(connection)

    monkeypatch.setattr(driver.connection, "commit", commit_unless_lost)
    assert not record(ledger, PAYMENT).repeated
    assert ledger_rows.count("ledger_entries") == 2


@both_engines
def test_connections_that_the_server_ended_are_replaced(
    database: Database, ledger: Ledger, ledger_rows: LedgerServer, driver: Driver
) -> None:
    with keep_busy(database):
        ledger.check()
    for (session,) in ledger_rows.execute(driver.sessions):
        ledger_rows.execute(driver.end_session.format(session))
    assert not record(ledger, PAYMENT).repeated


@contextmanager
def keep_busy(database: Database) -> Iterator[None]:
    """Holds a connection, so that another one is made."""
    held, release = threading.Event(), threading.Event()

    def hold(_cursor: object) -> None:
        held.set()
        release.wait(10)

    holder = threading.Thread(target=database.transaction, args=[hold])
    holder.start()
    assert held.wait(10)
    yield
    release.set()
    holder.join(10)


@both_engines
def test_connection_is_used_again_but_not_after_a_fault(
    database: Database, ledger_rows: LedgerServer, driver: Driver
) -> None:
    def connection_id(cursor: Any) -> int:
        cursor.execute(driver.session_id)
        return int(cursor.fetchone()[0])

    def fail(cursor: Any) -> None:
        cursor.execute(
            "INSERT INTO outbox (event_id, payment_id, event_type, detail, created_at)"
            " VALUES ('e', 'p', 't', 'd', NOW())"
        )
        raise ValueError("a fault of ours")

    first = database.transaction(connection_id)
    assert database.transaction(connection_id) == first
    with pytest.raises(ValueError, match="a fault of ours"):
        database.transaction(fail)
    assert database.transaction(connection_id) != first
    assert ledger_rows.count("outbox") == 0


@both_engines
def test_writer_that_is_read_only_is_tried_again_until_it_takes_writes(
    ledger: Ledger, ledger_rows: LedgerServer, driver: Driver, output: Output
) -> None:
    ledger_rows.server.set_read_only(True)
    recovery = threading.Timer(0.2, ledger_rows.server.set_read_only, [False])
    recovery.start()
    standing = record(ledger, PAYMENT)
    recovery.join()
    assert not standing.repeated
    assert ledger_rows.count("payments") == 1
    assert set(retries(output())) == {driver.read_only}


@both_engines
def test_payment_survives_a_crash_of_the_server(ledger: Ledger, ledger_rows: LedgerServer) -> None:
    record(ledger, valid_payment("before"))
    ledger_rows.server.kill()
    recovery = threading.Thread(target=ledger_rows.server.start)
    recovery.start()
    record(ledger, valid_payment("after"))
    recovery.join()
    assert set(ledger_rows.statuses()) == {"before", "after"}


@both_engines
def test_deadlock_is_resolved_and_both_transactions_done(
    database: Database, ledger: Ledger, ledger_rows: LedgerServer, driver: Driver, output: Output
) -> None:
    for payment_id in ("pay-1", "pay-2"):
        record(ledger, valid_payment(payment_id))
    crossing = threading.Barrier(2)
    failures = []

    def decide(first: str, second: str) -> None:
        attempts = []

        def work(cursor: Any) -> None:
            attempts.append(first)
            cursor.execute("UPDATE payments SET decided_at = NOW() WHERE payment_id = %s", (first,))
            if len(attempts) == 1:
                crossing.wait(10)
            cursor.execute("UPDATE payments SET decided_at = NOW() WHERE payment_id = %s", (second,))

        try:
            database.transaction(work)
        except Exception as failure:
            failures.append(failure)

    deciders = [threading.Thread(target=decide, args=pair) for pair in (("pay-1", "pay-2"), ("pay-2", "pay-1"))]
    for decider in deciders:
        decider.start()
    for decider in deciders:
        decider.join(10)
    assert failures == []
    assert ledger_rows.execute("SELECT COUNT(*) FROM payments WHERE decided_at IS NOT NULL") == [(2,)]
    assert driver.deadlock in retries(output())


@both_engines
def test_lock_that_is_held_for_too_long_is_waited_for_again(
    ledger: Ledger, ledger_rows: LedgerServer, driver: Driver, monkeypatch: pytest.MonkeyPatch, output: Output
) -> None:
    # 0 stands for no wait in MySQL, and for no limit in PostgreSQL.
    monkeypatch.setattr(database_module, "LOCK_WAIT_SECONDS", 0 if ledger_rows.engine == AURORA_MYSQL else 0.05)
    ledger.check()
    with ledger_rows.connection(APPLICATION) as holder, holder.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments (payment_id, session_id, fingerprint, amount, currency, payer_account,"
            " payee_account, status, answer, recorded_at)"
            " VALUES ('pay-1', 'pay-1', 'f', 1, 'EUR', 'A', 'B', 'COMMITTED', '{}', NOW())"
        )
        release = threading.Timer(0.3, holder.rollback)
        release.start()
        standing = record(ledger, PAYMENT)
        release.join()
    assert not standing.repeated
    assert driver.lock_timeout in retries(output())


@both_engines
def test_unreachable_database_is_given_up_within_the_time_for_it(engine: str, driver: Driver, output: Output) -> None:
    began = time.monotonic()
    with pytest.raises(LedgerUnavailableError, match="cannot be reached"):
        Ledger(database_at(1, engine=engine, retry_seconds=0.3)).find("pay-1")
    assert 0.1 < time.monotonic() - began < 2
    assert output()[-1]["error"] == driver.unreachable


@both_engines
def test_database_that_does_not_let_in_is_given_up_too(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "CALL_SECONDS", 0.2)
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(LedgerUnavailableError):
        Ledger(database_at(silent.getsockname()[1], engine=engine, retry_seconds=0.3)).check()
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (OperationalError(1205, "Lock wait timeout exceeded"), True),
        (OperationalError(1290, "--read-only"), True),
        (OperationalError(2006, "gone away"), True),
        (OperationalError(4031, "disconnected because of inactivity"), True),
        (OperationalError(3819, "Check constraint is violated"), False),
        (OperationalError("text alone"), True),
        (OperationalError(), False),
        (OperationalError(1142, "DELETE command denied"), False),
        (InterfaceError(0, ""), True),
        (ConnectionResetError(), True),
        (ProgrammingError(1146, "no such table"), False),
        (ValueError(), False),
    ],
    ids=repr,
)
def test_what_another_try_can_mend_is_tried_again_with_mysql(error: Exception, transient: bool) -> None:
    assert mysql.is_transient(error) is transient


@pytest.mark.parametrize(
    ("state", "transient"),
    [
        ("08006", True),
        ("25006", True),
        ("40001", True),
        ("40P01", True),
        ("53300", True),
        ("55P03", True),
        ("57014", True),
        ("57P01", True),
        ("57P02", True),
        ("57P03", True),
        ("57P04", False),
        ("23514", False),
        ("42501", False),
        ("53100", False),
    ],
)
def test_what_another_try_can_mend_is_tried_again_with_postgresql(state: str, transient: bool) -> None:
    error = psycopg.errors.lookup(state)()
    assert postgresql.code_of(error) == state
    assert postgresql.is_transient(error) is transient


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (psycopg.OperationalError("consuming input failed: EOF"), True),
        (psycopg.InterfaceError("the connection is closed"), True),
        (ConnectionResetError(), True),
        (psycopg.ProgrammingError("the query has 1 placeholder"), False),
        (ValueError(), False),
    ],
    ids=repr,
)
def test_fault_without_a_state_is_transient_when_it_is_the_connections(error: Exception, transient: bool) -> None:
    assert postgresql.code_of(error) == ""
    assert postgresql.is_transient(error) is transient


@both_engines
def test_database_that_hangs_is_given_up_too(
    ledger_rows: LedgerServer, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "CALL_SECONDS", 0.2)
    database = ledger_rows.database(retry_seconds=0.3)
    Ledger(database).check()
    processes = [ledger_rows.server.pid]
    if ledger_rows.engine == AURORA_POSTGRESQL:
        processes += [process for (process,) in ledger_rows.execute(driver.sessions)]
    try:
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(LedgerUnavailableError):
            Ledger(database).check()
        assert time.monotonic() - began < 4
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


@both_engines
def test_fault_of_ours_is_not_tried_again(database: Database, driver: Driver) -> None:
    tried = []

    def work(cursor: Any) -> None:
        tried.append(1)
        cursor.execute("SELECT no_such_column FROM payments")

    with pytest.raises(driver.error, match="no_such_column"):
        database.transaction(work)
    assert tried == [1]
