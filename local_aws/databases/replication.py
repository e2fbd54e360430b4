"""Replication between the instances of a cluster, by global transaction ids
(https://mariadb.com/kb/en/gtid/)."""

from ipaddress import IPv4Address

from local_aws.databases.errors import DatabaseError
from local_aws.databases.mariadb import MariaDb

USER = "rdsrepladmin"
"""Aurora's own name for it."""

CATCH_UP_SECONDS = 30

FOLLOW = """
CHANGE MASTER TO MASTER_HOST = %s, MASTER_PORT = %s, MASTER_USER = %s, MASTER_PASSWORD = %s, MASTER_SSL = 1,
MASTER_SSL_CA = %s, MASTER_SSL_VERIFY_SERVER_CERT = 1, MASTER_CONNECT_RETRY = 1, MASTER_USE_GTID = slave_pos
"""


def options(address: str) -> list[str]:
    """Options of a server that may follow another or be followed. The log is complete: it is never purged."""
    return [
        f"--server-id={int(IPv4Address(address)) & 0xFFFFFF}",
        "--log-bin=binlog",
        "--log-slave-updates=ON",
        "--binlog-format=ROW",
        "--relay-log=relay",
        "--max-binlog-size=64M",
    ]


def follow(replica: MariaDb, writer: MariaDb, password: str) -> None:
    """Makes a server refuse writes and repeat what the other does, from where it stands."""
    replica.set_read_only(True)
    with replica.session() as execute:
        execute("STOP SLAVE")
        execute("SET GLOBAL gtid_slave_pos = @@gtid_binlog_pos")
        execute(FOLLOW, writer.address, writer.port, USER, password, str(writer.ca_file))
        execute("START SLAVE")


def catch_up(replica: MariaDb, writer: MariaDb) -> None:
    """Waits until a server has all that is committed at the other. Raises DatabaseError after CATCH_UP_SECONDS."""
    position = writer.execute("SELECT @@gtid_binlog_pos")[0][0]
    if replica.execute(f"SELECT MASTER_GTID_WAIT('{position}', {CATCH_UP_SECONDS})")[0][0] != 0:
        state = replica.execute("SHOW SLAVE STATUS")
        raise DatabaseError(f"{replica.address} has not caught up with {writer.address} (GTID {position}): {state}")


def promote(replica: MariaDb, writer: MariaDb) -> None:
    """Makes a replica the writer in the other's place, which refuses writes from then on. Nothing committed is lost.

    Raises DatabaseError, with the old writer writing again, if the replica does not catch up.
    """
    writer.set_read_only(True)
    try:
        catch_up(replica, writer)
    except DatabaseError:
        writer.set_read_only(False)
        raise
    with replica.session() as execute:
        execute("STOP SLAVE")
        execute("RESET SLAVE ALL")
    replica.set_read_only(False)
