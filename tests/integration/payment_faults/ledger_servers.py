"""The ledger's database with a writer that changes: two servers, and one endpoint that leads to the writer.

Aurora's instances share their storage, so that a new writer has all that the old one committed. Here the other server
replicates, and becomes the writer only when it has everything.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_aws.databases import replication
from local_aws.databases.certificates import CertificateAuthority
from local_aws.databases.execute import Execute
from local_aws.databases.mariadb import MariaDb
from local_aws.databases.ports import free_port
from local_aws.databases.splice import Splices
from payments.engines import AURORA_MYSQL

ADDRESS = "127.0.0.1"
MASTER_USER, MASTER_PASSWORD = "admin", "Master-Password-Of-The-Faults-1"
MASTER_PRIVILEGES = "CREATE USER, CREATE, ALTER, INDEX, REFERENCES, SELECT, INSERT, UPDATE, DELETE"
REPLICATION_PASSWORD = "Replication-Password-Of-The-Faults-1"
OPEN_TRANSACTIONS = "SELECT COUNT(*) FROM information_schema.innodb_trx"


class Endpoint:
    """An address whose connections lead to one server; it runs on a thread of its own."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.port = free_port(ADDRESS)
        self._splices = Splices([target])
        self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(self._splices.listen(ADDRESS, self.port))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def lead_to(self, target: tuple[str, int], *, cut: bool) -> None:
        """New connections lead to `target`. Those of before are cut, or stay with the server they have."""

        def lead() -> None:
            if cut:
                self._splices.lead_to([target])
            else:
                self._splices.targets = [target]

        self._loop.call_soon_threadsafe(lead)

    def close(self) -> None:
        def end() -> None:
            self._splices.close()
            self._loop.call_later(0.1, self._loop.stop)

        self._loop.call_soon_threadsafe(end)
        self._thread.join()
        self._loop.close()


class LedgerServers:
    """The pair. `writer` is the one that takes payments now; `port` the endpoint's."""

    engine = AURORA_MYSQL
    open_transactions = OPEN_TRANSACTIONS
    change = "writer changed"

    def __init__(self, directory: Path) -> None:
        self._authority = CertificateAuthority(directory / "authority")
        self.ca_file = self._authority.ca_file
        self.writer, self.reader = (self._server(directory / f"server-{number}", number) for number in (1, 2))
        self._endpoint = Endpoint(self._address())

    @classmethod
    @contextmanager
    def started(cls, directory: Path) -> Iterator[LedgerServers]:
        """They end with this block. The writer has an empty database `payments` and its master user."""
        servers = cls(directory)
        try:
            servers._start()
            yield servers
        finally:
            servers._endpoint.close()
            servers.writer.close()
            servers.reader.close()

    @property
    def port(self) -> int:
        return self._endpoint.port

    @contextmanager
    def session(self) -> Iterator[Execute]:
        """Executes statements on the ledger as a user who sees all transactions."""
        with self.writer.session() as execute:
            execute("USE payments")
            yield execute

    def set_password(self, user: str, password: str) -> None:
        """Gives a user a new password, and ends the connections it has."""
        with self.writer.session() as execute:
            execute(f"ALTER USER {user}@'%%' IDENTIFIED BY %s", password)
            execute(f"KILL USER {user}")

    def switch_writer(self, *, cut: bool) -> None:
        """The reader becomes the writer; the old one turns read-only, and keeps its connections unless `cut`."""
        old, new = self.writer, self.reader
        replication.promote(new, old)
        self.writer, self.reader = new, old
        self._endpoint.lead_to(self._address(), cut=cut)
        replication.follow(old, new, REPLICATION_PASSWORD)

    def wait_for_reader(self) -> None:
        """Waits until the reader has all that the writer committed. Raises DatabaseError."""
        replication.catch_up(self.reader, self.writer)

    def _address(self) -> tuple[str, int]:
        return self.writer.address, self.writer.port

    def _server(self, directory: Path, number: int) -> MariaDb:
        options = [
            *replication.options(ADDRESS),
            f"--server-id={number}",
            "--skip-slave-start",
            "--slave-net-timeout=4",
        ]
        return MariaDb(directory, address=ADDRESS, authority=self._authority, options=options)

    def _start(self) -> None:
        for server in (self.writer, self.reader):
            server.start()
        self.writer.execute("RESET MASTER")
        self.reader.execute("RESET MASTER")
        with self.writer.session() as execute:
            execute("CREATE DATABASE payments")
            execute(f"CREATE USER {MASTER_USER}@'%%' IDENTIFIED BY %s REQUIRE SSL", MASTER_PASSWORD)
            execute(f"GRANT {MASTER_PRIVILEGES} ON *.* TO {MASTER_USER}@'%' WITH GRANT OPTION")
            execute(f"CREATE USER {replication.USER}@'%%' IDENTIFIED BY %s REQUIRE SSL", REPLICATION_PASSWORD)
            execute(f"GRANT REPLICATION SLAVE ON *.* TO {replication.USER}@'%'")
        replication.follow(self.reader, self.writer, REPLICATION_PASSWORD)
        self.wait_for_reader()
