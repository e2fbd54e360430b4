"""A database server on loopback, whichever its engine: its address, certificate and process."""

import shutil
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Self

from local_aws.databases.certificates import CertificateAuthority
from local_aws.databases.errors import DatabaseError
from local_aws.databases.ports import free_port
from local_aws.databases.server_process import ServerProcess
from local_aws.process_folders import process_folder

STOP_SECONDS = 10.0
SOCKET_PATH_LIMIT = 103
"""Bytes of a socket's path that all systems take (macOS; Linux takes 4 more)."""


class DatabaseServer(ABC):
    """One server, with its data in `directory`: made when there is none, else used as it is.

    It has an IP address of this computer and a port, which it keeps over restarts. Its certificate is for this address
    and those in `also_known_as`. `on_exit` is called when its process has ended.
    """

    ENGINE: ClassVar[str]
    """What its own folder for the time it runs is called after."""

    def __init__(
        self,
        directory: Path,
        *,
        address: str = "127.0.0.1",
        port: int = 0,
        authority: CertificateAuthority | None = None,
        also_known_as: Sequence[str] = (),
        on_exit: Callable[[], None] | None = None,
    ) -> None:
        self.directory = directory.resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.address = address
        self.port = port or free_port(address)
        self._read_only = False
        self._on_exit = on_exit
        authority = authority or CertificateAuthority(self.directory / "authority")
        self.ca_file = authority.ca_file
        names = ["localhost"] if address == "127.0.0.1" else []
        self._certificate, self._key = authority.issue(names, [address, *also_known_as])
        self._process: ServerProcess | None = None
        self._turn = threading.RLock()
        # Short, without spaces, for this user alone: the place of the socket, and of what goes with the process.
        self._runtime = process_folder(self.ENGINE)
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
    ) -> Iterator[Self]:
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
    @abstractmethod
    def socket(self) -> Path:
        """The socket through which its own administrator comes in."""

    @abstractmethod
    def start(self) -> None:
        """Starts it, unless it runs, and waits until it answers. Raises DatabaseError with the end of its log."""

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
