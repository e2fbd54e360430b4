"""MariaDB servers on loopback, which require TLS of everyone who comes over the network."""

import getpass
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pymysql

from local_aws.databases.certificates import CertificateAuthority
from local_aws.databases.errors import DatabaseError
from local_aws.databases.execute import Execute
from local_aws.databases.ports import free_port
from local_aws.databases.server_process import ServerProcess
from local_aws.process_folders import process_folder
from tap.mariadb_programs import REMEDY, MariaDbPrograms, mariadb_programs

START_SECONDS = 60.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.02
SOCKET_PATH_LIMIT = 103
"""Bytes of a socket's path that all systems take (macOS; Linux takes 4 more)."""

OPTIONS = (
    "--innodb-flush-log-at-trx-commit=1",
    "--innodb-buffer-pool-size=64M",
    "--performance-schema=OFF",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
    "--skip-name-resolve",
    "--require-secure-transport=ON",
    "--innodb-log-file-size=32M",
)
"""What is committed is on disk, as in Aurora. The rest keeps it small, and strict about TLS."""

LOCAL_ROOT_ONLY = (
    "SET SESSION sql_log_bin = 0",
    "DELETE FROM mysql.global_priv WHERE User IN ('', 'root') AND Host <> 'localhost'",
    "FLUSH PRIVILEGES",
)
"""root has no password: it may come through the socket alone, which only this user can reach."""


class MariaDb:
    """One server, with its data in `directory`: made when there is none, else used as it is.

    It has an IP address of this computer and a port, which it keeps over restarts. Its certificate is for this address
    and those in `also_known_as`. `options` are more options of mariadbd. `on_exit` is called when its process has
    ended, for whatever reason.
    """

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
        self.directory = directory.resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.address = address
        self.port = port or free_port(address)
        self._read_only = False
        self._options = tuple(options)
        self._on_exit = on_exit
        authority = authority or CertificateAuthority(self.directory / "authority")
        self.ca_file = authority.ca_file
        names = ["localhost"] if address == "127.0.0.1" else []
        self._certificate, self._key = authority.issue(names, [address, *also_known_as])
        self._programs = find_mariadb()
        self._process: ServerProcess | None = None
        self._turn = threading.RLock()
        # Short, without spaces, for this user alone: the place of the socket, and a way to the data.
        self._runtime = process_folder("mariadb")
        (self._runtime / "data").symlink_to(self.directory / "data")
        # A server that starts removes all tables from its folder of temporary ones, also those of another server.
        (self._runtime / "tmp").mkdir()
        if len(str(self.socket)) > SOCKET_PATH_LIMIT:
            raise DatabaseError(f"{self.socket} is too long for a socket: set TMPDIR to a shorter folder")

    @classmethod
    @contextmanager
    def started(
        cls,
        directory: Path,
        *,
        address: str = "127.0.0.1",
        port: int = 0,
        authority: CertificateAuthority | None = None,
    ) -> Iterator["MariaDb"]:
        """A server that ends with this block, and with this process however it ends.

        Port 0 stands for a free one. Without an authority it has one of its own. Raises DatabaseError.
        """
        server = cls(directory, address=address, port=port, authority=authority)
        try:
            server.start()
            yield server
        finally:
            server.close()

    @property
    def socket(self) -> Path:
        """The socket through which root comes in."""
        return self._runtime / "s"

    @property
    def read_only(self) -> bool:
        return self._read_only

    @property
    def log(self) -> Path:
        return self.directory / "server.log"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    @property
    def pid(self) -> int:
        assert self._process, "not started"
        return self._process.pid

    def start(self) -> None:
        """Starts it, unless it runs, and waits until it answers. Raises DatabaseError with the end of its log."""
        with self._turn:
            if self.running:
                return
            fresh = not (self.directory / "data/mysql").exists()
            if fresh:
                self._install()
            self._process = ServerProcess(
                self._command(), self.log, environment=self._programs.environment(), on_exit=self._on_exit
            )
            self._wait_until_ready(self._process)
            if fresh:
                with self.session() as execute:
                    for statement in LOCAL_ROOT_ONLY:
                        execute(statement)

    def stop(self) -> None:
        """Lets it finish and end."""
        if self._process:
            self._process.stop(STOP_SECONDS)

    def kill(self) -> None:
        """Ends it at once, as a crash would (SIGKILL)."""
        if self._process:
            self._process.kill()

    def restart(self) -> None:
        """Starts it again on the same data, address and port, stopped before if it runs."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Ends it for good; its data stay."""
        with self._turn:
            self.kill()
            shutil.rmtree(self._runtime, ignore_errors=True)

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

    def _install(self) -> None:
        shutil.rmtree(self.directory / "data", ignore_errors=True)
        (self.directory / "data").mkdir(mode=0o700)
        command = [
            str(self._programs.installer),
            "--no-defaults",
            *self._programs.options,
            f"--datadir={self._runtime / 'data'}",
            f"--tmpdir={self._runtime / 'tmp'}",
            f"--user={getpass.getuser()}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
            "--force",
        ]
        result = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=self._programs.environment()
        )
        if result.returncode:
            shutil.rmtree(self.directory / "data", ignore_errors=True)
            raise DatabaseError(f"MariaDB's data folder could not be made:\n{(result.stdout + result.stderr)[-2000:]}")

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
