"""What tests have to know of the ledger's engines: drivers, errors and a few statements."""

from dataclasses import dataclass
from typing import Any

import psycopg
import pymysql
import pytest

from payments.engines import AURORA_MYSQL, AURORA_POSTGRESQL, ENGINES

both_engines = pytest.mark.parametrize("engine", ENGINES, indirect=True)
"""Runs a test, or all those of a module, for each engine."""


@dataclass(frozen=True)
class Driver:
    """Errors are of the driver's own kinds. Codes are as the payment library logs them, after the error's name."""

    connection: type[Any]
    cursor: type[Any]
    error: type[Exception]
    integrity_error: type[Exception]
    lost: Exception
    lost_code: str
    read_only: str
    deadlock: str
    lock_timeout: str
    unreachable: str
    missing_value: str
    denied: str
    session_id: str
    sessions: str
    end_session: str
    tables: str


DRIVERS = {
    AURORA_MYSQL: Driver(
        connection=pymysql.connections.Connection,
        cursor=pymysql.cursors.Cursor,
        error=pymysql.MySQLError,
        integrity_error=pymysql.IntegrityError,
        lost=pymysql.OperationalError(2013, "Lost connection to MySQL server during query"),
        lost_code="OperationalError 2013",
        read_only="OperationalError 1290",
        deadlock="OperationalError 1213",
        lock_timeout="OperationalError 1205",
        unreachable="OperationalError 2003",
        missing_value="1048",
        denied="denied",
        session_id="SELECT CONNECTION_ID()",
        sessions="SELECT id FROM information_schema.processlist WHERE user <> 'root'",
        end_session="KILL {}",
        tables="SHOW TABLES",
    ),
    AURORA_POSTGRESQL: Driver(
        connection=psycopg.Connection,
        cursor=psycopg.Cursor,
        error=psycopg.Error,
        integrity_error=psycopg.IntegrityError,
        lost=psycopg.OperationalError("server closed the connection unexpectedly"),
        lost_code="OperationalError",
        read_only="ReadOnlySqlTransaction 25006",
        deadlock="DeadlockDetected 40P01",
        lock_timeout="LockNotAvailable 55P03",
        unreachable="OperationalError",
        missing_value="23502",
        denied="permission denied|must be owner",
        session_id="SELECT pg_backend_pid()",
        sessions="SELECT pid FROM pg_stat_activity WHERE usename = 'payment_app'",
        end_session="SELECT pg_terminate_backend({})",
        tables="SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
    ),
}
