"""Aurora MySQL's place, taken by MariaDB."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from local_aws.databases import mariadb_copy, replication, users
from local_aws.databases.certificates import CertificateAuthority
from local_aws.databases.mariadb import MariaDb
from local_aws.databases.plan import ClusterPlan, Source


class MariaDbEngine:
    """Clusters that follow one another have the same `replication_password`. See Engine for the methods."""

    def __init__(self, authority: CertificateAuthority, replication_password: str) -> None:
        self._authority = authority
        self._password = replication_password
        self._made: Counter[str] = Counter()

    def server(self, directory: Path, address: str, plan: ClusterPlan, *, on_exit: Callable[[], None]) -> MariaDb:
        generation = self._made[address]
        self._made[address] += 1
        return MariaDb(
            directory,
            address=address,
            port=plan.port,
            authority=self._authority,
            also_known_as=plan.addresses,
            options=replication.options(address, generation),
            on_exit=on_exit,
        )

    def prepare(self, server: MariaDb, source: MariaDb | Source | None) -> None:
        """The log is complete, so that a server begins with none and repeats all."""

    def follow(self, replica: MariaDb, source: MariaDb | Source) -> None:
        replication.follow(replica, source, self._password)

    def lead(self, server: MariaDb) -> None:
        replication.lead(server)

    def freeze(self, server: MariaDb) -> None:
        server.set_read_only(True)
        server.start()

    def catch_up(self, replica: MariaDb, writer: MariaDb) -> None:
        replication.catch_up(replica, writer)

    def catch_up_from_afar(self, replica: MariaDb, source: Source) -> None:
        replication.catch_up_from_afar(replica, source, self._password)

    def hand_over(self, old: MariaDb, new: MariaDb) -> None:
        replication.hand_over(old, new)

    def copy(self, source: MariaDb, moment: datetime | None, into: Path) -> None:
        mariadb_copy.copy(source, moment, into, authority=self._authority, password=self._password)

    def provide(self, writer: MariaDb, plan: ClusterPlan) -> None:
        users.provide(writer, plan, self._password)
