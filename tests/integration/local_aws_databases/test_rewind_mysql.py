"""An Aurora MySQL cluster's data go back to a moment, in place or beside it, and a lost writer is replaced."""

import time
from collections.abc import Callable
from contextlib import closing, suppress

import pymysql

from tests.integration.local_aws_databases.conftest import Cluster

SECONDS = 30


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def answers(cluster: Cluster, host: str, password: str) -> bool:
    with suppress(pymysql.MySQLError), closing(cluster.connect(host, password=password)):
        return True
    return False


def test_a_reader_takes_the_place_of_a_lost_writer(pair: Cluster) -> None:
    lost, reader = pair.writer, f"{pair.name}-1"
    pair.execute("INSERT INTO entries VALUES (1)")
    pair.aws.server.lose_instance(pair.instance(lost)["DBInstanceArn"])
    assert pair.instance(lost)["DBInstanceStatus"] == "rebooting"
    eventually(lambda: pair.writer == reader)
    password = pair.secret()["password"]
    eventually(lambda: answers(pair, pair.endpoint, password))
    pair.execute("INSERT INTO entries VALUES (2)")
    assert pair.execute("SELECT number FROM entries ORDER BY 1") == [(1,), (2,)]
    assert not answers(pair, pair.instance(lost)["Endpoint"]["Address"], password)
    pair.aws.server.bring_instance_back(pair.instance(lost)["DBInstanceArn"])
    assert pair.writer == reader
    assert pair.instance(lost)["DBInstanceStatus"] == "available"
    found = pair.execute("SELECT number FROM entries ORDER BY 1", pair.instance(lost)["Endpoint"]["Address"])
    assert found == [(1,), (2,)]
