"""Removes every environment that is past its time, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tap.account import Account
from tap.expiry.clock import aws_time
from tap.expiry.errors import ClockError
from tap.inventory.errors import InventoryError
from tap.inventory.finder import Finder
from tap.inventory.found import FoundEnvironment
from tap.removal.destroy import Destruction
from tap.removal.preview import OtherRegionError
from tap.removal.receipt import Receipt
from tap.terraform_errors import LockInfo, StateLockedError, TerraformError, TerraformInterruptedError
from tap.terraform_events import Event

STALE_LOCK = timedelta(days=1)
"""No run takes that long: an older lock is left over, and somebody has to look."""
FAILURES = (TerraformError, InventoryError, OtherRegionError, ClockError, ClientError, BotoCoreError)
"""What can go wrong with one environment; anything else is a fault of the program."""


class Outcome(StrEnum):
    """What became of an environment that was past its time."""

    REMOVED = "removed"
    FAILED = "failed"
    PROTECTED = "protected"
    """Never removed by time alone."""
    LOCKED = "locked"
    """Somebody is at work on it: left for the next time."""
    EXTENDED = "extended"
    """Given more time while others were removed."""


@dataclass(frozen=True)
class Expiration:
    """One environment; `reason` says why it was not removed."""

    suffix: str
    expires_at: datetime
    outcome: Outcome
    reason: str = ""
    receipt: Receipt | None = None

    def as_json(self) -> dict[str, Any]:
        """As one JSON document, times in ISO 8601."""
        return {
            "suffix": self.suffix,
            "expires_at": self.expires_at.isoformat(),
            "outcome": str(self.outcome),
            "reason": self.reason,
            "receipt": self.receipt.as_json() if self.receipt else None,
        }


class Expiry:
    """The environments of an account and Region that are past their time. `destruction` makes the removal of one."""

    def __init__(self, account: Account, finder: Finder, destruction: Callable[[str], Destruction]) -> None:
        self._account = account
        self._finder = finder
        self._destruction = destruction

    def due(self) -> list[FoundEnvironment]:
        """Those that are past their time by AWS's clock, the longest first.

        Raises `InventoryError`, `ClockError` and botocore's errors.
        """
        now = aws_time(self._account)
        found = [one for one in self._finder.all() if one.expires_at is not None and one.expires_at <= now]
        return sorted(found, key=lambda one: (one.expires_at, one.suffix))

    def remove(self, one: FoundEnvironment, on_event: Callable[[Event], None] | None = None) -> Expiration:
        """Remove one of `due`; what goes wrong with it is in the answer, and no reason to leave the others undone.

        Raises `TerraformInterruptedError`.
        """
        assert one.expires_at is not None
        try:
            return self._remove(one.suffix, one.expires_at, on_event)
        except TerraformInterruptedError:
            raise
        except StateLockedError as error:
            return self._locked(one.suffix, one.expires_at, error.lock)
        except FAILURES as error:
            return Expiration(one.suffix, one.expires_at, Outcome.FAILED, str(error))

    def _remove(self, suffix: str, expires_at: datetime, on_event: Callable[[Event], None] | None) -> Expiration:
        """Look again first: since the list was made, minutes ago, somebody may have given it more time."""
        now = aws_time(self._account)
        end = self._finder.environment(suffix).expires_at
        if end is None or end > now:
            left = f"until {end.isoformat()}" if end else "without an end"
            return Expiration(suffix, end or expires_at, Outcome.EXTENDED, f"it was given more time, {left}")
        destruction = self._destruction(suffix)
        protection = destruction.preview(on_event).protection
        if reasons := (*protection.reasons, *protection.refusals):
            return Expiration(suffix, expires_at, Outcome.PROTECTED, "; ".join(reasons))
        receipt = destruction.run(on_event)
        if receipt.left:
            reason = f"{len(receipt.left)} resources are left: " + ", ".join(left.name for left in receipt.left)
            return Expiration(suffix, expires_at, Outcome.FAILED, reason, receipt)
        return Expiration(suffix, expires_at, Outcome.REMOVED, receipt=receipt)

    def _locked(self, suffix: str, expires_at: datetime, lock: LockInfo) -> Expiration:
        """A lock that no run can still hold is a failure: else nobody would ever hear of it."""
        reason = f"locked by {lock.who} since {lock.created} ({lock.operation})"
        stale = _is_older(lock.created, aws_time(self._account) - STALE_LOCK)
        if stale:
            reason += f"; if that run no longer exists, run `tap env unlock {suffix} --id {lock.id}`"
        return Expiration(suffix, expires_at, Outcome.FAILED if stale else Outcome.LOCKED, reason)


def _is_older(created: str, than: datetime) -> bool:
    """Whether a lock is; Terraform writes `2026-11-21 08:00:00.123456789 +0000 UTC`, or ISO 8601 into its file."""
    try:
        time = datetime.fromisoformat(created.removesuffix(" UTC").replace(" +", "+"))
    except ValueError:
        return False
    return time.tzinfo is not None and time < than
