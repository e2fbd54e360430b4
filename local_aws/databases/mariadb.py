"""MariaDB servers on loopback, which require TLS of everyone who comes over the network."""

import getpass
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pymysql

from local_aws.databases.certificates import CertificateAuthority
from local_aws.databases.database_server import DatabaseServer
from local_aws.databases.errors import DatabaseError
from local_aws.databases.execute import Execute
from local_aws.databases.mariadb_data import LOG_SIZE, make_data_folder
from local_aws.databases.server_process import ServerProcess
from tap.mariadb_programs import REMEDY, MariaDbPrograms, mariadb_programs

START_SECONDS = 60.0
POLL_SECONDS = 0.02

OPTIONS = (
    "--innodb-flush-log-at-trx-commit=1",
    "--innodb-buffer-pool-size=64M",
    "--performance-schema=OFF",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
    "--skip-name-resolve",
    "--require-secure-transport=ON",
    LOG_SIZE,
)
"""What is committed is on disk, as in Aurora. The rest keeps it small, and strict about TLS."""

LOCAL_ROOT_ONLY = (
    "SET SESSION sql_log_bin = 0",
    "DELETE FROM mysql.global_priv WHERE User IN ('', 'root') AND Host <> 'localhost'",
    "FLUSH PRIVILEGES",
)
"""root has no password: it may come through the socket alone, which only this user can reach."""


class MariaDb(DatabaseServer):
    """A MariaDB server. `options` are more options of mariadbd."""

    ENGINE = "mariadb"

    def __init__(
        self,
        directory: Path,
        *,
        address: str = "127.0.0.1",
        port: int = 0,
        authority: CertificateAuthority | None = None,
        also_known_as: Sequence[str] = (),
        options: Sequence[str] = (),
        on_exit: Callable[[], None] | None = None,
    ) -> None:
        self._programs = find_mariadb()
        super().__init__(
            directory,
            address=address,
            port=port,
            authority=authority,
            also_known_as=also_known_as,
            on_exit=on_exit,
        )
        self._options = tuple(options)
        # A way to the data without spaces.
        (self._runtime / "data").symlink_to(self.directory / "data")
        # A server that starts removes all tables from its folder of temporary ones, also those of another server.
        (self._runtime / "tmp").mkdir()

    @property
    def socket(self) -> Path:
        """The socket through which root comes in."""
        return self._runtime / "s"

    def start(self) -> None:
        """Starts it, unless it runs, and waits until it answers. Raises DatabaseError with the end of its log."""
        with self._turn:
            if self.running:
                return
            fresh = not (self.directory / "data/mysql").exists()
            if fresh:
                make_data_folder(self.directory / "data", self._programs)
            self._process = ServerProcess(
                self._command(), self.log, environment=self._programs.environment(), on_exit=self._on_exit
            )
            self._wait_until_ready(self._process)
            if fresh:
                with self.session() as execute:
                    for statement in LOCAL_ROOT_ONLY:
                        execute(statement)

    def set_read_only(self, read_only: bool) -> None:
        """Makes it refuse what writes (error 1290), or take it again: at once if it runs, and after a start."""
        self._read_only = read_only
        if self.running:
            self.execute(f"SET GLOBAL read_only = {int(read_only)}")

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Executes one statement as root; the rows that it gives. Raises pymysql.MySQLError."""
        with self.session() as execute:
            return execute(sql)

    @contextmanager
    def session(self) -> Iterator[Execute]:
        """Executes several statements as root over one connection, each committed by itself."""
        connection = pymysql.connect(user="root", unix_socket=str(self.socket), autocommit=True, charset="utf8mb4")
        with closing(connection):
            yield Execute(connection)

    def _command(self) -> list[str]:
        return [
            str(self._programs.server),
            "--no-defaults",
            *self._programs.options,
            f"--user={getpass.getuser()}",
            f"--datadir={self._runtime / 'data'}",
            f"--tmpdir={self._runtime / 'tmp'}",
            f"--socket={self.socket}",
            f"--pid-file={self._runtime / 'pid'}",
            f"--bind-address={self.address}",
            f"--port={self.port}",
            f"--ssl-cert={self._certificate}",
            f"--ssl-key={self._key}",
            *OPTIONS,
            *self._options,
            *(["--read-only=ON"] if self._read_only else []),
        ]

    def _wait_until_ready(self, process: ServerProcess) -> None:
        deadline = time.monotonic() + START_SECONDS
        while process.running and time.monotonic() < deadline:
            try:
                self.execute("SELECT 1")
                return
            except pymysql.MySQLError:
                time.sleep(POLL_SECONDS)
        process.kill()
        end = self.log.read_text(errors="replace")[-2000:]
        raise DatabaseError(f"MariaDB did not start on {self.address}:{self.port} (log: {self.log}):\n{end}")


def find_mariadb() -> MariaDbPrograms:
    """MariaDB's programs. Raises DatabaseError with the remedy if they are missing."""
    found = mariadb_programs()
    if found is None:
        raise DatabaseError(f"MariaDB was not found. Run `make setup`. {REMEDY}")
    return found
