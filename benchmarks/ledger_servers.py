"""The ledger's database of either engine as a deployment has it: empty, with a master user who comes over TLS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local_aws.databases.mariadb import MariaDb
from local_aws.databases.postgresql import PostgreSql

AURORA_MYSQL, AURORA_POSTGRESQL = "aurora-mysql", "aurora-postgresql"
DATABASE = "payments"
MASTER = "admin"
CONNECTIONS = {"max_connections": "200"}
"""More than PostgreSQL's default of 100: Aurora's for an instance of the size that is deployed are thousands
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Managing.html)."""


class LedgerServer:
    """One server; `engine` is Aurora's name for it."""

    def __init__(self, engine: str, server: MariaDb | PostgreSql) -> None:
        self.engine = engine
        self.server = server

    @classmethod
    @contextmanager
    def started(cls, engine: str, directory: Path, password: str) -> Iterator[LedgerServer]:
        """It ends with this block. `password` is of the master user. Raises `DatabaseError`."""
        server = PostgreSql(directory, settings=CONNECTIONS) if engine == AURORA_POSTGRESQL else MariaDb(directory)
        try:
            server.start()
            _prepare(server, password)
            yield cls(engine, server)
        finally:
            server.close()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query of the ledger's tables gives."""
        if isinstance(self.server, PostgreSql):
            return self.server.execute(sql, database=DATABASE)
        with self.server.session() as execute:
            execute(f"USE {DATABASE}")
            return execute(sql)


def _prepare(server: MariaDb | PostgreSql, password: str) -> None:
    with server.session() as execute:
        if isinstance(server, PostgreSql):
            execute(f"CREATE ROLE {MASTER} LOGIN CREATEROLE PASSWORD %s", password)
            execute(f"CREATE DATABASE {DATABASE} OWNER {MASTER}")
            # Aurora's own role for logins with IAM, which the migrations ask for.
            execute("CREATE ROLE rds_iam")
        else:
            execute(f"CREATE DATABASE {DATABASE}")
            execute(f"CREATE USER {MASTER}@'%%' IDENTIFIED BY %s REQUIRE SSL", password)
            execute(f"GRANT ALL ON *.* TO {MASTER}@'%' WITH GRANT OPTION")
