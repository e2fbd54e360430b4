"""Migrations against a real server: once each, in order, by one process, and again after an interruption."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from payments import migrations as migrations_module
from payments.engines import Schema, mysql_schema, schema_of
from payments.migrations import Migration, MigrationError, migrate, migrations
from tests.unit.payment_system.drivers import Driver, both_engines
from tests.unit.payment_system.ledger_server import MASTER, LedgerServer

pytestmark = both_engines

FIRST = Migration("0001_first", "-- makes a table;\nCREATE TABLE IF NOT EXISTS first (a INT);\n")
SECOND = Migration(
    "0002_second",
    "CREATE TABLE IF NOT EXISTS second (a INT);\nINSERT INTO second VALUES (1);\n",
)


@pytest.fixture
def connect(ledger_server: LedgerServer) -> Iterator[Callable[[], Any]]:
    """Gives connections of the master user to a database that is empty at first."""
    ledger_server.create_database("migrated")
    with ExitStack() as connections:
        yield lambda: connections.enter_context(ledger_server.connection(MASTER, name="migrated"))
    ledger_server.drop_database("migrated")


@pytest.fixture
def connection(connect: Callable[[], Any]) -> Any:
    return connect()


def rows(connection: Any, sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


@pytest.fixture
def schema(engine: str) -> Schema:
    return schema_of(engine)


Tables = Callable[[Any], set[str]]


@pytest.fixture
def tables(driver: Driver) -> Tables:
    return lambda connection: {row[0] for row in rows(connection, driver.tables)}


def test_ledgers_schema_is_made_once_and_the_second_time_does_nothing(
    connection: Any, schema: Schema, tables: Tables
) -> None:
    assert migrate(connection, schema, migrations(schema)) == ["0001_ledger"]
    assert tables(connection) == {"payments", "ledger_entries", "outbox", "schema_migrations"}
    before = rows(connection, "SELECT * FROM schema_migrations")
    assert migrate(connection, schema, migrations(schema)) == []
    assert rows(connection, "SELECT * FROM schema_migrations") == before


def test_migrations_are_read_from_their_folder_in_order(tmp_path: Path, schema: Schema) -> None:
    (tmp_path / schema.FOLDER).mkdir()
    for name in ("0010_tenth.sql", "0002_second.sql", "notes.txt"):
        (tmp_path / schema.FOLDER / name).write_text(f"-- {name}\n", encoding="utf-8")
    assert [migration.version for migration in migrations(schema, tmp_path)] == ["0002_second", "0010_tenth"]


@pytest.mark.usefixtures("engine")
def test_statement_ends_with_a_semicolon_at_the_end_of_a_line() -> None:
    sql = "-- a comment; with\nSELECT ';' FROM a\n  WHERE b;\n\n-- more\nSELECT 2;\n;\nSELECT 3;"
    assert list(Migration("v", sql).statements()) == ["SELECT ';' FROM a\n  WHERE b", "SELECT 2", "SELECT 3"]


def test_only_missing_migrations_are_applied(connection: Any, schema: Schema) -> None:
    assert migrate(connection, schema, [FIRST]) == ["0001_first"]
    assert migrate(connection, schema, [FIRST, SECOND]) == ["0002_second"]
    assert rows(connection, "SELECT version FROM schema_migrations ORDER BY applied_at") == [
        ("0001_first",),
        ("0002_second",),
    ]
    assert rows(connection, "SELECT a FROM second") == [(1,)]


def test_processes_at_the_same_time_apply_each_migration_once(connect: Callable[[], Any], schema: Schema) -> None:
    connections = [connect() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(lambda connection: migrate(connection, schema, [FIRST, SECOND]), connections))
    assert sorted(applied, key=len) == [[], [], [], ["0001_first", "0002_second"]]
    assert rows(connections[0], "SELECT a FROM second") == [(1,)]


def test_process_does_not_wait_for_another_one_for_ever(
    connect: Callable[[], Any], schema: Schema, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations_module, "LOCK_SECONDS", 0.2)
    waiting, running = connect(), connect()
    with running.cursor() as cursor:
        assert schema.lock(cursor, "payment_migrations")
    with pytest.raises(MigrationError, match="another migration has been running"):
        migrate(waiting, schema, [FIRST])
    assert tables(waiting) == set()
    with running.cursor() as cursor:
        schema.unlock(cursor, "payment_migrations")
    assert migrate(waiting, schema, [FIRST]) == ["0001_first"]


def test_migration_that_was_changed_afterwards_is_refused(connection: Any, schema: Schema, tables: Tables) -> None:
    migrate(connection, schema, [FIRST])
    with pytest.raises(MigrationError, match="0001_first was changed after it was applied: add a new one instead"):
        migrate(connection, schema, [Migration("0001_first", FIRST.sql + "\n"), SECOND])
    assert "second" not in tables(connection)


def test_older_package_is_refused_by_a_newer_schema(connection: Any, schema: Schema) -> None:
    migrate(connection, schema, [FIRST, SECOND])
    with pytest.raises(MigrationError, match="0002_second, which this package lacks: deploy a newer one"):
        migrate(connection, schema, [FIRST])


def test_refusal_leaves_the_lock_to_others(connection: Any, connect: Callable[[], Any], schema: Schema) -> None:
    migrate(connection, schema, [FIRST, SECOND])
    with pytest.raises(MigrationError):
        migrate(connection, schema, [FIRST])
    assert migrate(connect(), schema, [FIRST, SECOND]) == []


def test_migration_that_was_interrupted_is_run_again_to_its_end(
    connect: Callable[[], Any], schema: Schema, tables: Tables, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = driver.cursor.execute

    def break_down(cursor: Any, sql: str, values: Any = None) -> Any:
        if sql.startswith("CREATE TABLE") and "ledger_entries" in sql:
            raise driver.lost
        return execute(cursor, sql, values)

    interrupted = connect()
    with monkeypatch.context() as breaking:
        breaking.setattr(driver.cursor, "execute", break_down)
        with pytest.raises(driver.error):
            migrate(interrupted, schema, migrations(schema))
    assert tables(interrupted) == ({"payments", "schema_migrations"} if schema is mysql_schema else set())
    again = connect()
    assert migrate(again, schema, migrations(schema)) == ["0001_ledger"]
    assert tables(again) == {"payments", "ledger_entries", "outbox", "schema_migrations"}


def test_application_is_told_what_it_may_do_with_each_table(connection: Any, schema: Schema, tables: Tables) -> None:
    migrate(connection, schema, migrations(schema))
    assert tables(connection) - {"schema_migrations"} == set(migrations_module.PRIVILEGES)
