"""Statements of the superuser of a PostgreSQL server, who comes in through its socket."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from local_aws.databases.postgresql_settings import SUPERUSER

Execute = Callable[..., list[tuple[Any, ...]]]
"""Executes a statement; each `%s` in it stands for one of the values that follow. The rows that it gives."""


@contextmanager
def superuser_session(socket_folder: Path, port: int, database: str) -> Iterator[Execute]:
    """Executes several statements over one connection, each committed by itself. Raises psycopg.Error."""
    connection = psycopg.connect(
        host=str(socket_folder),
        port=port,
        user=SUPERUSER,
        dbname=database,
        autocommit=True,
        # Values become part of the statement: PostgreSQL takes parameters in queries alone.
        cursor_factory=psycopg.ClientCursor,
    )

    def execute(sql: str, *values: object) -> list[tuple[Any, ...]]:
        cursor = connection.execute(sql, values or None)
        return cursor.fetchall() if cursor.description else []

    with closing(connection):
        yield execute
