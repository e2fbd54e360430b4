"""`tap env unlock`: the lock that a killed run left on a state."""

from __future__ import annotations

from typing import Annotated

import typer

from tap.commands.environments.asking import Yes, ask
from tap.commands.environments.reach import SuffixArgument, reach
from tap.commands.options import AsJson, Local, Region
from tap.commands.output import note, print_fields, print_json
from tap.state_unlock import release
from tap.terraform_errors import LockInfo

LockId = Annotated[
    str | None, typer.Option("--id", help="The lock to release; without it the lock is only shown.", show_default=False)
]


def unlock(
    suffix: SuffixArgument,
    lock_id: LockId = None,
    yes: Yes = False,
    region: Region = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Show who holds an environment's state, and release that very lock if asked to.

    Only for a run that no longer exists: a second one beside it would damage the state.
    """
    reached = reach(suffix=suffix, region=region, local=local)
    lock = reached.states.lock(suffix)
    if lock is None:
        note(f"the state of {suffix!r} is not locked")
        _print({"suffix": suffix, "locked": False, "released": False}, as_json, shown=False)
        return
    if lock_id is None:
        _print({"suffix": suffix, "locked": True, **_described(lock), "released": False}, as_json)
        note(f"if that run no longer exists, release its lock with `tap env unlock {suffix} --id {lock.id}`")
        return
    note(f"{suffix!r} is locked by {lock.who} since {lock.created} ({lock.operation}), id {lock.id}")
    if not yes:
        note("That run may still go on. If it does, releasing its lock damages the state.")
        ask(f"Is that run gone, and shall its lock on {suffix!r} be released?")
    release(reached.account, reached.states, suffix, lock, lock_id)
    _print({"suffix": suffix, "locked": False, **_described(lock), "released": True}, as_json)
    note(f"released; what the run left unfinished is finished by the next deploy, or by `tap env destroy {suffix}`")


def _described(lock: LockInfo) -> dict[str, object]:
    return {"id": lock.id, "who": lock.who, "since": lock.created, "operation": lock.operation}


def _print(result: dict[str, object], as_json: bool, *, shown: bool = True) -> None:
    if as_json:
        print_json(result)
    elif shown:
        print_fields(result)
