"""The ledger's database in PostgreSQL: one server, which is killed, and refuses writes for a while.

To its clients a writer that was changed is one that takes no writes any more, or whose connections are cut.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_aws.databases.certificates import CertificateAuthority
from local_aws.databases.postgresql import PostgreSql
from local_aws.databases.postgresql_session import Execute
from payments.engines import AURORA_POSTGRESQL
from tests.integration.payment_faults.aws_region import USER
from tests.integration.payment_faults.ledger_servers import ADDRESS, MASTER_PASSWORD, MASTER_USER

DATABASE = "payments"
READ_ONLY_SECONDS = 1.0


class PostgreSqlLedger:
    """What `LedgerServers` is with MariaDB; `writer` is the one server that there is."""

    engine = AURORA_POSTGRESQL
    open_transactions = (
        "SELECT COUNT(*) FROM pg_stat_activity"
        " WHERE xact_start IS NOT NULL AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    change = "writer read-only for a while"

    def __init__(self, directory: Path) -> None:
        authority = CertificateAuthority(directory / "authority")
        self.ca_file = authority.ca_file
        self.writer = PostgreSql(directory / "server", address=ADDRESS, authority=authority)

    @classmethod
    @contextmanager
    def started(cls, directory: Path) -> Iterator[PostgreSqlLedger]:
        """It ends with this block. It has an empty database `payments` and its master user."""
        ledger = cls(directory)
        try:
            ledger.writer.start()
            with ledger.writer.session() as execute:
                execute(f"CREATE ROLE {MASTER_USER} LOGIN CREATEROLE PASSWORD %s", MASTER_PASSWORD)
                execute(f"CREATE DATABASE {DATABASE} OWNER {MASTER_USER}")
                execute("CREATE ROLE rds_iam")
            yield ledger
        finally:
            ledger.writer.close()

    @property
    def port(self) -> int:
        return self.writer.port

    @contextmanager
    def session(self) -> Iterator[Execute]:
        """Executes statements on the ledger as a user who sees all transactions."""
        with self.writer.session(DATABASE) as execute:
            yield execute

    def set_password(self, user: str, password: str) -> None:
        """Gives a user a new password, and ends the connections it has."""
        self.writer.execute(f"ALTER ROLE {user} PASSWORD %s", password)
        self._cut(user)

    def switch_writer(self, *, cut: bool) -> None:
        """It refuses writes for a while; connections of before stay, unless they are `cut`."""
        self.writer.set_read_only(True)
        if cut:
            self._cut(USER)
        time.sleep(READ_ONLY_SECONDS)
        self.writer.set_read_only(False)

    def _cut(self, user: str) -> None:
        self.writer.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", user)

    def wait_for_reader(self) -> None:
        """There is none."""
