"""The process that runs a function's code."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
STOP_SECONDS = 5.0


class FunctionProcess:
    """A running `python -m awslambdaric <handler>`, in a process group of its own.

    It is started by a thread that lives as long as it does: the kernel would end it together with that thread.
    """

    def __init__(
        self,
        handler: str,
        environment: Mapping[str, str],
        directory: Path,
        output: Path,
        on_exit: Callable[[int], None],
    ) -> None:
        # -S and -P: nothing that is installed or lies beside the bootstrap can be imported.
        options = ["-S", "-P", "-X", f"pycache_prefix={output.parent / 'bytecode'}"]
        self._command = [sys.executable, *options, str(BOOTSTRAP), str(os.getpid()), handler]
        self._environment = dict(environment)
        self._directory = directory
        self._output = output
        self._on_exit = on_exit
        self._process: subprocess.Popen[bytes] | None = None
        self._started = threading.Event()
        self._ended = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()
        self._started.wait()

    @property
    def pid(self) -> int | None:
        """The process id, or None if the process could not be started."""
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        return not self._ended.is_set()

    def kill(self) -> None:
        """Ends the process and what it has started, and waits until it has ended."""
        if self._process and self.running:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._ended.wait(STOP_SECONDS)

    def peak_memory(self) -> int | None:
        """The most memory the process has used, in MB; None where the system does not say."""
        with suppress(OSError):
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) // 1024 + 1
        return None

    def _run(self) -> None:
        code = -1
        try:
            with self._output.open("ab") as output:
                self._process = subprocess.Popen(
                    self._command,
                    cwd=self._directory,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            self._started.set()
            code = self._process.wait()
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        finally:
            self._ended.set()
            self._started.set()
            self._on_exit(code)
