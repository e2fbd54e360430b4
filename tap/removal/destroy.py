"""Removes one environment: what its state knows through Terraform, then what else carries its tags or is part of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from lib.input_rules import usable_suffix
from lib.settings import Settings
from tap.account import Account
from tap.inventory.finder import Finder, FoundEnvironment
from tap.inventory.resource import Resource
from tap.inventory.states import State, StateStore
from tap.removal.preview import OtherRegionError, Preview, beside, planned, to_sweep
from tap.removal.protection import kept, protection
from tap.removal.receipt import Left, Receipt
from tap.removal.remainder import Remainder
from tap.removal.sweep import Sweeper
from tap.removal.switched_database import part_switched_databases
from tap.removal.terraform_removal import OnEvent, TerraformRemoval
from tap.terraform import Plan
from tap.terraform_errors import StateLockedError, TerraformError
from tap.workspace import DIRECTORY

PROTECTED_SUFFIXES = str(Settings.model_fields["protected_suffixes"].default)


class Destruction:
    """The removal of the environment `suffix`, whose state is in `states`. Interrupted, it can be run again.

    `directory` is where Terraform works; `protected_suffixes` are as in `Settings.protected_suffixes`. Raises
    `ValueError` for what cannot be a suffix.
    """

    def __init__(
        self,
        account: Account,
        states: StateStore,
        suffix: str,
        *,
        directory: Path = DIRECTORY,
        protected_suffixes: str = PROTECTED_SUFFIXES,
        finder: Finder | None = None,
        sweeper: Sweeper | None = None,
    ) -> None:
        self.account = account
        self.states = states
        self.suffix = usable_suffix(suffix)
        self.terraform = TerraformRemoval(account, states, self.suffix, directory)
        self.remainder = Remainder(self.suffix, sweeper or Sweeper(account), self._find)
        self._finder = finder or Finder(account, states)
        self._protected_suffixes: Collection[str] = protected_suffixes.split(",")
        self._state: State | None = None
        self._earlier: tuple[Resource, ...] = ()
        self._plan: Plan | None = None
        self._preview: Preview | None = None
        self._seconds = 0.0

    def preview(self, on_event: OnEvent = None) -> Preview:
        """What goes. Nothing is changed; the plan is kept for `run`.

        Raises:
            StateLockedError: somebody else works on the environment.
            OtherRegionError: the environment is in another Region.
            TerraformError: no plan can be made.
            InventoryError: the environment was not found in full.
        """
        with self._measured(), ThreadPoolExecutor(1) as thread:
            if lock := self.states.lock(self.suffix):
                raise StateLockedError("destroy", [], lock)
            self._state = self.states.read(self.suffix)
            self._check_region(self._state.home_region if self._state else None)
            finding = thread.submit(self._find)
            self._plan = self.terraform.plan(on_event)
            found = finding.result()
            if not found.exists:
                self._check_region(found.elsewhere)
            self._earlier = found.resources
            self._preview = self._describe(found)
        return self._preview

    def run(
        self,
        on_event: OnEvent = None,
        *,
        confirmed: str | None = None,
        account_id: str | None = None,
        on_note: Callable[[str], None] | None = None,
    ) -> Receipt:
        """Remove what `preview` showed, and count what is left in a new search.

        `confirmed` and `account_id` are what a protected environment needs (`Protection.check`); `on_note` is told
        what goes on beside Terraform. Raises as `preview` does, and `ProtectedError`, `DeletionProtectionError`,
        `StalePlanError` when the environment was changed since, `TerraformInterruptedError`.
        """
        preview = self._preview or self.preview(on_event)
        preview.protection.check(confirmed=confirmed, account_id=account_id)
        tell = on_note or (lambda _: None)
        with self._measured():
            if self._plan:
                part_switched_databases(self.account, self._earlier, tell)
            failure = first = self.terraform.remove(self._plan, on_event, tell) if self._plan else None
            if first:
                tell(f"{first}\nwhat it left is swept")
            self.remainder.sweep(self._state, keep=preview.protection.keeps, on_note=tell)
            if first:
                # What stood in Terraform's way may be swept by now; what it could not remove, it can forget.
                failure = self.terraform.remove(None, on_event, tell)
                self.remainder.look()
            self.states.remove_empty(self.suffix)
            state = self.states.read(self.suffix)
        self._preview = self._plan = None
        receipt = self._receipt(preview, first, failure, state)
        if not receipt.left:
            self.terraform.discard()
        return receipt

    def _check_region(self, home: str | None) -> None:
        if home and home != self.account.region:
            raise OtherRegionError(self.suffix, home, self.account.region)

    def _find(self) -> FoundEnvironment:
        return self._finder.environment(self.suffix, known=self._state, earlier=self._earlier)

    def _describe(self, found: FoundEnvironment) -> Preview:
        state = self._state
        tags = [one.tags for one in found.resources] + [one.tags for one in (state.managed if state else ())]
        classes = {one["EnvironmentClass"] for one in tags if "EnvironmentClass" in one}
        protected = protection(
            self.account,
            self.suffix,
            found.resources,
            classes=classes,
            protected_suffixes=self._protected_suffixes,
        )
        keeping = kept(found.resources) if protected.keeps else ()
        sweeping = [one for one in beside(found.resources, state) if one not in keeping]
        planning = planned(self._plan.changes, state) if self._plan and state else ()
        stored = self.states.find(self.suffix)
        return Preview(
            self.suffix,
            self.account.id,
            self.account.region,
            going=(*planning, *to_sweep(sweeping)),
            kept=keeping,
            protection=protected,
            state=stored.location if stored else None,
            secondary_region=found.secondary_region,
        )

    def _receipt(
        self, preview: Preview, first: TerraformError | None, last: TerraformError | None, state: State | None
    ) -> Receipt:
        return Receipt(
            self.suffix,
            self.account.id,
            self.account.region,
            removed=tuple(self.terraform.removed),
            swept=tuple(self.remainder.swept.values()),
            kept=self.remainder.kept,
            left=(*self.remainder.left(), *_left_in(state)),
            seconds=self._seconds,
            terraform_seconds=self.terraform.seconds,
            notes=tuple(self._notes(preview, first, last)),
            secondary_region=preview.secondary_region,
        )

    def _notes(self, preview: Preview, first: TerraformError | None, last: TerraformError | None) -> Iterator[str]:
        if preview.is_empty:
            yield f"there was nothing of environment {self.suffix!r} in {self.account.place}"
        elif preview.state is None:
            yield "there was no state: everything was found by its tags"
        if last:
            yield str(last)
        elif first:
            yield f"at first, {first}"
        if self.remainder.kept:
            yield (
                "what is kept can be read with its keys alone: those that are pending deletion come back with "
                "`aws kms cancel-key-deletion --key-id KEY`"
            )

    @contextmanager
    def _measured(self) -> Iterator[None]:
        begin = time.monotonic()
        try:
            yield
        finally:
            self._seconds += time.monotonic() - begin


def _left_in(state: State | None) -> Iterator[Left]:
    for resource in state.managed if state else ():
        yield Left(resource.address, resource.type, "it is still in the state")
