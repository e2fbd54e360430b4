"""Schema migrations: numbered SQL files, each applied once, in order, by one process at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pymysql.connections import Connection
from pymysql.cursors import Cursor
from pymysql.err import MySQLError

from payments.credentials import Login

FOLDER = Path(__file__).resolve().parent / "migrations"
LOCK = "payment_migrations"
LOCK_SECONDS = 60
# A database without second passwords (syntax error), or a master user who may not give them (access denied).
NO_SECOND_PASSWORD = (1064, 1227)

CREATE_REGISTER = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version VARCHAR(64) NOT NULL PRIMARY KEY,
    checksum CHAR(64) NOT NULL,
    applied_at DATETIME(6) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET ascii COLLATE ascii_bin
"""
SELECT_APPLIED = "SELECT version, checksum FROM schema_migrations"
INSERT_APPLIED = "INSERT INTO schema_migrations (version, checksum, applied_at) VALUES (%s, %s, UTC_TIMESTAMP(6))"

# Entries are only ever added; of a payment only its status may change.
GRANTS = (
    "GRANT SELECT, INSERT, UPDATE (status, decided_at) ON payments TO %s@'%%'",
    "GRANT SELECT, INSERT ON ledger_entries TO %s@'%%'",
    "GRANT SELECT, INSERT, UPDATE (published_at), DELETE ON outbox TO %s@'%%'",
)


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


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """All of them, in order."""
    return [Migration(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.sql"))]


def migrate(connection: Connection[Cursor], wanted: list[Migration]) -> list[str]:
    """Applies what was not applied yet; the versions applied now.

    MySQL commits each definition by itself, so a migration that was interrupted runs again from its start: its
    statements must bear that. Raises `MigrationError`, and PyMySQL's errors.
    """
    with _alone(connection), connection.cursor() as cursor:
        cursor.execute(CREATE_REGISTER)
        cursor.execute(SELECT_APPLIED)
        applied = dict(cursor.fetchall())
        _check(applied, wanted)
        pending = [migration for migration in wanted if migration.version not in applied]
        for migration in pending:
            for statement in migration.statements():
                cursor.execute(statement)
            cursor.execute(INSERT_APPLIED, (migration.version, migration.checksum))
            connection.commit()
    return [migration.version for migration in pending]


def ensure_user(connection: Connection[Cursor], user: str, login: Login | None) -> None:
    """Makes the application's user, or gives it its present password; without a login it authenticates with IAM.

    The password of before stays valid where the database can keep two (MySQL, Aurora; MariaDB cannot).
    """
    with connection.cursor() as cursor:
        if login is None:
            # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.DBAccounts.html
            cursor.execute(
                "CREATE USER IF NOT EXISTS %s@'%%' IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS'", (user,)
            )
            cursor.execute("ALTER USER %s@'%%' REQUIRE SSL", (user,))
        else:
            cursor.execute("CREATE USER IF NOT EXISTS %s@'%%' IDENTIFIED BY %s", (user, login.password))
            _set_password(cursor, user, login.password)
        for grant in GRANTS:
            cursor.execute(grant, (user,))
    connection.commit()


def _set_password(cursor: Cursor, user: str, password: str) -> None:
    try:
        cursor.execute("ALTER USER %s@'%%' IDENTIFIED BY %s RETAIN CURRENT PASSWORD", (user, password))
    except MySQLError as error:
        if error.args[0] not in NO_SECOND_PASSWORD:
            raise
        cursor.execute("ALTER USER %s@'%%' IDENTIFIED BY %s", (user, password))
    cursor.execute("ALTER USER %s@'%%' REQUIRE SSL", (user,))


def _check(applied: dict[str, str], wanted: list[Migration]) -> None:
    known = {migration.version: migration.checksum for migration in wanted}
    for version, checksum in sorted(applied.items()):
        if version not in known:
            raise MigrationError(f"the database has migration {version}, which this package lacks: deploy a newer one")
        if known[version] != checksum:
            raise MigrationError(f"migration {version} was changed after it was applied: add a new one instead")


@contextmanager
def _alone(connection: Connection[Cursor]) -> Iterator[None]:
    """The lock is the connection's, and ends with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, %s)", (LOCK, LOCK_SECONDS))
        row = cursor.fetchone()
        if row is None or row[0] != 1:
            raise MigrationError(f"another migration has been running for {LOCK_SECONDS} s: try again later")
        try:
            yield
        finally:
            cursor.execute("SELECT RELEASE_LOCK(%s)", (LOCK,))
