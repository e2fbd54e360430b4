"""PostgreSQL clusters on a local AWS, and connections to them."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import psycopg

from tests.integration.local_aws_databases.conftest import Aws, Cluster

ENGINE = {"Engine": "aurora-postgresql", "EngineVersion": "17.7"}
MASTER = "payment_master"
SECONDS = 30


@dataclass(frozen=True)
class PostgreSqlCluster(Cluster):
    """A cluster, seen from outside."""

    ENGINE: ClassVar[str] = "aurora-postgresql"
    FAULTS: ClassVar[type[Exception]] = psycopg.Error

    @property
    def reader_endpoint(self) -> str:
        return str(self.described()["ReaderEndpoint"])

    def address(self, number: int) -> str:
        """The address of an instance."""
        return str(self.instance(f"{self.name}-{number}")["Endpoint"]["Address"])

    def connect(self, host: str | None = None, **options: Any) -> psycopg.Connection[Any]:
        """A connection as the master user to the cluster's endpoint, or to another host."""
        known = self.secret() if "password" not in options else {"username": MASTER}
        settings: dict[str, Any] = {"user": known["username"], "password": known.get("password"), "dbname": "payments"}
        settings |= {"sslmode": "verify-full", "sslrootcert": str(self.aws.server.database_ca_file)}
        settings |= {"port": 5432, "autocommit": True}
        return psycopg.connect(host=host or self.endpoint, **(settings | options))

    def execute(self, sql: str, host: str | None = None) -> list[tuple[Any, ...]]:
        """Executes one statement as the master user."""
        with closing(self.connect(host)) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def numbers(self, host: str | None = None) -> set[int]:
        """What is in the table `entries`."""
        return {row[0] for row in self.execute("SELECT number FROM entries", host)}

    def process(self, number: int) -> int:
        """The process of an instance."""
        folder = self.execute("SHOW data_directory", self.address(number))[0][0]
        return int((Path(folder) / "postmaster.pid").read_text().split()[0])


def make_postgresql(aws: Aws, instances: int = 1, **options: Any) -> PostgreSqlCluster:
    """Makes a cluster with so many instances, and a table `entries` if it has any."""
    cluster = PostgreSqlCluster(aws, f"postgresql-{uuid4().hex[:8]}")
    settings = {
        **ENGINE,
        "DatabaseName": "payments",
        "MasterUsername": MASTER,
        "ManageMasterUserPassword": True,
        "EnableIAMDatabaseAuthentication": True,
    }
    aws.rds.create_db_cluster(DBClusterIdentifier=cluster.name, **(settings | options))
    for number in range(instances):
        cluster.add_instance(number)
    return cluster


def eventually(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.05)
