"""What can go wrong in a Terraform run, as exceptions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tap.terraform_events import Diagnostic

_LOCK_SUMMARY = "Error acquiring the state lock"
_STALE_SUMMARY = "Saved plan is stale"
# The environment's suffix in the name of its state (lib/provider_options.py).
_STATE_NAME = re.compile(r"(?:/|Stack)([a-z0-9-]+)\.tfstate$")


@dataclass(frozen=True, slots=True)
class LockInfo:
    """Who holds a state and since when, as Terraform tells it."""

    id: str
    path: str
    operation: str
    who: str
    created: str


class TerraformError(Exception):
    """Terraform failed; `diagnostics` holds its errors."""

    def __init__(self, command: str, diagnostics: Sequence[Diagnostic], message: str = "") -> None:
        self.command = command
        self.diagnostics = tuple(diagnostics)
        super().__init__(message or f"terraform {command} failed" + "".join(map(_bullet, self.diagnostics)))


class StateLockedError(TerraformError):
    """Somebody else is working on this state; nothing was changed."""

    def __init__(self, command: str, diagnostics: Sequence[Diagnostic], lock: LockInfo) -> None:
        self.lock = lock
        named = _STATE_NAME.search(lock.path)
        unlock = f"tap env unlock {named[1]} --id {lock.id}" if named else f"terraform force-unlock {lock.id}"
        super().__init__(
            command,
            diagnostics,
            f"terraform {command}: the state {lock.path} is locked by {lock.who} since {lock.created} "
            f"({lock.operation}). Wait until that run ends; if it no longer exists, run `{unlock}`",
        )


class StalePlanError(TerraformError):
    """The state has changed since the plan was made; nothing was changed."""

    def __init__(self, command: str, diagnostics: Sequence[Diagnostic]) -> None:
        message = f"terraform {command}: the environment was changed since this was planned, so nothing was done. "
        super().__init__(command, diagnostics, message + "Run the command again to see what it would do now")


class TerraformInterruptedError(TerraformError):
    """The run was interrupted by a signal. Terraform finished what it had begun, unless it was `killed`."""

    def __init__(self, command: str, diagnostics: Sequence[Diagnostic], signal_number: int, *, killed: bool) -> None:
        self.signal_number = signal_number
        self.killed = killed
        state = "killed: the state may miss resources and stay locked" if killed else "interrupted; it can be run again"
        super().__init__(command, diagnostics, f"terraform {command} was {state}")


def error_for(command: str, diagnostics: Sequence[Diagnostic]) -> TerraformError:
    """The exception that fits a failed run."""
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity == "error"]
    for error in errors:
        if error.summary == _LOCK_SUMMARY and (lock := parse_lock(error.detail)):
            return StateLockedError(command, errors, lock)
        if error.summary == _STALE_SUMMARY:
            return StalePlanError(command, errors)
    return TerraformError(command, errors)


def parse_lock(detail: str) -> LockInfo | None:
    """The holder of the lock from the text of Terraform's error, None when it does not say."""
    fields = dict(re.findall(r"^\s*(ID|Path|Operation|Who|Created):[ \t]*(.*?)\s*$", detail, re.MULTILINE))
    if not fields.get("ID"):
        return None
    return LockInfo(
        id=fields["ID"],
        path=fields.get("Path", ""),
        operation=fields.get("Operation", "").removeprefix("OperationType").lower(),
        who=fields.get("Who", ""),
        created=fields.get("Created", ""),
    )


def _bullet(diagnostic: Diagnostic) -> str:
    at = f" [{diagnostic.address}]" if diagnostic.address else ""
    detail = f": {diagnostic.detail}" if diagnostic.detail else ""
    return f"\n- {diagnostic.summary}{at}{detail}"
