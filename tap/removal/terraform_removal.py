"""The part of a removal that Terraform does: everything that the state knows, in the state's own order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from tap.account import Account
from tap.inventory.states import StateStore
from tap.removal.refused_first import why_it_passes
from tap.terraform import Plan
from tap.terraform_errors import StalePlanError, StateLockedError, TerraformError, TerraformInterruptedError
from tap.terraform_events import Event, Operation
from tap.workspace import Workspace

RUNS = 3
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 30.0
"""Seconds between two runs."""

OnEvent = Callable[[Event], None] | None


class TerraformRemoval:
    """Plans and applies the removal of what the state of `suffix` holds; `directory` is where Terraform works.

    `removed` has the addresses that are gone, in their order; `seconds` is the time that Terraform took.
    """

    def __init__(self, account: Account, states: StateStore, suffix: str, directory: Path) -> None:
        self.removed: dict[str, None] = {}
        self.seconds = 0.0
        self.first_pause = FIRST_PAUSE
        self._account = account
        self._states = states
        self._suffix = suffix
        self._directory = directory
        self._workspace: Workspace | None = None
        self._folder: TemporaryDirectory[str] | None = None

    def plan(self, on_event: OnEvent = None) -> Plan | None:
        """What Terraform would remove; None if there is no state, or nothing in it. Raises `TerraformError`."""
        state, stored = self._states.read(self._suffix), self._states.find(self._suffix)
        if state is None or stored is None or state.is_empty:
            return None
        # Another run may work on the same environment, if only to be told that this one holds the lock. And a plan
        # holds what the state holds: the folder is nobody else's to read, and is gone when this object is.
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = self._folder or TemporaryDirectory(prefix="destroy-", dir=self._directory)
        self._workspace = Workspace(
            self._account,
            self._suffix,
            self._states,
            architecture=stored.architecture,
            tags=state.default_tags,
            providers=state.providers,
            directory=Path(self._folder.name),
        )
        with self._measured():
            return self._workspace.open(on_event).plan("destroy.tfplan", destroy=True)

    def remove(
        self, plan: Plan | None, on_event: OnEvent = None, on_note: Callable[[str], None] | None = None
    ) -> TerraformError | None:
        """Apply exactly `plan`; a new one if None, and whenever AWS refused what it is known to refuse at first.

        Returns what failed in the end: whatever could be removed is. Raises what says that nothing was done
        (`StateLockedError`, `StalePlanError`), no new plan could be made, or a person wanted it to end
        (`TerraformInterruptedError`).
        """
        plans = iter([plan] if plan else [])

        def attempt() -> None:
            if (now := next(plans, None) or self.plan(on_event)) is not None:
                self._apply(now, on_event)

        def before_sleep(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            if on_note and error:
                on_note(f"Terraform runs again: {why_it_passes(error)}")

        retrying = Retrying(
            retry=retry_if_exception(lambda error: why_it_passes(error) is not None),
            wait=wait_exponential(self.first_pause, max=LONGEST_PAUSE),
            stop=stop_after_attempt(RUNS),
            before_sleep=before_sleep,
            reraise=True,
        )
        try:
            retrying(attempt)
        except (StateLockedError, StalePlanError, TerraformInterruptedError):
            raise
        except TerraformError as error:
            if error.command != "apply":
                raise
            return error
        return None

    def discard(self) -> None:
        """Remove the folder that Terraform worked in."""
        if self._folder is not None:
            self._folder.cleanup()
        self._folder = self._workspace = None

    def _apply(self, plan: Plan, on_event: OnEvent) -> None:
        def listen(event: Event) -> None:
            if isinstance(event, Operation) and (event.action, event.phase) == ("delete", "complete"):
                self.removed[event.address] = None
            if on_event:
                on_event(event)

        assert self._workspace is not None  # There is a plan.
        with self._measured():
            self._workspace.opened(listen).apply(plan)

    @contextmanager
    def _measured(self) -> Iterator[None]:
        begin = time.monotonic()
        try:
            yield
        finally:
            self.seconds += time.monotonic() - begin
