"""The ledger's database for tests: a real server with the schema and the users that the migrations make."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import pymysql
import pytest

from local_aws.databases.certificates import CertificateAuthority
from local_aws.databases.mariadb import MariaDb
from local_aws.databases.postgresql import PostgreSql
from payments.credentials import Login
from payments.database import Database, tls_context
from payments.engines import AURORA_MYSQL, AURORA_POSTGRESQL, schema_of
from payments.engines.postgresql_schema import IAM_ROLE
from payments.migrations import ensure_user, migrate, migrations

MASTER = Login("admin", "the master's password")
APPLICATION = Login("payment_app", "the application's password")
NAME = "payments"
# A server on this computer, and the same one by another name that its certificate has too.
WRITER, READER = "127.0.0.1", "localhost"
TABLES = ("ledger_entries", "outbox", "payments")


class GivenCredentials:
    """Logins that are known already."""

    def __init__(self, *logins: Login) -> None:
        self._logins = logins

    def logins(self) -> Iterator[Login]:
        return iter(self._logins)


def database_at(
    port: int, *logins: Login, engine: str = AURORA_MYSQL, name: str = NAME, retry_seconds: float
) -> Database:
    """A database on this computer, whether or not there is one."""
    return Database(
        engine=engine,
        host=WRITER,
        port=port,
        name=name,
        credentials=GivenCredentials(*(logins or (APPLICATION,))),
        retry_seconds=retry_seconds,
    )


class LedgerServer:
    """A server with an up-to-date ledger, and what is in it."""

    def __init__(self, server: MariaDb | PostgreSql, engine: str) -> None:
        self.server = server
        self.engine = engine

    def execute(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Executes one statement as root; the rows that it gives."""
        if isinstance(self.server, PostgreSql):
            return self.server.execute(sql, *values, database=NAME)
        # Through the socket TLS is of no use, and preparing it takes longer than most tests.
        with (
            pymysql.connect(
                user="root",
                unix_socket=str(self.server.socket),
                database=NAME,
                autocommit=True,
                ssl_disabled=True,
                # What a failed test left locked fails the next one soon.
                init_command="SET SESSION innodb_lock_wait_timeout = 3",
            ) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(sql, values or None)
            return list(cursor.fetchall())

    @classmethod
    @contextmanager
    def started(
        cls, directory: Path, engine: str = AURORA_MYSQL, authority: CertificateAuthority | None = None
    ) -> Iterator[Self]:
        """Trusted by the payment library until the end of the block. Servers side by side have the same authority."""
        kind = PostgreSql if engine == AURORA_POSTGRESQL else MariaDb
        with kind.started(directory, authority=authority) as server:
            with pytest.MonkeyPatch.context() as environment:
                environment.setenv("SSL_CERT_FILE", str(server.ca_file))
                tls_context.cache_clear()
                tls_context()
            ledger = cls(server, engine)
            ledger._prepare()
            schema = schema_of(engine)
            with ledger.connection(MASTER) as connection:
                migrate(connection, schema, migrations(schema))
                ensure_user(connection, schema, APPLICATION.user, APPLICATION)
            yield ledger
        tls_context.cache_clear()

    def _prepare(self) -> None:
        """Makes the database and the master user as a cluster has them from the start."""
        with self.server.session() as execute:
            if isinstance(self.server, PostgreSql):
                execute(f"CREATE ROLE {IAM_ROLE}")
                execute(f"CREATE ROLE {MASTER.user} LOGIN CREATEROLE PASSWORD %s", MASTER.password)
                execute(f"GRANT {IAM_ROLE} TO {MASTER.user} WITH ADMIN OPTION")
            else:
                execute("CREATE USER %s@'%%' IDENTIFIED BY %s REQUIRE SSL", MASTER.user, MASTER.password)
                execute("GRANT ALL ON *.* TO %s@'%%' WITH GRANT OPTION", MASTER.user)
        self.create_database(NAME)

    def create_database(self, name: str) -> None:
        """Makes one more database, which is the master user's."""
        owner = f" OWNER {MASTER.user}" if self.engine == AURORA_POSTGRESQL else ""
        with self.server.session() as execute:
            execute(f"CREATE DATABASE {name}{owner}")

    def drop_database(self, name: str) -> None:
        with self.server.session() as execute:
            execute(f"DROP DATABASE {name}{' WITH (FORCE)' if self.engine == AURORA_POSTGRESQL else ''}")

    def set_password(self, login: Login) -> None:
        """Makes a user that may come into the ledger's database, or gives it this password."""
        if self.engine == AURORA_POSTGRESQL:
            if not self.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", login.user):
                self.execute(f"CREATE ROLE {login.user} LOGIN")
            self.execute(f"ALTER ROLE {login.user} PASSWORD %s", login.password)
            self.execute(f"GRANT CONNECT ON DATABASE {NAME} TO {login.user}")
        else:
            self.execute("CREATE OR REPLACE USER %s@'%%' IDENTIFIED BY %s REQUIRE SSL", login.user, login.password)
            self.execute(f"GRANT SELECT ON {NAME}.* TO %s@'%%'", login.user)

    def database(self, *logins: Login, name: str = NAME, retry_seconds: float = 10.0) -> Database:
        """The database as the payment library uses it; the application's user unless others are given."""
        return database_at(self.server.port, *logins, engine=self.engine, name=name, retry_seconds=retry_seconds)

    @contextmanager
    def connection(self, login: Login, name: str = NAME) -> Iterator[Any]:
        """One connection of this user."""
        with self.database(login, name=name).connect() as connection:
            yield connection

    def empty(self) -> None:
        """Takes everything out of the ledger, which its application cannot do."""
        for table in TABLES:
            self.execute(f"DELETE FROM {table}")

    def count(self, table: str) -> int:
        return int(self.execute(f"SELECT COUNT(*) FROM {table}")[0][0])

    def statuses(self) -> dict[str, str]:
        """By payment."""
        return dict(self.execute("SELECT payment_id, status FROM payments"))

    def entries(self) -> list[tuple[str, str, Decimal]]:
        """Account, side and amount, in the order in which they were booked."""
        return self.execute("SELECT account, side, amount FROM ledger_entries ORDER BY recorded_at, entry_number")

    def balances(self) -> dict[str, Decimal]:
        """What was booked on each account, in sum: credits less debits."""
        return dict(
            self.execute(
                "SELECT account, SUM(CASE side WHEN 'CREDIT' THEN amount ELSE -amount END) FROM ledger_entries"
                " GROUP BY account"
            )
        )

    def waiting(self) -> list[str]:
        """Types of the events that are not published, oldest first."""
        rows = self.execute("SELECT event_type FROM outbox WHERE published_at IS NULL ORDER BY sequence")
        return [str(row[0]) for row in rows]

    def let_time_pass(self, *, seconds: int) -> None:
        """Makes all events, and their publishing, that much older."""
        self.execute(
            f"UPDATE outbox SET created_at = created_at - INTERVAL '{seconds}' SECOND,"
            f" published_at = published_at - INTERVAL '{seconds}' SECOND"
        )
