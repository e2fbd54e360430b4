"""A PostgreSQL server of one's own: killed, restarted, read-only, and gone with its process."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.errors import ReadOnlySqlTransaction

from local_aws.databases import postgresql, postgresql_data
from local_aws.databases.errors import DatabaseError
from local_aws.databases.ports import is_free
from local_aws.databases.postgresql import PostgreSql
from local_aws.databases.postgresql_settings import SUPERUSER


def connect(server: PostgreSql, **options: Any) -> "psycopg.Connection[tuple[Any, ...]]":
    settings: dict[str, Any] = {"user": "app", "password": "secret", "dbname": "postgres"}
    settings |= {"sslmode": "verify-full", "sslrootcert": str(server.ca_file)}
    return psycopg.connect(host=server.address, port=server.port, autocommit=True, **(settings | options))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSql]:
    """A server, in a folder with a space, with a table that the user `app` may write."""
    with PostgreSql.started(tmp_path_factory.mktemp("a database")) as started, started.session() as execute:
        execute("CREATE TABLE entries (number INT PRIMARY KEY)")
        execute("CREATE ROLE app LOGIN PASSWORD %s", "secret")
        execute("GRANT SELECT, INSERT ON entries TO app")
        yield started


def test_what_is_committed_survives_kills_at_the_same_address(server: PostgreSql) -> None:
    where = server.address, server.port
    for number in range(3):
        with closing(connect(server)) as connection:
            connection.execute("INSERT INTO entries VALUES (%s)", (number,))
            server.kill()
        assert not server.running
        with pytest.raises(psycopg.OperationalError, match="refused"):
            connect(server)
        server.restart()
        assert (server.address, server.port) == where
    assert server.execute("SELECT number FROM entries WHERE number < 3 ORDER BY 1") == [(0,), (1,), (2,)]


def test_a_killed_server_starts_though_a_client_of_it_is_busy(server: PostgreSql) -> None:
    with closing(connect(server)) as connection:
        busy = threading.Thread(target=_interrupted, args=(connection, "SELECT count(*) FROM generate_series(1, 3e6)"))
        busy.start()
        time.sleep(0.2)
        server.kill()
        server.start()
        busy.join()
    assert server.execute("SELECT 1") == [(1,)]


def _interrupted(connection: "psycopg.Connection[Any]", sql: str) -> None:
    with suppress(psycopg.OperationalError):
        connection.execute(sql)


def test_a_running_server_restarts_with_its_data_and_does_not_wait_for_clients(server: PostgreSql) -> None:
    server.execute("INSERT INTO entries VALUES (10)")
    before = server.pid
    with closing(connect(server)):
        server.restart()
    assert server.pid != before
    assert (10,) in server.execute("SELECT number FROM entries")


def test_read_only_refuses_writes_also_after_a_restart(server: PostgreSql) -> None:
    with closing(connect(server)) as before:
        server.set_read_only(True)
        with pytest.raises(ReadOnlySqlTransaction):
            before.execute("INSERT INTO entries VALUES (20)")
    try:
        for _ in range(2):
            with closing(connect(server)) as connection:
                connection.execute("SELECT COUNT(*) FROM entries")
                with pytest.raises(ReadOnlySqlTransaction):
                    connection.execute("INSERT INTO entries VALUES (20)")
            server.kill()
            server.restart()
    finally:
        server.set_read_only(False)
    with closing(connect(server)) as connection:
        assert connection.execute("INSERT INTO entries VALUES (20)").rowcount == 1


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"sslmode": "disable"}, "no encryption"),
        ({"password": "wrong"}, "password authentication failed"),
        ({"user": SUPERUSER}, "pg_hba.conf rejects connection"),
        ({"sslrootcert": "system"}, "certificate verify failed"),
    ],
)
def test_the_network_needs_tls_and_a_password(server: PostgreSql, options: dict[str, str], reason: str) -> None:
    with pytest.raises(psycopg.OperationalError, match=reason):
        connect(server, **options)


def test_commits_are_durable_and_text_is_utf8(server: PostgreSql) -> None:
    names = ("fsync", "synchronous_commit", "server_encoding", "lc_collate", "TimeZone")
    with server.session() as execute:
        assert [execute(f"SHOW {name}")[0][0] for name in names] == ["on", "on", "UTF8", "C", "UTC"]


def test_two_servers_side_by_side(server: PostgreSql, tmp_path: Path) -> None:
    with PostgreSql.started(tmp_path) as other:
        assert other.port != server.port
        assert other.execute("SELECT 1 FROM pg_tables WHERE tablename = %s", "entries") == []
    assert is_free(other.address, other.port)


def test_a_port_that_is_taken_is_told_with_the_servers_own_words(server: PostgreSql, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=rf"did not start on 127.0.0.1:{server.port}(.|\n)*already in use"):
        PostgreSql(tmp_path, port=server.port).start()


def test_its_owner_is_told_of_its_end_and_not_of_a_start_that_failed(server: PostgreSql, tmp_path: Path) -> None:
    ended = threading.Event()
    with pytest.raises(DatabaseError):
        PostgreSql(tmp_path / "taken", port=server.port, on_exit=ended.set).start()
    assert not ended.is_set()
    watched = PostgreSql(tmp_path / "watched", on_exit=ended.set)
    watched.start()
    os.kill(watched.pid, signal.SIGKILL)
    assert ended.wait(10)
    watched.close()


def test_a_data_folder_whose_making_was_interrupted_is_made_anew(tmp_path: Path) -> None:
    with PostgreSql.started(tmp_path) as first:
        first.execute("CREATE TABLE kept (number INT)")
    (tmp_path / "data.unfinished").touch()
    with PostgreSql.started(tmp_path) as second:
        assert second.execute("SELECT 1 FROM pg_tables WHERE tablename = 'kept'") == []


def test_a_missing_postgresql_is_told_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql_data, "postgresql_programs", lambda: None)
    with pytest.raises(DatabaseError, match="apt-get install postgresql"), PostgreSql.started(tmp_path):
        pass


def test_root_runs_it_as_another_user_and_is_told_if_it_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert postgresql_data.command_as_user(["postgres"]) == ["postgres"]
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/setpriv")
    assert postgresql_data.command_as_user(["postgres"])[-2:] == ["--", "postgres"]
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(DatabaseError, match="Install util-linux"):
        postgresql_data.command_as_user(["postgres"])


CHILD = """
import sys, time
from pathlib import Path
from local_aws.databases.postgresql import PostgreSql
with PostgreSql.started(Path(sys.argv[1])) as server:
    print(server.port, flush=True)
    time.sleep(600)
"""


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(postgresql.__file__).parents[2])}
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
