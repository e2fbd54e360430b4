"""The removal of one resource: read, judged, removed, waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from botocore.exceptions import ClientError
from tenacity import RetryCallState

from tap.inventory.resource import Resource
from tap.removal.ownership import NotOwnedError, Ownership, read_now
from tap.removal.remover import GoesWithError, RemovalRefusedError, Scope, StillInUseError
from tap.removal.retrying import retrying


class SweepTimeoutError(Exception):
    """The time of the whole sweep was up before this resource had its turn."""


class Removing:
    """Removes one resource at a time, from any number of threads. Nothing is begun after `deadline` (monotonic, s)."""

    def __init__(
        self, scope: Scope, ownership: Ownership, deadline: float, on_retry: Callable[[Resource, str], None]
    ) -> None:
        self._scope = scope
        self._ownership = ownership
        self._deadline = deadline
        self._on_retry = on_retry
        self._stop = threading.Event()

    def stop(self) -> None:
        """Ends waits and retries, for an interruption."""
        self._stop.set()

    def remove(self, resource: Resource, patience: float) -> None:
        """Returns when the resource is gone. Each try begins with a fresh reading of whose it is.

        `patience`: seconds for tries, and again for the end of the removal. Raises what the last try ended with:
        `NotOwnedError`, `RemovalRefusedError`, `GoesWithError`, `StillInUseError`, botocore's errors; or
        `SweepTimeoutError`.
        """
        if self._left() <= 0 or self._stop.is_set():
            raise SweepTimeoutError("not begun: the time of the sweep was up; run it again")

        def before_sleep(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            self._on_retry(resource, reason_of(error) if error else "")

        retry = retrying(min(patience, self._left()), self._stop, before_sleep=before_sleep)
        if retry(self._try, resource):
            self.wait_until_gone(resource, patience)

    def _try(self, resource: Resource) -> bool:
        """Whether a removal was begun; not when there was nothing to remove."""
        reading = read_now(self._scope, resource)
        if reading is None:
            return False
        self._ownership.check(resource, reading)
        self._scope.removers[resource.type].remove(self._scope, resource, reading)
        return True

    def wait_until_gone(self, resource: Resource, patience: float) -> None:
        """Raises `StillInUseError` when AWS still shows it after `patience` seconds, or at the sweep's end."""
        seconds = min(patience, self._left())

        def look() -> None:
            if read_now(self._scope, resource) is not None:
                raise StillInUseError(f"AWS took its removal, and still shows it {seconds:.0f} s later")

        retrying(seconds, self._stop)(look)

    def _left(self) -> float:
        return self._deadline - time.monotonic()


def reason_of(error: BaseException) -> str:
    """Why a removal failed, in a line: AWS's own words where it said some."""
    if isinstance(error, ClientError):
        fault = error.response["Error"]
        return f"{fault['Code']}: {fault.get('Message', '')}".removesuffix(": ")
    if isinstance(error, NotOwnedError | RemovalRefusedError | StillInUseError | GoesWithError | SweepTimeoutError):
        return str(error)
    return f"{type(error).__name__}: {error}"
