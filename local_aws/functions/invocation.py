"""One invocation of a function and how it ended."""

import json
import time
import uuid
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field

UNHANDLED = "Unhandled"
"""Value of the X-Amz-Function-Error header when the function failed."""


@dataclass(frozen=True)
class Result:
    """What a function answered. `error` is None or UNHANDLED; then the payload describes the error."""

    payload: bytes
    error: str | None = None


@dataclass(frozen=True)
class Outcome:
    """The result of an invocation and the log lines it wrote."""

    request_id: str
    executed_version: str
    result: Result
    log: tuple[str, ...]


def failure(error_type: str, message: str) -> Result:
    """An error of the function in the shape that Lambda itself reports one."""
    return Result(json.dumps({"errorType": error_type, "errorMessage": message}).encode(), UNHANDLED)


@dataclass
class Invocation:
    """One call of a function. `timeout` in seconds, counted from when the runtime takes it."""

    payload: bytes
    function_arn: str
    timeout: float
    client_context: str | None = None
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    result: "Future[Result]" = field(default_factory=Future)
    trace_id: str = field(default_factory=lambda: _trace_id())
    deadline: float = 0.0

    def begin(self) -> None:
        """Starts the time that the invocation has."""
        self.deadline = time.time() + self.timeout

    @property
    def deadline_ms(self) -> int:
        """When the time is over, in milliseconds since 1970."""
        return int(self.deadline * 1000)

    def settle(self, result: Result) -> None:
        """Ends the invocation; only the first result counts."""
        with suppress(InvalidStateError):
            self.result.set_result(result)


def _trace_id() -> str:
    """An X-Ray trace header: sampled out, since there is no X-Ray here."""
    return f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Parent={uuid.uuid4().hex[:16]};Sampled=0"
