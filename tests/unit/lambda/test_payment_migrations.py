"""Migrations against a real server: once each, in order, by one process, and again after an interruption."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pymysql.cursors import Cursor
from pymysql.err import OperationalError

from payments import migrations as migrations_module
from payments.migrations import Migration, MigrationError, migrate, migrations
from tests.unit.payment_system.ledger_server import MASTER, LedgerServer

FIRST = Migration("0001_first", "-- makes a table;\nCREATE TABLE IF NOT EXISTS first (a INT);\n")
SECOND = Migration(
    "0002_second",
    "CREATE TABLE IF NOT EXISTS second (a INT);\nINSERT INTO second VALUES (1);\n",
)


@pytest.fixture
def connect(ledger_server: LedgerServer) -> Iterator[Callable[[], Any]]:
    """Gives connections of the master user to a database that is empty at first."""
    ledger_server.execute("CREATE DATABASE migrated")
    with ExitStack() as connections:
        yield lambda: connections.enter_context(ledger_server.connection(MASTER, name="migrated"))
    ledger_server.execute("DROP DATABASE migrated")


@pytest.fixture
def connection(connect: Callable[[], Any]) -> Any:
    return connect()


def rows(connection: Any, sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def tables(connection: Any) -> set[str]:
    return {row[0] for row in rows(connection, "SHOW TABLES")}


def test_ledgers_schema_is_made_once_and_the_second_time_does_nothing(connection: Any) -> None:
    assert migrate(connection, migrations()) == ["0001_ledger"]
    assert tables(connection) == {"payments", "ledger_entries", "outbox", "schema_migrations"}
    before = rows(connection, "SELECT * FROM schema_migrations")
    assert migrate(connection, migrations()) == []
    assert rows(connection, "SELECT * FROM schema_migrations") == before


def test_migrations_are_read_from_their_folder_in_order(tmp_path: Path) -> None:
    for name in ("0010_tenth.sql", "0002_second.sql", "notes.txt"):
        (tmp_path / name).write_text(f"-- {name}\n", encoding="utf-8")
    assert [migration.version for migration in migrations(tmp_path)] == ["0002_second", "0010_tenth"]


def test_statement_ends_with_a_semicolon_at_the_end_of_a_line() -> None:
    sql = "-- a comment; with\nSELECT ';' FROM a\n  WHERE b;\n\n-- more\nSELECT 2;\n;\nSELECT 3;"
    assert list(Migration("v", sql).statements()) == ["SELECT ';' FROM a\n  WHERE b", "SELECT 2", "SELECT 3"]


def test_only_missing_migrations_are_applied(connection: Any) -> None:
    assert migrate(connection, [FIRST]) == ["0001_first"]
    assert migrate(connection, [FIRST, SECOND]) == ["0002_second"]
    assert rows(connection, "SELECT version FROM schema_migrations ORDER BY applied_at") == [
        ("0001_first",),
        ("0002_second",),
    ]
    assert rows(connection, "SELECT a FROM second") == [(1,)]


def test_processes_at_the_same_time_apply_each_migration_once(connect: Callable[[], Any]) -> None:
    connections = [connect() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(lambda connection: migrate(connection, [FIRST, SECOND]), connections))
    assert sorted(applied, key=len) == [[], [], [], ["0001_first", "0002_second"]]
    assert rows(connections[0], "SELECT a FROM second") == [(1,)]


def test_process_does_not_wait_for_another_one_for_ever(
    connect: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations_module, "LOCK_SECONDS", 0)
    waiting, running = connect(), connect()
    rows(running, "SELECT GET_LOCK('payment_migrations', 0)")
    with pytest.raises(MigrationError, match="another migration has been running"):
        migrate(waiting, [FIRST])
    assert tables(waiting) == set()
    rows(running, "SELECT RELEASE_LOCK('payment_migrations')")
    assert migrate(waiting, [FIRST]) == ["0001_first"]


def test_migration_that_was_changed_afterwards_is_refused(connection: Any) -> None:
    migrate(connection, [FIRST])
    with pytest.raises(MigrationError, match="0001_first was changed after it was applied: add a new one instead"):
        migrate(connection, [Migration("0001_first", FIRST.sql + "\n"), SECOND])
    assert "second" not in tables(connection)


def test_older_package_is_refused_by_a_newer_schema(connection: Any) -> None:
    migrate(connection, [FIRST, SECOND])
    with pytest.raises(MigrationError, match="0002_second, which this package lacks: deploy a newer one"):
        migrate(connection, [FIRST])


def test_refusal_leaves_the_lock_to_others(connection: Any, connect: Callable[[], Any]) -> None:
    migrate(connection, [FIRST, SECOND])
    with pytest.raises(MigrationError):
        migrate(connection, [FIRST])
    assert migrate(connect(), [FIRST, SECOND]) == []


def test_migration_that_was_interrupted_is_run_again_to_its_end(
    connect: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = Cursor.execute

    def break_down(cursor: Any, sql: str, values: Any = None) -> Any:
        if "TABLE IF NOT EXISTS ledger_entries" in sql:
            raise OperationalError(2013, "Lost connection to MySQL server during query")
        return execute(cursor, sql, values)

    interrupted = connect()
    with monkeypatch.context() as breaking:
        breaking.setattr(Cursor, "execute", break_down)
        with pytest.raises(OperationalError):
            migrate(interrupted, migrations())
    assert tables(interrupted) == {"payments", "schema_migrations"}
    again = connect()
    assert migrate(again, migrations()) == ["0001_ledger"]
    assert tables(again) == {"payments", "ledger_entries", "outbox", "schema_migrations"}
