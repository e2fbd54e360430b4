"""Faults of a PostgreSQL cluster: the writer changes, instances crash, restart and go. What was committed stays."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing, suppress

import psycopg
import pytest
from psycopg.errors import ReadOnlySqlTransaction

from tests.integration.local_aws_databases.conftest import Aws
from tests.integration.local_aws_databases.load import load
from tests.integration.local_aws_databases.postgresql_cluster import PostgreSqlCluster, eventually, make_postgresql

SECONDS = 20


@pytest.fixture(scope="module")
def trio(aws: Aws) -> Iterator[PostgreSqlCluster]:
    """A cluster of three instances with a table `entries`."""
    made = make_postgresql(aws, 3)
    made.execute("CREATE TABLE entries (number INT PRIMARY KEY)")
    yield made
    made.delete()


def number_of(cluster: PostgreSqlCluster) -> int:
    """The number of the instance that writes."""
    return int(cluster.writer.rpartition("-")[2])


def arrives(cluster: PostgreSqlCluster, number: int) -> None:
    """Writes a number, and waits until all instances have it."""
    cluster.execute(f"INSERT INTO entries VALUES ({number})")
    for instance in range(len(cluster.described()["DBClusterMembers"])):
        eventually(lambda instance=instance: number in cluster.numbers(cluster.address(instance)))  # type: ignore[misc]


def test_readers_have_what_was_written_and_write_nothing(trio: PostgreSqlCluster) -> None:
    arrives(trio, 1000)
    assert 1000 in trio.numbers(trio.reader_endpoint)
    with closing(trio.connect(trio.reader_endpoint)) as connection:
        with pytest.raises(ReadOnlySqlTransaction):
            connection.execute("INSERT INTO entries VALUES (1001)")
        with pytest.raises(psycopg.Error, match="cannot set transaction read-write mode during recovery"):
            connection.execute("START TRANSACTION READ WRITE")


def test_what_was_committed_is_on_the_readers_within_a_moment(trio: PostgreSqlCluster) -> None:
    delays = []
    with (
        closing(trio.connect()) as writer,
        closing(trio.connect(trio.reader_endpoint)) as reader,
    ):
        for number in range(1100, 1120):
            writer.execute("INSERT INTO entries VALUES (%s)", (number,))
            started = time.monotonic()
            while not reader.execute("SELECT 1 FROM entries WHERE number = %s", (number,)).fetchall():
                assert time.monotonic() < started + SECONDS
            delays.append(time.monotonic() - started)
    assert sorted(delays)[len(delays) // 2] < 0.5, delays


def test_a_failover_makes_a_reader_the_writer(trio: PostgreSqlCluster) -> None:
    old, before = number_of(trio), trio.numbers()
    with closing(trio.connect()) as connection:
        connection.execute("INSERT INTO entries VALUES (2000)")
        trio.aws.rds.failover_db_cluster(DBClusterIdentifier=trio.name)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert number_of(trio) != old
    assert trio.numbers() == before | {2000}
    arrives(trio, 2001)
    with pytest.raises(ReadOnlySqlTransaction):
        trio.execute("INSERT INTO entries VALUES (2002)", trio.address(old))


def test_a_failover_to_a_named_instance_and_back(trio: PostgreSqlCluster) -> None:
    first = number_of(trio)
    second = (first + 1) % 3
    for turn, target in enumerate((second, first, second)):
        name = f"{trio.name}-{target}"
        trio.aws.rds.failover_db_cluster(DBClusterIdentifier=trio.name, TargetDBInstanceIdentifier=name)
        assert number_of(trio) == target
        arrives(trio, 3000 + turn)


def test_nothing_acknowledged_is_lost_in_a_failover_under_load(trio: PostgreSqlCluster) -> None:
    with load(trio) as acknowledged:
        for _ in range(3):
            time.sleep(0.3)
            trio.aws.rds.failover_db_cluster(DBClusterIdentifier=trio.name)
            seen = len(acknowledged)
            eventually(lambda seen=seen: len(acknowledged) > seen)  # type: ignore[misc]
    assert set(acknowledged) <= trio.numbers()
    arrives(trio, 3100)


def test_an_open_transaction_does_not_hold_a_failover_up_and_is_lost(trio: PostgreSqlCluster) -> None:
    with closing(trio.connect(autocommit=False)) as connection:
        connection.execute("INSERT INTO entries VALUES (4000)")
        started = time.monotonic()
        trio.aws.rds.failover_db_cluster(DBClusterIdentifier=trio.name)
        assert time.monotonic() - started < SECONDS
        with pytest.raises(psycopg.OperationalError):
            connection.commit()
    assert 4000 not in trio.numbers()


@pytest.mark.parametrize("role", ["writer", "reader"])
def test_a_crashed_instance_comes_back_by_itself_with_its_data(trio: PostgreSqlCluster, role: str) -> None:
    number = 5000 if role == "writer" else 5010
    arrives(trio, number)
    crashed = number_of(trio) if role == "writer" else (number_of(trio) + 1) % 3
    before, process, host = trio.numbers(), trio.process(crashed), trio.address(crashed)
    os.kill(process, signal.SIGKILL)

    def answers() -> bool:
        with suppress(psycopg.OperationalError):
            return trio.numbers(host) >= before
        return False

    eventually(answers)
    assert trio.process(crashed) != process
    arrives(trio, number + 1)


def test_nothing_acknowledged_is_lost_in_a_crash_under_load_and_a_failover_after_it(trio: PostgreSqlCluster) -> None:
    trio.execute("DELETE FROM entries")
    with load(trio) as acknowledged:
        os.kill(trio.process(number_of(trio)), signal.SIGKILL)
        trio.aws.rds.failover_db_cluster(DBClusterIdentifier=trio.name)
        seen = len(acknowledged)
        eventually(lambda: len(acknowledged) > seen)
    assert set(acknowledged) <= trio.numbers()
    arrives(trio, 5100)


def test_a_lost_writer_gives_way_to_a_reader_and_comes_back_as_one(trio: PostgreSqlCluster) -> None:
    lost, host = trio.writer, trio.address(number_of(trio))
    trio.execute("DELETE FROM entries")
    with load(trio) as acknowledged:
        trio.aws.server.lose_instance(trio.instance(lost)["DBInstanceArn"])
        eventually(lambda: trio.writer != lost)
        seen = len(acknowledged)
        eventually(lambda: len(acknowledged) > seen)
    with pytest.raises(psycopg.OperationalError):
        trio.connect(host)
    trio.aws.server.bring_instance_back(trio.instance(lost)["DBInstanceArn"])
    assert trio.writer != lost
    assert set(acknowledged) <= trio.numbers()
    arrives(trio, 5200)


def test_a_reboot_restarts_the_process(trio: PostgreSqlCluster) -> None:
    for number in range(3):
        process = trio.process(number)
        trio.aws.rds.reboot_db_instance(DBInstanceIdentifier=f"{trio.name}-{number}")
        assert trio.process(number) != process
        arrives(trio, 6000 + number)


def test_a_reader_takes_over_when_the_writer_is_deleted(trio: PostgreSqlCluster) -> None:
    """The last of this module: it has one instance fewer after that, and then another one."""
    deleted, before = number_of(trio), trio.numbers()
    trio.aws.rds.delete_db_instance(DBInstanceIdentifier=f"{trio.name}-{deleted}")
    assert number_of(trio) != deleted
    assert trio.numbers() == before
    trio.execute("INSERT INTO entries VALUES (7000)")
    trio.add_instance(deleted)
    arrives(trio, 7001)
