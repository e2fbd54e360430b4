"""What of an environment Terraform does not remove: searched, swept and searched again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from tap.inventory.finder import FoundEnvironment
from tap.inventory.resource import Resource
from tap.inventory.states import State
from tap.removal.protection import kept
from tap.removal.receipt import Left
from tap.removal.sweep import Sweeper

BUDGET_SECONDS = 1800.0
"""The network interfaces of a function can take AWS longer to release than anything else: 20 minutes and more."""
PAUSE_SECONDS = 10.0
IDLE_SWEEPS = 3
"""Sweeps one after another that removed nothing new, after which what is left stays."""


class Remainder:
    """What a search for the environment `suffix` still finds, and what was done about it.

    `swept` has what was removed, by ARN; `kept` what stays on purpose.
    """

    def __init__(self, suffix: str, sweeper: Sweeper, find: Callable[[], FoundEnvironment]) -> None:
        self.swept: dict[str, Resource] = {}
        self.kept: tuple[Resource, ...] = ()
        self.budget_seconds = BUDGET_SECONDS
        self.pause_seconds = PAUSE_SECONDS
        self._suffix = suffix
        self._sweeper = sweeper
        self._find = find
        self._keeps = False
        self._found: tuple[Resource, ...] = ()
        self._reasons: dict[str, str] = {}

    def sweep(self, state: State | None, *, keep: bool, on_note: Callable[[str], None]) -> None:
        """Search and sweep until nothing is left, nothing more can be done, or the time is up.

        `keep`: backups stay. `state` is the one that Terraform worked on: what it listed vouches for its parts.
        """
        self._keeps = keep
        deadline, idle = time.monotonic() + self.budget_seconds, 0
        owners = {arn for one in state.managed for arn in one.arns} if state else set()
        self.look()
        while self._found and idle < IDLE_SWEEPS and time.monotonic() < deadline:
            if idle:
                time.sleep(min(self.pause_seconds, deadline - time.monotonic()))
            on_note(f"{len(self._found)} resources are left: sweeping them")
            report = self._sweeper.sweep(
                self._suffix,
                self._found,
                # What an earlier sweep removed had passed as the environment's: its parts still are.
                owners=owners | self.swept.keys(),
                timeout=max(0.0, deadline - time.monotonic()),
            )
            # What comes back each time is no progress.
            idle = 0 if {resource.arn for resource in report.swept} - self.swept.keys() else idle + 1
            self.swept |= {resource.arn: resource for resource in report.swept}
            self._reasons = {resource.arn: reason for resource, reason in report.failed}
            self.look()

    def look(self) -> None:
        """Search once more."""
        found = self._find().resources
        self.kept = kept(found) if self._keeps else ()
        self._found = tuple(resource for resource in found if resource not in self.kept)

    def left(self) -> Iterator[Left]:
        """What the last search found, and why it is still there."""
        for resource in self._found:
            yield Left(resource.arn, resource.type, self._reasons.get(resource.arn, ""))
