"""A child process that ends cleanly: it is interrupted when this process is, or is gone, and it is waited for."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO

from tap import guard

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ChildProcess:
    """Runs one command in a process group of its own.

    The first SIGINT, SIGTERM or SIGHUP asks the child to stop (SIGINT) and lets it finish; the second kills its
    whole group. Outside the main thread, where Python delivers no signals, call `interrupt` instead. If this process
    is killed, the guard between them asks the child to stop.
    """

    def __init__(self, command: Sequence[str], *, directory: Path, environment: Mapping[str, str]) -> None:
        self.command = tuple(command)
        self.directory = directory
        self.environment = dict(environment)
        self.signal_number: int | None = None
        self.killed = False
        self._process: subprocess.Popen[str] | None = None

    def run(self, on_line: Callable[[str], None], *, stderr: int | IO[str] = subprocess.STDOUT) -> int:
        """Run to the end, giving each line of output to `on_line`; the exit code (128 + n: ended by signal n)."""
        with self._signals_forwarded():
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", guard.__file__, *self.command],
                cwd=self.directory,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            if self.signal_number is not None:
                self._ask_to_stop(self._process)
            return self._follow(self._process, on_line)

    def _follow(self, process: subprocess.Popen[str], on_line: Callable[[str], None]) -> int:
        assert process.stdout is not None
        assert process.stdin is not None
        with process.stdin, process.stdout:
            try:
                for line in process.stdout:
                    on_line(line)
            except BaseException:
                self._ask_to_stop(process)
                for _ in process.stdout:
                    pass
                raise
            finally:
                code = process.wait()
        return code

    def interrupt(self, signal_number: int = signal.SIGINT) -> None:
        """Ask the child to stop; asked again, kill it and what it started."""
        again = self.signal_number is not None
        self.signal_number = signal_number
        process = self._process
        if process is None or process.poll() is not None:
            return
        if again:
            self._kill(process)
        else:
            self._ask_to_stop(process)

    @staticmethod
    def _ask_to_stop(process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        with suppress(BrokenPipeError):
            os.write(process.stdin.fileno(), b"!")

    def _kill(self, process: subprocess.Popen[str]) -> None:
        self.killed = True
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            process.kill()

    @contextmanager
    def _signals_forwarded(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def forward(number: int, _frame: FrameType | None) -> None:
            self.interrupt(number)

        previous = {number: signal.signal(number, forward) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
