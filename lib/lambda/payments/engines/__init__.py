"""The databases that the ledger can be in: what differs between them, and nothing that does not."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, Self

from payments.credentials import Login

# Values of DB_ENGINE, and AWS's own names for the engines.
AURORA_MYSQL = "aurora-mysql"
AURORA_POSTGRESQL = "aurora-postgresql"
ENGINES = (AURORA_MYSQL, AURORA_POSTGRESQL)


class Cursor(Protocol):
    """What both drivers' cursors have in common (PEP 249); each `%s` in a statement stands for a value."""

    @property
    def rowcount(self) -> int: ...
    def execute(self, statement: str, values: Sequence[Any] | None = None, /) -> object: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> Sequence[Any]: ...


class Connection(Protocol):
    """What both drivers' connections have in common; the end of the block closes it."""

    def cursor(self) -> AbstractContextManager[Cursor]: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *fault: Any) -> object: ...


class Engine(Protocol):
    """A module of this package for each engine. Statements of the payment library itself serve all of them."""

    def connect(self, *, host: str, port: int, name: str, login: Login) -> Connection:
        """A connection over verified TLS, in READ COMMITTED, in UTC, on which no call takes long."""

    def close(self, connection: Connection) -> None:
        """Closes at once; the server rolls back what was not committed."""

    def is_denied(self, error: BaseException) -> bool:
        """Whether it is the login that the database did not take."""

    def is_transient(self, error: BaseException) -> bool:
        """Whether the same transaction may succeed when it is tried again on a new connection."""

    def code_of(self, error: BaseException) -> str:
        """The error's number or SQLSTATE, if it has one."""

    def insert_if_new(self, cursor: Cursor, statement: str, values: Sequence[object]) -> bool:
        """Inserts a row, unless a unique key has it already; whether it did. The transaction goes on."""


class Schema(Protocol):
    """A module of this package for each engine: what only the migrations need."""

    FOLDER: str
    CREATE_REGISTER: str

    def lock(self, cursor: Cursor, name: str) -> bool:
        """Takes the lock of this name for the connection, unless another one has it; whether it did."""

    def unlock(self, cursor: Cursor, name: str) -> None:
        """Leaves it to others."""

    def ensure_user(self, cursor: Cursor, name: str, login: Login | None) -> None:
        """Makes a user, or gives it its present password; without a login it authenticates with IAM."""

    def grant(self, cursor: Cursor, name: str, privileges: str, table: str) -> None: ...


def engine_of(name: str) -> Engine:
    """The engine of this name, whose driver is loaded only here."""
    if name == AURORA_POSTGRESQL:
        from payments.engines import postgresql

        return postgresql
    from payments.engines import mysql

    return mysql


def schema_of(name: str) -> Schema:
    if name == AURORA_POSTGRESQL:
        from payments.engines import postgresql_schema

        return postgresql_schema
    from payments.engines import mysql_schema

    return mysql_schema
