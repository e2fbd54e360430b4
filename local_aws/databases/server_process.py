"""A process that serves for as long as this one runs."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")


class ServerProcess:
    """A running program, in a process group of its own; it ends with this process, however that ends.

    It is started by a thread that lives as long as it does: the kernel would end it together with that thread.
    `on_exit` is called on that thread when it has ended. With `piped`, its standard input and output are pipes.
    """

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        on_exit: Callable[[], None] | None = None,
        piped: bool = False,
    ) -> None:
        self._command = [sys.executable, "-I", "-S", str(BOOTSTRAP), str(os.getpid()), *command]
        self._log = log
        self._environment = environment
        self._on_exit = on_exit
        self._piped = piped
        self._process: subprocess.Popen[bytes] | None = None
        self._error: OSError | None = None
        self._started = threading.Event()
        self._ended = threading.Event()
        threading.Thread(target=self._run, daemon=True, name=f"waits for {Path(command[0]).name}").start()
        self._started.wait()
        if self._error:
            raise self._error

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def running(self) -> bool:
        return not self._ended.is_set()

    @property
    def input(self) -> IO[bytes]:
        assert self._popen.stdin, "not piped"
        return self._popen.stdin

    @property
    def output(self) -> IO[bytes]:
        assert self._popen.stdout, "not piped"
        return self._popen.stdout

    def kill(self) -> None:
        """Ends it at once (SIGKILL), and waits until it has ended."""
        if self.running:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        self._ended.wait()

    def stop(self, seconds: float) -> None:
        """Lets it end by itself (SIGTERM), for as long as this; then kills it."""
        if self.running:
            with suppress(ProcessLookupError):
                self._popen.terminate()
        if not self._ended.wait(seconds):
            self.kill()

    @property
    def _popen(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process

    def _run(self) -> None:
        pipe = subprocess.PIPE if self._piped else None
        try:
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=pipe or subprocess.DEVNULL,
                    stdout=pipe or log,
                    stderr=log,
                    env=self._environment,
                    start_new_session=True,
                )
            self._started.set()
            self._process.wait()
        except OSError as error:
            self._error = error
        finally:
            self._ended.set()
            self._started.set()
        if self._on_exit and not self._error:
            self._on_exit()
