"""A function instance: one process with a Runtime API of its own, kept warm between invocations."""

import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import TimeoutError as NotInTimeError
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local_aws.functions import log_lines
from local_aws.functions.environment import Deployment, process_environment
from local_aws.functions.invocation import Invocation, Outcome, Result, failure
from local_aws.functions.process import FunctionProcess
from local_aws.functions.runtime_api import RuntimeApi

INIT_SECONDS = 10.0
"""What Lambda gives a function to initialize, beside its timeout
(https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html)."""


@dataclass
class Run:
    """The invocation an instance has last worked on. Durations in seconds."""

    invocation: Invocation
    result: Result
    output: str
    started: float
    duration: float
    init: float | None
    deadline: float


class FunctionInstance:
    """Runs invocations of one function version, one after the other."""

    def __init__(self, deployment: Deployment, package: Path, runtime_client: Path, directory: Path) -> None:
        self.deployment = deployment
        self.log_stream = log_lines.stream_name(deployment, datetime.now(UTC), uuid.uuid4().hex)
        self.idle_since = time.monotonic()
        self._package = package
        self._runtime_client = runtime_client
        self._directory = directory
        self._cold = True
        self._read = 0
        self._api = RuntimeApi(deployment)
        self._run: Run | None = None
        self._process: FunctionProcess | None = None

    def start(self, aws: Mapping[str, str]) -> None:
        """Starts the process. `aws` are the variables that point its AWS clients to the local AWS."""
        temporary = self._directory / "tmp"
        temporary.mkdir(parents=True)
        environment = process_environment(
            self.deployment,
            task_root=self._package,
            temporary=temporary,
            runtime_client=self._runtime_client,
            runtime_api=self._api.address,
            log_stream=self.log_stream,
            aws=aws,
        )
        self._process = FunctionProcess(
            self.deployment.handler, environment, self._package, self._directory / "output", self._exited
        )

    @property
    def usable(self) -> bool:
        return self._process is not None and self._process.running and self._api.failure is None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.running else None

    def invoke(self, invocation: Invocation) -> Outcome:
        """Runs the invocation until it is answered, or to its timeout, which ends the process.

        Extensions may go on after that: see `when_done`.
        """
        asked = time.monotonic()
        never = self._initialized(invocation)
        started = time.monotonic()
        result = never or self._answered(invocation)
        duration = time.monotonic() - started
        init = started - asked if self._cold else None
        self._cold = False
        if never and self._process:
            self._process.kill()
        run = Run(invocation, result, self._output(), started, duration, init, started + invocation.timeout)
        self._run = run
        return Outcome(invocation.request_id, self.deployment.version, result, self._log(run))

    def when_done(self, job: Callable[[], None]) -> None:
        """Runs the job once no extension is at work on the invocation any more: at once, mostly."""
        self._api.when_done(job)

    def finish(self, outcome: Outcome) -> tuple[str, ...]:
        """Ends the last invocation and returns its whole log, with what its extensions have added."""
        run, self._run = self._run, None
        self.idle_since = time.monotonic()
        if run is None or not self._api.extensions.any:
            return outcome.log
        run.output += self._output()
        run.duration = time.monotonic() - run.started
        if self._api.failure and not run.result.error:
            run.result = self._api.failure
        return self._log(run)

    def end_overdue(self) -> None:
        """Ends the process if its extensions need longer than the function's timeout."""
        run = self._run
        if run and time.monotonic() > run.deadline:
            self._api.fail(_timeout(run.invocation))
            if self._process:
                self._process.kill()

    def stop(self) -> None:
        """Ends the process and removes its files."""
        if self._process:
            self._process.kill()
        self._api.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _initialized(self, invocation: Invocation) -> Result | None:
        try:
            return self._api.initialized.result(INIT_SECONDS + invocation.timeout)
        except NotInTimeError:
            return self._timed_out(invocation)

    def _answered(self, invocation: Invocation) -> Result:
        self._api.submit(invocation)
        try:
            return invocation.result.result(invocation.timeout)
        except NotInTimeError:
            return self._timed_out(invocation)

    def _timed_out(self, invocation: Invocation) -> Result:
        result = _timeout(invocation)
        invocation.settle(result)
        if self._process:
            self._process.kill()
        return result

    def _log(self, run: Run) -> tuple[str, ...]:
        memory = self._process.peak_memory() if self._process else None
        return tuple(
            log_lines.of_invocation(
                self.deployment, run.invocation, run.result, run.output, run.duration, run.init, memory
            )
        )

    def _exited(self, code: int) -> None:
        how = f"with error: exit status {code}" if code > 0 else "without providing a reason"
        if code < 0:
            how = f"with error: signal: {-code}"
        self._api.fail(failure("Runtime.ExitError", f"Error: Runtime exited {how}"))

    def _output(self) -> str:
        """What the process has written since the last time."""
        with (self._directory / "output").open("rb") as file:
            file.seek(self._read)
            written = file.read()
        self._read += len(written)
        return written.decode(errors="replace")


def _timeout(invocation: Invocation) -> Result:
    return failure(
        "Sandbox.Timedout",
        f"RequestId: {invocation.request_id} Error: Task timed out after {invocation.timeout:.2f} seconds",
    )
