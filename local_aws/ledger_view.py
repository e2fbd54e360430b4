"""The ledger of a deployment on the local AWS, read as its administrator."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from decimal import Decimal
from typing import Any, NamedTuple

import psycopg
import pymysql

from local_aws.server import LocalAws


class Balance(NamedTuple):
    """What was booked in one currency, in its units."""

    currency: str
    payments: int
    debits: Decimal
    credits: Decimal


class LedgerView:
    """Queries over TLS at the cluster's endpoint, with the master password that the cluster has in Secrets Manager."""

    def __init__(self, aws: LocalAws, secrets: Any, outputs: Mapping[str, Any]) -> None:
        secret = json.loads(secrets.get_secret_value(SecretId=outputs["database_secret_arn"])["SecretString"])
        self._login = {
            "host": outputs["database_endpoint"],
            "user": secret["username"],
            "password": secret["password"],
            "autocommit": True,
        }
        self._postgresql = outputs["database_engine"] == "aurora-postgresql"
        self._ca_file = str(aws.database_ca_file)

    def balances(self) -> list[Balance]:
        """Debits and credits by currency; a balanced ledger has them equal."""
        rows = self.query(
            "SELECT currency, COUNT(DISTINCT payment_id), SUM(CASE side WHEN 'DEBIT' THEN amount ELSE 0 END),"
            " SUM(CASE side WHEN 'CREDIT' THEN amount ELSE 0 END) FROM ledger_entries"
            " GROUP BY currency ORDER BY currency"
        )
        return [Balance(*row) for row in rows]

    def statuses(self) -> dict[str, int]:
        """Number of payments by status."""
        return dict(self.query("SELECT status, COUNT(*) FROM payments GROUP BY status ORDER BY status"))

    def unpublished(self) -> int:
        """Events that wait in the outbox."""
        return int(self.query("SELECT COUNT(*) FROM outbox WHERE published_at IS NULL")[0][0])

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows that one statement gives. Raises the driver's errors."""
        with self._connection() as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        connection: Any
        if self._postgresql:
            connection = psycopg.connect(
                **self._login, port=5432, dbname="payments", sslmode="verify-full", sslrootcert=self._ca_file
            )
        else:
            trusted = ssl.create_default_context(cafile=self._ca_file)
            connection = pymysql.connect(**self._login, port=3306, database="payments", ssl=trusted)
        with closing(connection):
            yield connection
