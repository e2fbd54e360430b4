"""A MariaDB server of one's own: killed, restarted, read-only, and gone with its process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pymysql
import pytest

from local_aws.databases import mariadb
from local_aws.databases.errors import DatabaseError
from local_aws.databases.mariadb import MariaDb
from local_aws.databases.ports import is_free


def connect(server: MariaDb, **options: Any) -> "pymysql.Connection[Any]":
    settings: dict[str, Any] = {"user": "app", "password": "secret", "ssl": {"ca": str(server.ca_file)}}
    return pymysql.connect(host=server.address, port=server.port, autocommit=True, **(settings | options))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    """A server, in a folder with a space, with a table that the user `app` may write."""
    with MariaDb.started(tmp_path_factory.mktemp("a database")) as started:
        started.execute("CREATE DATABASE ledger")
        started.execute("CREATE TABLE ledger.entries (number INT PRIMARY KEY)")
        started.execute("CREATE USER app@'%' IDENTIFIED BY 'secret'")
        started.execute("GRANT SELECT, INSERT ON ledger.* TO app@'%'")
        yield started


def test_what_is_committed_survives_kills_at_the_same_address(server: MariaDb) -> None:
    where = server.address, server.port
    for number in range(3):
        with closing(connect(server)) as connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO ledger.entries VALUES (%s)", (number,))
        server.kill()
        assert not server.running
        with pytest.raises(pymysql.OperationalError, match="refused"):
            connect(server)
        server.restart()
        assert (server.address, server.port) == where
    assert server.execute("SELECT number FROM ledger.entries WHERE number < 3 ORDER BY 1") == [(0,), (1,), (2,)]


def test_a_running_server_restarts_with_its_data(server: MariaDb) -> None:
    server.execute("REPLACE INTO ledger.entries VALUES (10)")
    before = server.pid
    server.restart()
    assert server.pid != before
    assert (10,) in server.execute("SELECT number FROM ledger.entries")


def test_read_only_refuses_writes_also_after_a_restart(server: MariaDb) -> None:
    server.set_read_only(True)
    try:
        for _ in range(2):
            with closing(connect(server)) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT COUNT(*) FROM ledger.entries")
                with pytest.raises(pymysql.OperationalError, match="1290"):
                    cursor.execute("INSERT INTO ledger.entries VALUES (20)")
            server.kill()
            server.restart()
    finally:
        server.set_read_only(False)
    with closing(connect(server)) as connection, connection.cursor() as cursor:
        assert cursor.execute("INSERT INTO ledger.entries VALUES (20)") == 1


def test_the_network_needs_tls_and_a_password(server: MariaDb) -> None:
    for options in ({"ssl": None, "ssl_disabled": True}, {"password": "wrong"}, {"user": "root", "password": ""}):
        with pytest.raises(pymysql.OperationalError, match="1045"):
            connect(server, **options)


def test_commits_are_durable_and_text_is_utf8(server: MariaDb) -> None:
    variables = "@@innodb_flush_log_at_trx_commit, @@character_set_server, @@require_secure_transport"
    assert server.execute(f"SELECT {variables}") == [(1, "utf8mb4", 1)]


def test_two_servers_side_by_side(server: MariaDb, tmp_path: Path) -> None:
    with MariaDb.started(tmp_path) as other:
        assert other.port != server.port
        assert ("ledger",) not in other.execute("SHOW DATABASES")
    assert is_free(other.address, other.port)


def test_a_port_that_is_taken_is_told_with_the_servers_own_words(server: MariaDb, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=rf"did not start on 127.0.0.1:{server.port}(.|\n)*already in use"):
        MariaDb(tmp_path, port=server.port).start()


def test_a_missing_mariadb_is_told_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mariadb, "mariadb_programs", lambda: None)
    with pytest.raises(DatabaseError, match="apt-get install mariadb-server-core"), MariaDb.started(tmp_path):
        pass


CHILD = """
import sys, time
from pathlib import Path
from local_aws.databases.mariadb import MariaDb
with MariaDb.started(Path(sys.argv[1])) as server:
    print(server.port, flush=True)
    time.sleep(600)
"""


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(mariadb.__file__).parents[2])}
    child = subprocess.Popen([sys.executable, "-c", CHILD, tmp_path], env=environment, stdout=subprocess.PIPE)
    assert child.stdout
    with child.stdout:
        port = int(child.stdout.readline())
    assert not is_free("127.0.0.1", port)
    child.send_signal(signal.SIGKILL)
    child.wait()
    deadline = time.monotonic() + 10
    while not is_free("127.0.0.1", port):
        assert time.monotonic() < deadline
        time.sleep(0.05)
