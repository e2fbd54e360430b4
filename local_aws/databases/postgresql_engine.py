"""Aurora PostgreSQL's place, taken by PostgreSQL with streaming replication
(https://www.postgresql.org/docs/current/warm-standby.html).

Servers that follow are byte for byte what the other is. One that took writes follows another only if that has all of
them: so it is stopped from writing first, what follows it then gets the rest, and only after that is another promoted.
"""

import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import psycopg

from local_aws.databases import cluster_logins, postgresql_users
from local_aws.databases.certificates import CertificateAuthority
from local_aws.databases.errors import DatabaseError
from local_aws.databases.ldap_verifier import LdapVerifier
from local_aws.databases.plan import ClusterPlan, Source
from local_aws.databases.postgresql import POLL_SECONDS, PostgreSql
from local_aws.databases.postgresql_backup import keep_base, keep_log, share
from local_aws.databases.postgresql_data import Upstream, has_data
from local_aws.databases.postgresql_settings import TokenAccess

COPY_SECONDS = 30
CATCH_UP_SECONDS = 30

SETTINGS = {
    # The log is complete, so that a server that was away for long can go on.
    "wal_keep_size": "1000GB",
    "wal_retrieve_retry_interval": "50ms",
    "wal_receiver_status_interval": "1s",
    "max_wal_senders": "20",
    "hot_standby_feedback": "on",
}
POSITION = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END"
"""What a server has committed, or repeated."""

REACHED = "SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= %s::pg_lsn"


class PostgreSqlEngine:
    """Clusters that follow one another have the same `replication_password`. See Engine for the methods."""

    def __init__(self, authority: CertificateAuthority, replication_password: str, logins: LdapVerifier) -> None:
        self._authority = authority
        self._password = replication_password
        self._logins = logins

    def server(self, directory: Path, address: str, plan: ClusterPlan, *, on_exit: Callable[[], None]) -> PostgreSql:
        return PostgreSql(
            directory,
            address=address,
            port=plan.port,
            authority=self._authority,
            also_known_as=plan.addresses,
            settings=SETTINGS,
            tokens=TokenAccess(
                port=self._logins.port,
                prefix=cluster_logins.PREFIX,
                suffix=f"{cluster_logins.BETWEEN}{plan.address}",
                master_user=plan.username,
            ),
            on_exit=on_exit,
        )

    def prepare(self, server: PostgreSql, source: PostgreSql | Source | None) -> None:
        """Copies the source, also the backup of another instance, which goes further back."""
        if has_data(server.data):
            return
        if source is None:
            server.make()
        else:
            self._copy_once_it_answers(server, source)
        if isinstance(source, PostgreSql):
            keep_log(source.data, source.backup)
            share(source.backup, server.backup)
        else:
            keep_base(server.data, server.backup)

    def follow(self, replica: PostgreSql, source: PostgreSql | Source) -> None:
        replica.follow(self._upstream(source))

    def lead(self, server: PostgreSql) -> None:
        server.lead()

    def freeze(self, server: PostgreSql) -> None:
        server.follow(None)

    def catch_up(self, replica: PostgreSql, writer: PostgreSql) -> None:
        _wait_for(writer.execute(POSITION)[0][0], replica, writer)

    def catch_up_from_afar(self, replica: PostgreSql, source: Source) -> None:
        try:
            with closing(psycopg.connect(f"{self._upstream(source).text(self._password)} dbname=postgres")) as found:
                row = found.execute(POSITION).fetchone()
        except psycopg.OperationalError:
            return
        assert row
        _wait_for(row[0], replica, source)

    def hand_over(self, old: PostgreSql, new: PostgreSql) -> None:
        followed = old.source
        old.follow(None)
        try:
            self.catch_up(new, old)
        except DatabaseError:
            if followed:
                old.follow(followed)
            else:
                old.lead()
            raise

    def copy(self, source: PostgreSql, moment: datetime | None, into: Path) -> None:
        """To the microsecond."""
        keep_log(source.data, source.backup)
        server = PostgreSql(into, authority=self._authority, settings=SETTINGS)
        try:
            share(source.backup, server.backup)
            server.recover(moment)
        finally:
            server.close()

    def provide(self, writer: PostgreSql, plan: ClusterPlan) -> None:
        postgresql_users.provide(writer, plan, self._password)

    def _copy_once_it_answers(self, server: PostgreSql, source: PostgreSql | Source) -> None:
        """For a while also again, as the writer behind an endpoint may be changing."""
        deadline = time.monotonic() + COPY_SECONDS
        while True:
            try:
                server.copy(self._upstream(source))
                return
            except DatabaseError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(POLL_SECONDS)

    def _upstream(self, source: PostgreSql | Source) -> Upstream:
        user = postgresql_users.REPLICATION_USER
        return Upstream(source.address, source.port, user, self._password, self._authority.ca_file)


def _wait_for(position: str, replica: PostgreSql, writer: PostgreSql | Source) -> None:
    """Waits until a server has repeated the log up to there. Raises DatabaseError after CATCH_UP_SECONDS."""
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while replica.execute(REACHED, position) != [(True,)]:
        if time.monotonic() > deadline:
            state = replica.execute(POSITION)[0][0]
            raise DatabaseError(f"{replica.address} has not caught up with {writer.address}: {state}, not {position}")
        time.sleep(POLL_SECONDS)
