"""Connections to the ledger's database, kept and replaced, and the transactions that run on them.

Every wait is bounded well below the function's 30 seconds: a call to the database takes at most 5 s, and whatever is
tried again ends 12 s after it began.
"""

from __future__ import annotations

import os
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from tenacity import RetryError, Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from payments.credentials import Credentials
from payments.engines import AURORA_MYSQL, Connection, Cursor, engine_of
from payments.observability import count, logger

CONNECT_SECONDS = 2
CALL_SECONDS = 5
RETRY_SECONDS = 12.0
LOCK_WAIT_SECONDS = 3
# Certificates of Amazon RDS, which no operating system's trust store has; the package's builder puts them here.
RDS_CERTIFICATES = Path(__file__).resolve().parent.parent / "rds_ca.pem"

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


@cache
def trusted_file(context: ssl.SSLContext) -> Path:
    """The certificates that a context trusts, in one file (PEM), as PostgreSQL's library wants them.

    On Linux it is in memory: no folder has to be writable, and nothing is left when the process is killed.
    """
    if sys.platform == "linux":
        descriptor = os.memfd_create("trusted")
        path = Path(f"/proc/self/fd/{descriptor}")
    else:
        descriptor, name = tempfile.mkstemp(prefix="trusted-", suffix=".pem")
        path = Path(name)
    certificates = context.get_ca_certs(binary_form=True)
    # The file in memory is there for as long as it is open.
    with os.fdopen(descriptor, "w", closefd=False) as file:
        file.writelines(map(ssl.DER_cert_to_PEM_cert, certificates))
    return path


class Database:
    """A database with a pool of connections; a connection on which anything failed is not used again.

    `engine` is one of `ENGINES`.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        name: str,
        credentials: Credentials,
        engine: str = AURORA_MYSQL,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self.engine = engine_of(engine)
        self._host = host
        self._port = port
        self._name = name
        self._credentials = credentials
        self._retry_seconds = retry_seconds
        self._idle: list[Connection] = []
        self._turn = threading.Lock()

    def transaction(self, work: Callable[[Cursor], Result]) -> Result:
        """The result of `work` in one committed transaction.

        `work` runs again, from its start, when the connection breaks, the writer changes or a deadlock is resolved; it
        must do so even when the commit's answer was lost, so it has to find what it wrote the first time.
        Raises `LedgerUnavailableError`, and what `work` raises.
        """
        attempts = Retrying(
            retry=retry_if_exception(self.engine.is_transient),
            stop=stop_after_delay(self._retry_seconds),
            wait=wait_random_exponential(multiplier=0.02, max=1.0),
            before_sleep=lambda state: self._failed(state.outcome.exception() if state.outcome else None),
        )
        try:
            result: Result = attempts(self._attempt, work)
            return result
        except RetryError as error:
            cause = error.last_attempt.exception()
            logger.error("database unavailable", error=self._described(cause))
            raise LedgerUnavailableError("the database cannot be reached") from cause

    def read(self, work: Callable[[Cursor], Result]) -> Result:
        """A transaction that writes nothing; the writer does these too."""
        return self.transaction(work)

    def close(self) -> None:
        """Closes the idle connections."""
        with self._turn:
            idle, self._idle = self._idle, []
        for connection in idle:
            self.engine.close(connection)

    def connect(self) -> Connection:
        """A new connection, with the first login that the database takes.

        Raises the driver's errors, and `LedgerUnavailableError` when AWS gives no credentials.
        """
        denied: Exception | None = None
        try:
            for login in self._credentials.logins():
                try:
                    return self.engine.connect(host=self._host, port=self._port, name=self._name, login=login)
                except Exception as error:
                    if not self.engine.is_denied(error):
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
    def _connection(self) -> Iterator[Connection]:
        with self._turn:
            connection = self._idle.pop() if self._idle else None
        connection = connection or self.connect()
        try:
            yield connection
        except BaseException:
            self.engine.close(connection)
            raise
        with self._turn:
            self._idle.append(connection)

    def _failed(self, error: BaseException | None) -> None:
        """After a transient error the other idle connections are as suspect as the one that broke."""
        logger.warning("database transaction tried again", error=self._described(error))
        count("DatabaseRetries")
        self.close()

    def _described(self, error: BaseException | None) -> str:
        """An error without its text, which may quote what was written."""
        return f"{type(error).__name__} {self.engine.code_of(error) if error else ''}".strip()
