"""Aurora MySQL, through PyMySQL."""

from collections.abc import Sequence
from typing import cast

import pymysql
from pymysql.err import IntegrityError, InterfaceError, OperationalError

from payments import database
from payments.credentials import Login
from payments.engines import Connection, Cursor

# https://dev.mysql.com/doc/mysql-errors/8.0/en/client-error-reference.html: connections that fail or break.
CLIENT_ERRORS = range(2000, 3000)
# https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
ACCESS_DENIED = 1045
DUPLICATE_ENTRY = 1062
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


def connect(*, host: str, port: int, name: str, login: Login) -> Connection:
    """Raises PyMySQL's errors and `OSError`."""
    connection = pymysql.connect(
        host=host,
        port=port,
        user=login.user,
        password=login.password,
        database=name,
        charset="utf8mb4",
        ssl=database.tls_context(),
        connect_timeout=database.CONNECT_SECONDS,
        read_timeout=database.CALL_SECONDS,
        write_timeout=database.CALL_SECONDS,
        autocommit=False,
        # Without gap locks, which would let the relay of the outbox hold up new payments.
        init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET SESSION innodb_lock_wait_timeout = {database.LOCK_WAIT_SECONDS}, SESSION time_zone = '+00:00'"
        )
    return cast(Connection, connection)


def close(connection: Connection) -> None:
    connection._force_close()  # type: ignore[attr-defined]


def is_denied(error: BaseException) -> bool:
    return isinstance(error, OperationalError) and error.args[:1] == (ACCESS_DENIED,)


def is_transient(error: BaseException) -> bool:
    if isinstance(error, OperationalError):
        code = error.args[0] if error.args else 0
        return not isinstance(code, int) or code in CLIENT_ERRORS or code in TRANSIENT_ERRORS
    return isinstance(error, InterfaceError | OSError)


def code_of(error: BaseException) -> str:
    return str(error.args[0]) if error.args and isinstance(error.args[0], int) else ""


def insert_if_new(cursor: Cursor, statement: str, values: Sequence[object]) -> bool:
    """A refused row leaves the transaction as it was."""
    try:
        cursor.execute(statement, values)
    except IntegrityError as error:
        if error.args[0] != DUPLICATE_ENTRY:
            raise
        return False
    return True
