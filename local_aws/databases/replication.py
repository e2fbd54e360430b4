"""Replication between the instances of a cluster, and between clusters, by global transaction ids
(https://mariadb.com/kb/en/gtid/)."""

from contextlib import closing
from ipaddress import IPv4Address

import pymysql

from local_aws.databases.errors import DatabaseError
from local_aws.databases.mariadb import MariaDb
from local_aws.databases.plan import Source

USER = "rdsrepladmin"
"""Aurora's own name for it."""

CATCH_UP_SECONDS = 30

POSITION = "SELECT @@gtid_binlog_pos"

FOLLOW = """
CHANGE MASTER TO MASTER_HOST = %s, MASTER_PORT = %s, MASTER_USER = %s, MASTER_PASSWORD = %s, MASTER_SSL = 1,
MASTER_SSL_CA = %s, MASTER_SSL_VERIFY_SERVER_CERT = 1, MASTER_CONNECT_RETRY = 1, MASTER_USE_GTID = slave_pos
"""


def options(address: str, generation: int = 0) -> list[str]:
    """Options of a server that may follow another or be followed. The log is complete: it is never purged.

    A server that is made anew at an address needs a `generation` of its own, at most 255: it would take for its own,
    and leave out, what the one before wrote.
    """
    return [
        f"--server-id={generation << 24 | int(IPv4Address(address)) & 0xFFFFFF}",
        "--log-bin=binlog",
        "--log-slave-updates=ON",
        "--binlog-format=ROW",
        "--relay-log=relay",
        "--max-binlog-size=64M",
    ]


def position(server: MariaDb) -> str:
    """What a server has committed, as the last transaction's id; empty if that is nothing."""
    return str(server.execute(POSITION)[0][0])


def follow(replica: MariaDb, source: MariaDb | Source, password: str, *, until: str = "") -> None:
    """Makes a server refuse writes and repeat what the source does, from where it stands, once that answers.

    With `until` it ends that after the transaction with this id.
    """
    replica.set_read_only(True)
    with replica.session() as execute:
        execute("STOP SLAVE")
        execute("SET GLOBAL gtid_slave_pos = @@gtid_binlog_pos")
        execute(FOLLOW, source.address, source.port, USER, password, str(replica.ca_file))
        if until:
            execute("START SLAVE UNTIL MASTER_GTID_POS = %s", until)
        else:
            execute("START SLAVE")


def lead(server: MariaDb) -> None:
    """Makes a server follow none any more, and take writes."""
    with server.session() as execute:
        execute("STOP SLAVE")
        execute("RESET SLAVE ALL")
    server.set_read_only(False)


def catch_up(replica: MariaDb, writer: MariaDb) -> None:
    """Waits until a server has all that is committed at the other. Raises DatabaseError after CATCH_UP_SECONDS."""
    _wait_for(position(writer), replica, writer)


def catch_up_from_afar(replica: MariaDb, source: Source, password: str) -> None:
    """The same with whatever answers at an endpoint; without waiting where nothing does."""
    try:
        with closing(
            pymysql.connect(
                host=source.address, port=source.port, user=USER, password=password, ssl={"ca": str(replica.ca_file)}
            )
        ) as connection:
            cursor = connection.cursor()
            cursor.execute(POSITION)
            ((wanted,),) = cursor.fetchall()
    except pymysql.MySQLError:
        return
    _wait_for(wanted, replica, source)


def _wait_for(wanted: str, replica: MariaDb, writer: MariaDb | Source) -> None:
    if replica.execute(f"SELECT MASTER_GTID_WAIT('{wanted}', {CATCH_UP_SECONDS})")[0][0] != 0:
        state = replica.execute("SHOW SLAVE STATUS")
        raise DatabaseError(f"{replica.address} has not caught up with {writer.address} (GTID {wanted}): {state}")


def hand_over(old: MariaDb, new: MariaDb) -> None:
    """Ends what a server does, writing or following, and waits until its replica has all of it.

    Raises DatabaseError, with the old one doing it again, if the replica does not catch up.
    """
    followed = old.read_only
    old.set_read_only(True)
    old.execute("STOP SLAVE")
    try:
        catch_up(new, old)
    except DatabaseError:
        if followed:
            old.execute("START SLAVE")
        else:
            old.set_read_only(False)
        raise


def promote(replica: MariaDb, writer: MariaDb) -> None:
    """Makes a replica the writer in the other's place, which refuses writes from then on. Nothing committed is lost.

    Raises DatabaseError, with the old writer writing again, if the replica does not catch up.
    """
    hand_over(writer, replica)
    lead(replica)
