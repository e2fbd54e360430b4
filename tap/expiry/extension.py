"""Gives an environment more time: the tag `ExpiresAt` on all that carries its tags, then in its state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tap.account import Account
from tap.expiry.errors import ExtensionError
from tap.expiry.tag_writers import write_tags
from tap.inspection.refresh import refresh
from tap.inspection.verification import EXPIRES_AT as TAG
from tap.inspection.verification import verify
from tap.inventory.found import FoundEnvironment
from tap.inventory.resource import Evidence, Resource
from tap.inventory.states import State, StateStore
from tap.terraform_errors import StateLockedError, TerraformError
from tap.terraform_events import Event
from tap.workspace import DIRECTORY


@dataclass(frozen=True)
class Extension:
    """What was done: the end before (None: never) and now, what was tagged, and whether the state says so too.

    It does not where there is none, or where it differs from what exists in other ways.
    """

    suffix: str
    before: datetime | None
    expires_at: datetime
    tagged: tuple[Resource, ...]
    state_updated: bool


class Extending:
    """Sets the end of the environment `found` to a time that is already decided (`Lifetime.applied`)."""

    def __init__(
        self, account: Account, states: StateStore, found: FoundEnvironment, *, directory: Path = DIRECTORY
    ) -> None:
        self._account = account
        self._states = states
        self._found = found
        self._directory = directory

    def run(self, expires_at: datetime, on_event: Callable[[Event], None] | None = None) -> Extension:
        """Do it; doing it again is harmless.

        Raises:
            StateLockedError: somebody is at work on it; nothing was changed.
            ExtensionError: it was done in part.
        """
        suffix = self._found.suffix
        if lock := self._states.lock(suffix):
            raise StateLockedError("extend", [], lock)
        state = self._states.read(suffix)
        tagged = tuple(resource for resource in self._found.resources if resource.evidence is Evidence.TAGS)
        again = f"run `tap env extend {suffix} {expires_at.isoformat()}` once the cause is mended"
        if failed := write_tags(self._account, tagged, {TAG: expires_at.isoformat()}):
            raise ExtensionError(_failure(suffix, len(tagged), failed, again))
        updated = False
        if state is not None and not state.is_empty:
            try:
                updated = self._take_over(state, expires_at, on_event)
            except TerraformError as error:
                raise ExtensionError(
                    f"the tags of environment {suffix!r} say {expires_at.isoformat()}, its state does not yet: "
                    f"{error}; {again}"
                ) from error
        return Extension(suffix, self._found.expires_at, expires_at, tagged, updated)

    def _take_over(self, state: State, expires_at: datetime, on_event: Callable[[Event], None] | None) -> bool:
        """Bring the state in line: the same default tags but for the time, then what exists is read into it.

        Not where anything else would be read into it too: drift would no longer be seen.
        """
        tags = {**state.default_tags, TAG: expires_at.isoformat()}
        with refresh(
            self._account,
            self._states,
            self._found,
            state,
            tags=tags,
            directory=self._directory,
            on_event=on_event,
        ) as refreshed:
            if verify(_extended(self._found, expires_at), state, refreshed.drift).has_drift:
                return False
            refreshed.terraform.apply(refreshed.plan)
            return True


def _extended(found: FoundEnvironment, expires_at: datetime) -> FoundEnvironment:
    """The environment as its tags are now."""
    resources = (
        replace(one, tags={**one.tags, TAG: expires_at.isoformat()}) if one.evidence is Evidence.TAGS else one
        for one in found.resources
    )
    return replace(found, resources=tuple(resources), expires_at=expires_at)


def _failure(suffix: str, total: int, failed: Sequence[tuple[Resource, str]], again: str) -> str:
    lines = [f"- {resource.arn}: {reason}" for resource, reason in failed]
    return "\n".join(
        [f"environment {suffix!r}: {len(failed)} of {total} resources did not take the tag {TAG}; {again}", *lines]
    )
