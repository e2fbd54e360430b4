"""PostgreSQL servers on loopback, which require TLS of everyone who comes over the network."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from local_aws.databases.certificates import CertificateAuthority
from local_aws.databases.database_server import DatabaseServer
from local_aws.databases.errors import DatabaseError
from local_aws.databases.postgresql_backup import BASE, BEYOND_THE_END, LOG, copy_folder, recovery_settings
from local_aws.databases.postgresql_data import (
    Upstream,
    command_as_user,
    copy_data_folder,
    find_postgresql,
    give_to_user,
    make_data_folder,
)
from local_aws.databases.postgresql_session import Execute, superuser_session
from local_aws.databases.postgresql_settings import SETTINGS, SUPERUSER, TokenAccess, access_text, settings_text
from local_aws.databases.server_process import ServerProcess

START_SECONDS = 60.0
POLL_SECONDS = 0.02

STILL_IN_USE = "pre-existing shared memory block"
"""What a server says that is started while processes of one that was killed still end."""

PROMOTE = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote() ELSE true END"
"""Waits for up to 60 seconds (https://www.postgresql.org/docs/current/functions-admin.html)."""


class PostgreSql(DatabaseServer):
    """A PostgreSQL server. `settings` are more of postgresql.conf's; `on_exit` is called only once it had started.

    Users with the role for IAM come in with `tokens`, if these are given.
    """

    ENGINE = "postgresql"

    def __init__(
        self,
        directory: Path,
        *,
        address: str = "127.0.0.1",
        port: int = 0,
        authority: CertificateAuthority | None = None,
        also_known_as: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
        tokens: TokenAccess | None = None,
        on_exit: Callable[[], None] | None = None,
    ) -> None:
        self._programs = find_postgresql()
        super().__init__(
            directory,
            address=address,
            port=port,
            authority=authority,
            also_known_as=also_known_as,
            on_exit=on_exit,
        )
        self._settings = dict(settings or {})
        self._tokens = tokens
        self._source: Upstream | None = None
        self._recovery: dict[str, str] = {}
        self._ready = False

    @property
    def socket(self) -> Path:
        return self._runtime / f".s.PGSQL.{self.port}"

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def backup(self) -> Path:
        """With what its data can be made again as they were at any moment, if that is kept."""
        return self.directory / "backup"

    def start(self) -> None:
        """Starts it, unless it runs, and waits until it answers. Raises DatabaseError with the end of its log."""
        with self._turn:
            if self.running:
                return
            self.make()
            self._configure()
            deadline = time.monotonic() + START_SECONDS
            before = self._log_length()
            while not self._starts(deadline):
                said = self.log.read_bytes()[before:].decode(errors="replace")
                if STILL_IN_USE not in said or time.monotonic() > deadline:
                    where = f"{self.address}:{self.port} (log: {self.log})"
                    raise DatabaseError(f"PostgreSQL did not start on {where}:\n{said[-2000:]}")
                before = self._log_length()
                time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Lets it finish and end; what clients have not committed is rolled back."""
        if self.running:
            # A fast shutdown; after SIGTERM alone it would wait for its clients to go
            # (https://www.postgresql.org/docs/current/server-shutdown.html).
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGINT)
        super().stop()

    def set_read_only(self, read_only: bool) -> None:
        """Makes it refuse what writes (25006), or take it again: at once if it runs, and after a start."""
        self._read_only = read_only
        self._configure()
        if self.running:
            os.kill(self.pid, signal.SIGHUP)
            while self.execute("SHOW default_transaction_read_only") != [("on" if read_only else "off",)]:
                time.sleep(POLL_SECONDS)

    @property
    def standby(self) -> bool:
        """Whether it repeats what another does, or waits for one to repeat, and takes no writes."""
        return (self.data / "standby.signal").exists()

    @property
    def source(self) -> Upstream | None:
        """What it follows, or would if it were a standby."""
        return self._source

    def copy(self, source: Upstream) -> None:
        """Makes its data those of another server, which it follows from its start on.

        Raises DatabaseError.
        """
        with self._turn:
            self._source = source
            copy_data_folder(self.data, self._programs, source)
            (self.data / "standby.signal").touch()

    def make(self) -> None:
        """Makes its data, empty, unless it has some. Raises DatabaseError."""
        make_data_folder(self.data, self._programs, superuser=SUPERUSER)

    def recover(self, moment: datetime | None) -> None:
        """Makes its data those of its backup as they were at a moment, or at its end; it stays down.

        It is a branch of its own from then on (a new timeline). Raises DatabaseError.
        """
        with self._turn:
            shutil.rmtree(self.data, ignore_errors=True)
            copy_folder(self.backup / BASE, self.data)
            give_to_user(self.data)
            (self.data / "recovery.signal").touch()
            self._recovery = recovery_settings(self.backup / LOG, moment)
            try:
                self.start()
            except DatabaseError as error:
                if BEYOND_THE_END not in str(error):
                    raise
                # Nothing was committed after the moment.
                self._recovery = recovery_settings(self.backup / LOG, None)
                self.start()
            finally:
                self._recovery = {}
            self.stop()

    def follow(self, source: Upstream | None) -> None:
        """Makes it repeat what another server does, once that answers, and take no writes.

        Without a source it only takes no writes. It goes on from where it stands: all that it has, the source must
        have. One that took writes restarts for that.
        """
        with self._turn:
            self._source = source
            if self.running and self.standby:
                self._configure()
                os.kill(self.pid, signal.SIGHUP)
            else:
                self.stop()
                (self.data / "standby.signal").touch()
                self.start()

    def lead(self) -> None:
        """Makes it follow none any more, and take writes. Raises DatabaseError if it does not come to that."""
        with self._turn:
            self.start()
            if self.execute(PROMOTE) != [(True,)]:
                raise DatabaseError(f"PostgreSQL on {self.address}:{self.port} was not promoted (log: {self.log})")
            self._source = None

    def execute(self, sql: str, *values: object, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Executes one statement as the superuser; the rows that it gives. Raises psycopg.Error."""
        with self.session(database) as execute:
            return execute(sql, *values)

    @contextmanager
    def session(self, database: str = "postgres") -> Iterator[Execute]:
        """Executes several statements as the superuser over one connection, each committed by itself."""
        with superuser_session(self._runtime, self.port, database) as execute:
            yield execute

    def _configure(self) -> None:
        access = self._runtime / "pg_hba.conf"
        access.write_text(access_text(self._tokens))
        settings = {
            "listen_addresses": self.address,
            "port": str(self.port),
            "unix_socket_directories": str(self._runtime),
            "hba_file": str(access),
            "ssl_cert_file": str(self._certificate),
            "ssl_key_file": str(self._key),
            "default_transaction_read_only": "on" if self._read_only else "off",
            "primary_conninfo": self._source.text(self._source.password) if self._source else "",
            **SETTINGS,
            **self._settings,
            **self._recovery,
        }
        (self._runtime / "postgresql.conf").write_text(settings_text(settings))

    def _starts(self, deadline: float) -> bool:
        """Whether it answers in the end; if not, its process has ended."""
        self._ready = False
        configuration = self._runtime / "postgresql.conf"
        command = [str(self._programs.server), "-D", str(self.data), f"--config_file={configuration}"]
        self._process = process = ServerProcess(
            command_as_user(command), self.log, environment=self._programs.environment(), on_exit=self._exited
        )
        while process.running and time.monotonic() < deadline:
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(POLL_SECONDS)
            else:
                self._ready = True
                return True
        process.kill()
        return False

    def _log_length(self) -> int:
        """Bytes: what is beyond them is said by the next attempt, or by processes of a server that was killed."""
        return self.log.stat().st_size if self.log.exists() else 0

    def _exited(self) -> None:
        if self._ready and self._on_exit:
            self._on_exit()
