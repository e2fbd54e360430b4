"""Aurora PostgreSQL, through psycopg."""

from collections.abc import Sequence
from typing import Any, cast

import psycopg
from psycopg.abc import PQGen

from payments import database
from payments.credentials import Login
from payments.engines import Connection, Cursor

# https://www.postgresql.org/docs/current/errcodes-appendix.html
CONNECTION_CLASS = "08"
TRANSIENT_STATES = {
    "25006",  # read-only: the writer of before a failover
    "40001",  # serialization failure
    "40P01",  # deadlock
    "53300",  # too many connections
    "55P03",  # lock wait timeout
    "57014",  # a statement that took too long
    "57P01",  # the server shuts down, or an administrator ended the session
    "57P02",  # the server ends after a crash of one of its processes
    "57P03",  # the server starts, or shuts down
    "57P05",  # idle for too long
}


class _BoundedConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection on which no answer is waited for longer than a call may take, also from a server that hangs."""

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        return super().wait(gen, interval=interval, timeout=timeout or database.CALL_SECONDS)


def connect(*, host: str, port: int, name: str, login: Login) -> Connection:
    """Raises psycopg's errors."""
    limits = {
        "statement_timeout": f"{database.CALL_SECONDS * 1000:.0f}",
        "lock_timeout": f"{database.LOCK_WAIT_SECONDS * 1000:.0f}",
        "default_transaction_isolation": r"read\ committed",
        "timezone": "UTC",
    }
    connection = _BoundedConnection.connect(
        host=host,
        port=port,
        user=login.user,
        password=login.password,
        dbname=name,
        sslmode="verify-full",
        sslrootcert=str(database.trusted_file(database.tls_context())),
        ssl_min_protocol_version="TLSv1.2",
        gssencmode="disable",
        connect_timeout=database.CONNECT_SECONDS,
        options=" ".join(f"-c {setting}={value}" for setting, value in limits.items()),
    )
    return cast(Connection, connection)


def close(connection: Connection) -> None:
    cast("psycopg.Connection[Any]", connection).close()


def is_denied(error: BaseException) -> bool:
    """A connection that fails has no SQLSTATE; but it is known whether the server had asked for the password.

    https://www.postgresql.org/docs/current/libpq-status.html#LIBPQ-PQCONNECTIONUSEDPASSWORD
    """
    return isinstance(error, psycopg.OperationalError) and bool(error.pgconn and error.pgconn.used_password)


def is_transient(error: BaseException) -> bool:
    """An operational error without SQLSTATE is a connection that fails or breaks."""
    if isinstance(error, psycopg.Error) and error.sqlstate:
        return error.sqlstate in TRANSIENT_STATES or error.sqlstate.startswith(CONNECTION_CLASS)
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError | OSError)


def code_of(error: BaseException) -> str:
    return (isinstance(error, psycopg.Error) and error.sqlstate) or ""


def insert_if_new(cursor: Cursor, statement: str, values: Sequence[object]) -> bool:
    """A refused row would end the transaction, so that none is refused."""
    cursor.execute(f"{statement} ON CONFLICT DO NOTHING", values)
    return cursor.rowcount == 1
