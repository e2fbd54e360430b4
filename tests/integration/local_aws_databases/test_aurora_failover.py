"""Faults of a cluster: the writer changes, instances crash, restart and go. What was committed stays."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pymysql
import pytest

from tests.integration.local_aws_databases.conftest import Cluster, MakeCluster
from tests.integration.local_aws_databases.load import load

SECONDS = 10


def eventually(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def address_of(cluster: Cluster, name: str) -> str:
    return str(cluster.instance(name)["Endpoint"]["Address"])


def process_of(cluster: Cluster, name: str) -> int:
    """The process of an instance."""
    return int(Path(cluster.execute("SELECT @@pid_file", address_of(cluster, name))[0][0]).read_text())


def count(cluster: Cluster, host: str | None = None) -> int:
    return int(cluster.execute("SELECT COUNT(*) FROM entries", host)[0][0])


def test_readers_have_what_was_written_and_write_nothing(pair: Cluster) -> None:
    reader = pair.described()["ReaderEndpoint"]
    before = count(pair)
    pair.execute("INSERT INTO entries VALUES (1000)")
    eventually(lambda: count(pair, reader) == before + 1)
    with pytest.raises(pymysql.OperationalError, match="1290"):
        pair.execute("INSERT INTO entries VALUES (1001)", reader)


def test_a_failover_makes_the_reader_the_writer(pair: Cluster) -> None:
    old, before = pair.writer, count(pair)
    with closing(pair.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO entries VALUES (2000)")
        pair.aws.rds.failover_db_cluster(DBClusterIdentifier=pair.name)
        with pytest.raises(pymysql.OperationalError, match=r"2006|2013"):
            cursor.execute("SELECT 1")
    assert pair.writer != old
    assert count(pair) == before + 1
    pair.execute("INSERT INTO entries VALUES (2001)")
    with pytest.raises(pymysql.OperationalError, match="1290"):
        pair.execute("INSERT INTO entries VALUES (2002)", address_of(pair, old))
    eventually(lambda: count(pair, address_of(pair, old)) == before + 2)


def test_a_failover_to_a_named_instance_and_back(pair: Cluster) -> None:
    first = pair.writer
    (second,) = (name for name in (f"{pair.name}-0", f"{pair.name}-1") if name != first)
    for target in (second, first, second):
        pair.aws.rds.failover_db_cluster(DBClusterIdentifier=pair.name, TargetDBInstanceIdentifier=target)
        assert pair.writer == target
        pair.execute(f"REPLACE INTO entries VALUES ({3000 + (target == first)})")


def test_nothing_acknowledged_is_lost_in_a_failover_under_load(pair: Cluster) -> None:
    with load(pair) as acknowledged:
        for _ in range(3):
            time.sleep(0.3)
            pair.aws.rds.failover_db_cluster(DBClusterIdentifier=pair.name)
            seen = len(acknowledged)
            eventually(lambda seen=seen: len(acknowledged) > seen)  # type: ignore[misc]
    stored = {row[0] for row in pair.execute("SELECT number FROM entries")}
    assert set(acknowledged) <= stored


def test_an_open_transaction_does_not_hold_a_failover_up_and_is_lost(pair: Cluster) -> None:
    before = count(pair)
    with closing(pair.connect(autocommit=False)) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO entries VALUES (4000)")
        started = time.monotonic()
        pair.aws.rds.failover_db_cluster(DBClusterIdentifier=pair.name)
        assert time.monotonic() - started < SECONDS
        with pytest.raises(pymysql.OperationalError):
            connection.commit()
    assert count(pair) == before


def test_a_crashed_instance_comes_back_by_itself_with_its_data(pair: Cluster) -> None:
    pair.execute("REPLACE INTO entries VALUES (5000)")
    before, process = count(pair), process_of(pair, pair.writer)
    host, password = pair.endpoint, pair.secret()["password"]
    os.kill(process, signal.SIGKILL)

    def answers() -> bool:
        with suppress(pymysql.MySQLError), closing(pair.connect(host, password=password)):
            return True
        return False

    eventually(answers)
    assert count(pair) == before
    assert process_of(pair, pair.writer) != process
    pair.execute("INSERT INTO entries VALUES (5001)")
    eventually(lambda: count(pair, pair.described()["ReaderEndpoint"]) == before + 1)


def test_a_reboot_restarts_the_process(cluster: Cluster) -> None:
    cluster.execute("INSERT INTO entries VALUES (6000)")
    process = process_of(cluster, cluster.writer)
    cluster.aws.rds.reboot_db_instance(DBInstanceIdentifier=cluster.writer)
    assert process_of(cluster, cluster.writer) != process
    assert (6000,) in cluster.execute("SELECT number FROM entries")


def test_a_reader_takes_over_when_the_writer_is_deleted(make_cluster: MakeCluster) -> None:
    made = make_cluster(2)
    made.execute("CREATE TABLE entries (number INT PRIMARY KEY)")
    made.execute("INSERT INTO entries VALUES (1)")
    made.aws.rds.delete_db_instance(DBInstanceIdentifier=f"{made.name}-0")
    made.execute("INSERT INTO entries VALUES (2)")
    assert made.writer == f"{made.name}-1"
    assert count(made) == count(made, made.described()["ReaderEndpoint"]) == 2
    made.delete()
