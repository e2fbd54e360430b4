"""jsii's kernel process as the bindings see it: already loading before it is asked."""

from __future__ import annotations

import atexit
import contextlib
import subprocess
from collections.abc import Callable, Collection
from typing import Any, Protocol

from jsii._kernel.providers.process import ProcessProvider, _NodeProcess
from jsii._kernel.types import LoadRequest, LoadResponse, StaticInvokeRequest

from lib.fast_synth.errors import FastSynthError
from lib.fast_synth.packages import RELEASE_CLASS, RELEASE_METHOD, Assembly

STOP_TIMEOUT_SECONDS = 5


class KernelProcess(Protocol):
    """A process that answers the requests of jsii's kernel."""

    def send(self, request: Any, response_type: Any) -> Any: ...

    def stop(self) -> None: ...


class ModuleImports(Protocol):
    """Tells which modules are imported that the loaded assembly lacks."""

    def take_missing(self) -> bool: ...


class EarlyProcess(_NodeProcess):
    """A kernel process that was started, and told what to load, before jsii was imported."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._process = child

    def connect(self, loaded: int) -> None:
        """Read the greeting and the answers to the load requests sent at the start.

        Raises:
            FastSynthError: An assembly could not be loaded.
            AssertionError: The process is another version of jsii.
            ValueError, OSError: The process has ended, or answers something else.
        """
        self.handshake()
        for _ in range(loaded):
            answer = self._next_message()
            if "ok" not in answer:
                raise FastSynthError(f"jsii could not load an assembly: {answer.get('error')}")

    def stop(self) -> None:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        if not stdin.closed:
            with contextlib.suppress(OSError):
                stdin.write(b'{"exit":0}\n')
                stdin.close()
        try:
            self._process.wait(timeout=STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        stdout.close()


class DeferredProcess:
    """Answers load requests at once, and talks to the early process when something is really asked of it.

    Until then nothing exists in the kernel, so a plain one can take its place when the early one fails.
    """

    def __init__(
        self,
        early: EarlyProcess,
        assemblies: Collection[Assembly],
        *,
        imports: ModuleImports,
        larger: Callable[[], Assembly],
        plain: Callable[[], KernelProcess],
        report: Callable[[Exception], None],
    ) -> None:
        self._early = early
        self._assemblies = {assembly.name: assembly for assembly in assemblies}
        self._imports = imports
        self._larger = larger
        self._plain = plain
        self._report = report
        self._asked: list[LoadRequest] = []
        self._connected: KernelProcess | None = None
        atexit.register(self.stop)

    def send(self, request: Any, response_type: Any) -> Any:
        if isinstance(request, LoadRequest) and request.name in self._assemblies:
            self._asked.append(request)
            return LoadResponse(assembly=request.name, types=0)
        if self._connected is None:
            self._connected = self._connect()
        if self._assemblies and self._imports.take_missing():
            self._load_larger(self._connected)
        return self._connected.send(request, response_type)

    def stop(self) -> None:
        atexit.unregister(self.stop)
        (self._connected or self._early).stop()

    def _connect(self) -> KernelProcess:
        try:
            self._early.connect(len(self._assemblies))
        except Exception as error:
            self._report(error)
            self._early.stop()
            self._assemblies = {}
            plain = self._plain()
            for request in self._asked:
                plain.send(request, LoadResponse)
            return plain
        return self._early

    def _load_larger(self, process: KernelProcess) -> None:
        """Load the provider's assembly again, in place of what is loaded; objects made before stay valid."""
        assembly = self._larger()
        release = StaticInvokeRequest(fqn=f"{assembly.name}.{RELEASE_CLASS}", method=RELEASE_METHOD)
        process.send(release, dict)
        process.send(LoadRequest(assembly.name, assembly.version, str(assembly.tarball)), LoadResponse)


class EarlyProvider(ProcessProvider):
    """jsii's process provider with the process given instead of started."""

    _process = None

    def __init__(self, process: KernelProcess) -> None:
        self._process = process


def plain_process() -> KernelProcess:
    """Start the kernel process as jsii itself does."""
    process = _NodeProcess()  # type: ignore[no-untyped-call]
    process.start()  # type: ignore[no-untyped-call]
    return process
