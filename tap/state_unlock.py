"""Releases the lock that a run left on a state when it was killed."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from tap.account import Account
from tap.inventory.states import LocalStates, StateStore
from tap.terraform_errors import LockInfo
from tap.workspace import DIRECTORY, Workspace

_PLACE = re.compile(r"/(?P<architecture>[a-z][a-z-]*)/[^/]+\.tfstate$")


class UnlockError(RuntimeError):
    """The lock was not released; the message says why and what to do instead."""


def release(
    account: Account, states: StateStore, suffix: str, lock: LockInfo, lock_id: str, *, directory: Path = DIRECTORY
) -> None:
    """Release `lock`, which `states` has for the environment, if `lock_id` names it.

    Raises `UnlockError`, and `TerraformError` if it was released or replaced meanwhile.
    """
    if isinstance(states, LocalStates):
        raise UnlockError(
            f"the state of {suffix!r} is a file that {lock.who} has open: its lock ends with that process. "
            "Wait for it, or end it"
        )
    if lock_id != lock.id:
        raise UnlockError(
            f"the state of {suffix!r} is locked with id {lock.id} by {lock.who} since {lock.created}, not with "
            f"{lock_id}: make sure that this run no longer exists, then give --id {lock.id}"
        )
    place = _PLACE.search(lock.path)
    architecture = place["architecture"] if place else None
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="unlock-", dir=directory) as folder:
        workspace = Workspace(account, suffix, states, architecture=architecture, tags={}, directory=Path(folder))
        workspace.open().force_unlock(lock.id)
