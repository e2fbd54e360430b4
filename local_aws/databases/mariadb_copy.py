"""Copies of a MariaDB server's data as they were at a moment: its log is complete, and repeated up to there."""

from datetime import datetime
from pathlib import Path

from local_aws.databases import replication
from local_aws.databases.addresses import free_address
from local_aws.databases.binary_log import position_at
from local_aws.databases.certificates import CertificateAuthority
from local_aws.databases.errors import DatabaseError
from local_aws.databases.mariadb import MariaDb

SECONDS = 300
"""How long a copy may take; a core repeats some thousand small transactions a second."""

FAST = ("--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0")
"""Nobody is told yet that something is committed there."""


def copy(
    source: MariaDb, moment: datetime | None, into: Path, *, authority: CertificateAuthority, password: str
) -> None:
    """See Engine.copy, and `position_at` for how exact the moment is."""
    position = position_at(source.directory / "data", moment) if moment else replication.position(source)
    address = free_address(source.port)
    options = (*replication.options(address), *FAST)
    server = MariaDb(into, address=address, port=source.port, authority=authority, options=options)
    try:
        server.start()
        if position:
            _repeat(server, source, password, position)
        server.stop()
    finally:
        server.close()


def _repeat(server: MariaDb, source: MariaDb, password: str, position: str) -> None:
    replication.follow(server, source, password, until=position)
    if server.execute(f"SELECT MASTER_GTID_WAIT('{position}', {SECONDS})") != [(0,)]:
        state = server.execute("SHOW SLAVE STATUS")
        raise DatabaseError(f"{source.address} could not be copied up to {position}: {state}")
    replication.lead(server)
