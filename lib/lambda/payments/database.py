"""Connections to the ledger's database, kept and replaced, and the transactions that run on them.

Every wait is bounded well below the function's 30 seconds: a call to the database takes at most 5 s, and whatever is
tried again ends 12 s after it began.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar

import pymysql
from botocore.exceptions import BotoCoreError, ClientError
from pymysql.connections import Connection
from pymysql.cursors import Cursor
from pymysql.err import InterfaceError, OperationalError
from tenacity import RetryError, Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from payments.credentials import Credentials, Login
from payments.observability import count, logger

CONNECT_SECONDS = 2
CALL_SECONDS = 5
RETRY_SECONDS = 12.0
LOCK_WAIT_SECONDS = 3
# Certificates of Amazon RDS, which no operating system's trust store has; the package's builder puts them here.
RDS_CERTIFICATES = Path(__file__).resolve().parent.parent / "rds_ca.pem"

# https://dev.mysql.com/doc/mysql-errors/8.0/en/client-error-reference.html: connections that fail or break.
CLIENT_ERRORS = range(2000, 3000)
# https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
ACCESS_DENIED = 1045
TRANSIENT_ERRORS = {
    1040,  # too many connections
    ACCESS_DENIED,  # also while a password changes
    1053,  # the server shuts down
    1205,  # lock wait timeout
    1213,  # deadlock
    1290,  # read-only: the writer of before a failover
    1836,  # read-only mode
    1927,  # connection killed
    3169,  # session killed
    4031,  # idle for too long
}

Result = TypeVar("Result")


class LedgerUnavailableError(Exception):
    """The database did not answer in time, for as long as it was tried; the same request may be sent again."""


@cache
def tls_context() -> ssl.SSLContext:
    """Verifies the server against the system's certificates and those of Amazon RDS."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if RDS_CERTIFICATES.exists():
        context.load_verify_locations(RDS_CERTIFICATES)
    return context


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may succeed when it is tried again on a new connection."""
    if isinstance(error, OperationalError):
        code = error.args[0] if error.args else 0
        return not isinstance(code, int) or code in CLIENT_ERRORS or code in TRANSIENT_ERRORS
    return isinstance(error, InterfaceError | OSError)


class Database:
    """A database with a pool of connections; a connection on which anything failed is not used again."""

    def __init__(
        self, *, host: str, port: int, name: str, credentials: Credentials, retry_seconds: float = RETRY_SECONDS
    ) -> None:
        self._host = host
        self._port = port
        self._name = name
        self._credentials = credentials
        self._retry_seconds = retry_seconds
        self._idle: list[Connection[Cursor]] = []
        self._turn = threading.Lock()

    def transaction(self, work: Callable[[Cursor], Result]) -> Result:
        """The result of `work` in one committed transaction.

        `work` runs again, from its start, when the connection breaks, the writer changes or a deadlock is resolved; it
        must do so even when the commit's answer was lost, so it has to find what it wrote the first time.
        Raises `LedgerUnavailableError`, and what `work` raises.
        """
        attempts = Retrying(
            retry=retry_if_exception(is_transient),
            stop=stop_after_delay(self._retry_seconds),
            wait=wait_random_exponential(multiplier=0.02, max=1.0),
            before_sleep=lambda state: self._failed(state.outcome.exception() if state.outcome else None),
        )
        try:
            result: Result = attempts(self._attempt, work)
            return result
        except RetryError as error:
            cause = error.last_attempt.exception()
            logger.error("database unavailable", error=_described(cause))
            raise LedgerUnavailableError("the database cannot be reached") from cause

    def read(self, work: Callable[[Cursor], Result]) -> Result:
        """A transaction that writes nothing; the writer does these too."""
        return self.transaction(work)

    def close(self) -> None:
        """Closes the idle connections."""
        with self._turn:
            idle, self._idle = self._idle, []
        for connection in idle:
            _close(connection)

    def connect(self) -> Connection[Cursor]:
        """A new connection, with the first login that the database takes.

        Raises PyMySQL's errors, `OSError`, and `LedgerUnavailableError` when AWS gives no credentials.
        """
        denied: OperationalError | None = None
        try:
            for login in self._credentials.logins():
                try:
                    return self._open(login)
                except OperationalError as error:
                    if error.args[0] != ACCESS_DENIED:
                        raise
                    denied = error
        except (BotoCoreError, ClientError) as error:
            raise LedgerUnavailableError("there are no credentials for the database") from error
        assert denied is not None  # Credentials give at least one login.
        raise denied

    def _attempt(self, work: Callable[[Cursor], Result]) -> Result:
        with self._connection() as connection:
            with connection.cursor() as cursor:
                result = work(cursor)
            connection.commit()
        return result

    @contextmanager
    def _connection(self) -> Iterator[Connection[Cursor]]:
        with self._turn:
            connection = self._idle.pop() if self._idle else None
        connection = connection or self.connect()
        try:
            yield connection
        except BaseException:
            _close(connection)
            raise
        with self._turn:
            self._idle.append(connection)

    def _failed(self, error: BaseException | None) -> None:
        """After a transient error the other idle connections are as suspect as the one that broke."""
        logger.warning("database transaction tried again", error=_described(error))
        count("DatabaseRetries")
        self.close()

    def _open(self, login: Login) -> Connection[Cursor]:
        connection = pymysql.connect(
            host=self._host,
            port=self._port,
            user=login.user,
            password=login.password,
            database=self._name,
            charset="utf8mb4",
            ssl=tls_context(),
            connect_timeout=CONNECT_SECONDS,
            read_timeout=CALL_SECONDS,
            write_timeout=CALL_SECONDS,
            autocommit=False,
            # Without gap locks, which would let the relay of the outbox hold up new payments.
            init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        )
        with connection.cursor() as cursor:
            cursor.execute(f"SET SESSION innodb_lock_wait_timeout = {LOCK_WAIT_SECONDS}")
        return connection


def _described(error: BaseException | None) -> str:
    """An error without its text, which may quote what was written."""
    code = error.args[0] if error and error.args and isinstance(error.args[0], int) else ""
    return f"{type(error).__name__} {code}".strip()


def _close(connection: Connection[Cursor]) -> None:
    """Closes at once; the server rolls back what was not committed."""
    connection._force_close()  # type: ignore[attr-defined]
