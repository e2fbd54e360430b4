"""Faults inside a worker: it dies, or loses the answer to a commit, at a chosen point of the payment's way."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

import psycopg
import pymysql
from aws_lambda_powertools.utilities.parameters import base as parameters

from payments import service, switches
from payments.engines import AURORA_POSTGRESQL

BEFORE_INSERT = "before the insert"
AFTER_INSERT = "after the insert"
BEFORE_COMMIT = "before the commit"
AFTER_COMMIT = "after the commit"
BEFORE_ANSWER = "before the answer"
AFTER_PUBLISHING = "after publishing"
KILL_POINTS = (BEFORE_INSERT, AFTER_INSERT, BEFORE_COMMIT, AFTER_COMMIT, BEFORE_ANSWER, AFTER_PUBLISHING)
LOST_COMMIT = "the commit's answer is lost"

SERVER_LOST = 2013
"""https://dev.mysql.com/doc/mysql-errors/8.0/en/client-error-reference.html"""


@dataclass
class Armed:
    """The fault that waits to happen in this process, if any, and what happened before its point was reached."""

    point: str | None = None
    inserted: bool = False
    happened: bool = False

    def arm(self, point: str | None) -> None:
        self.point, self.inserted, self.happened = point, False, False

    def reached(self, point: str) -> None:
        """Ends the process, as SIGKILL does, if this is the point."""
        if self.point == point:
            os.kill(os.getpid(), signal.SIGKILL)


armed = Armed()


def install(engine: str) -> None:
    """Puts the points around the statements and commits of the engine's driver."""
    if engine == AURORA_POSTGRESQL:
        put_around(psycopg.Cursor, psycopg.Connection, psycopg.OperationalError("the connection is lost"))
    else:
        lost = pymysql.OperationalError(SERVER_LOST, "Lost connection to MySQL server during query")
        put_around(pymysql.cursors.Cursor, pymysql.connections.Connection, lost)


def put_around(cursor_kind: Any, connection_kind: Any, lost: Exception) -> None:
    execute, commit = cursor_kind.execute, connection_kind.commit

    def execute_with_points(cursor: Any, query: str, args: Any = None) -> Any:
        inserts = query.startswith("INSERT INTO payments ")
        if inserts:
            armed.reached(BEFORE_INSERT)
        elif query.startswith("UPDATE outbox"):
            armed.reached(AFTER_PUBLISHING)
        result = execute(cursor, query, args)
        if inserts:
            armed.inserted = True
            armed.reached(AFTER_INSERT)
        return result

    def commit_with_points(connection: Any) -> None:
        writes, armed.inserted = armed.inserted, False
        if writes:
            armed.reached(BEFORE_COMMIT)
        commit(connection)
        if writes:
            armed.reached(AFTER_COMMIT)
            if armed.point == LOST_COMMIT and not armed.happened:
                armed.happened = True
                raise lost

    cursor_kind.execute = execute_with_points
    connection_kind.commit = commit_with_points


class JumpingClock(datetime):
    """The wall clock of the payment code, some hours off."""

    offset = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + cls.offset


class JumpingTime:
    """The same clock in seconds; the monotonic one does not jump."""

    monotonic = staticmethod(time.monotonic)

    @staticmethod
    def time() -> float:
        return time.time() + JumpingClock.offset.total_seconds()


def install_clock() -> None:
    """The payment code, the cache of its configuration, and the age of the Region's role read the jumping clock."""
    service.datetime = JumpingClock  # type: ignore[attr-defined]
    parameters.datetime = JumpingClock  # type: ignore[attr-defined]
    switches.time = JumpingTime  # type: ignore[assignment, attr-defined]
