"""Statements over an open connection."""

from typing import Any

import pymysql


class Execute:
    """Executes statements over an open connection."""

    def __init__(self, connection: "pymysql.Connection[Any]") -> None:
        self._connection = connection

    def __call__(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows that a statement gives; each `%s` in it stands for one of the values, if there are any."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return list(cursor.fetchall())
