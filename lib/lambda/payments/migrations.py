"""Schema migrations: numbered SQL files, each applied once, in order, by one process at a time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from payments.credentials import Login
from payments.engines import Connection, Cursor, Schema

FOLDER = Path(__file__).resolve().parent / "migrations"
LOCK = "payment_migrations"
LOCK_SECONDS = 60
POLL_SECONDS = 0.1

SELECT_APPLIED = "SELECT version, checksum FROM schema_migrations"
INSERT_APPLIED = "INSERT INTO schema_migrations (version, checksum, applied_at) VALUES (%s, %s, CURRENT_TIMESTAMP(6))"

# What the application may do with each table. Entries are only ever added; of a payment only its status may change.
PRIVILEGES = {
    "payments": "SELECT, INSERT, UPDATE (status, decided_at)",
    "ledger_entries": "SELECT, INSERT",
    "outbox": "SELECT, INSERT, UPDATE (published_at), DELETE",
}


class MigrationError(Exception):
    """The schema cannot be brought up to date; the message says why and what to do."""


@dataclass(frozen=True)
class Migration:
    """One file. `version` is its name without the ending."""

    version: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    def statements(self) -> Iterator[str]:
        """A statement ends with a semicolon at the end of a line."""
        lines = [line for line in self.sql.splitlines() if not line.startswith("--")]
        for statement in "\n".join(lines).split(";\n"):
            if statement.strip():
                yield statement.strip().removesuffix(";")


def migrations(schema: Schema, folder: Path = FOLDER) -> list[Migration]:
    """All those of an engine, in order."""
    files = sorted((folder / schema.FOLDER).glob("*.sql"))
    return [Migration(path.stem, path.read_text(encoding="utf-8")) for path in files]


def migrate(connection: Connection, schema: Schema, wanted: list[Migration]) -> list[str]:
    """Applies what was not applied yet; the versions applied now.

    PostgreSQL applies a migration as a whole or not at all. MySQL commits each definition by itself, so a migration
    that was interrupted runs again from its start: its statements must bear that.
    Raises `MigrationError`, and the driver's errors.
    """
    with _alone(connection, schema) as cursor:
        cursor.execute(schema.CREATE_REGISTER)
        cursor.execute(SELECT_APPLIED)
        applied: dict[str, str] = dict(cursor.fetchall())
        _check(applied, wanted)
        pending = [migration for migration in wanted if migration.version not in applied]
        for migration in pending:
            for statement in migration.statements():
                cursor.execute(statement)
            cursor.execute(INSERT_APPLIED, (migration.version, migration.checksum))
            connection.commit()
    return [migration.version for migration in pending]


def ensure_user(connection: Connection, schema: Schema, name: str, login: Login | None) -> None:
    """Makes the application's user, or gives it its present password; without a login it authenticates with IAM.

    It may do what `PRIVILEGES` says and nothing else. Raises `MigrationError`, and the driver's errors.
    """
    with _alone(connection, schema) as cursor:
        schema.ensure_user(cursor, name, login)
        for table, privileges in PRIVILEGES.items():
            schema.grant(cursor, name, privileges, table)
        connection.commit()


def _check(applied: dict[str, str], wanted: list[Migration]) -> None:
    known = {migration.version: migration.checksum for migration in wanted}
    for version, checksum in sorted(applied.items()):
        if version not in known:
            raise MigrationError(f"the database has migration {version}, which this package lacks: deploy a newer one")
        if known[version] != checksum:
            raise MigrationError(f"migration {version} was changed after it was applied: add a new one instead")


@contextmanager
def _alone(connection: Connection, schema: Schema) -> Iterator[Cursor]:
    """The lock is the connection's, and ends with it."""
    deadline = time.monotonic() + LOCK_SECONDS
    with connection.cursor() as cursor:
        while not schema.lock(cursor, LOCK):
            if time.monotonic() >= deadline:
                raise MigrationError(f"another migration has been running for {LOCK_SECONDS} s: try again later")
            time.sleep(POLL_SECONDS)
        try:
            yield cursor
        finally:
            # What failed left a transaction in which PostgreSQL does nothing more.
            connection.rollback()
            schema.unlock(cursor, LOCK)
