"""Removes resources that exist in AWS and that Terraform does not, or no longer, look after."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from lib.input_rules import usable_suffix
from tap.account import Account
from tap.inventory.resource import Resource
from tap.removal.order import PHASES, Phase, phase_of
from tap.removal.ownership import Ownership
from tap.removal.remover import GoesWithError, Scope
from tap.removal.removers import REMOVERS
from tap.removal.removing import Removing, reason_of

TIMEOUT = 900
"""Seconds for a whole sweep."""
WORKERS = 8
"""Removals at once: more make AWS throttle them."""


class SweepStep(StrEnum):
    """What happens to a resource."""

    REMOVING = "removing"
    RETRYING = "retrying"
    SWEPT = "swept"
    KEPT = "kept"
    FAILED = "failed"


@dataclass(frozen=True)
class SweepEvent:
    """One step. `detail` says why, for `RETRYING` and `FAILED`."""

    step: SweepStep
    resource: Resource
    detail: str = ""


@dataclass
class SweepReport:
    """Every resource of a sweep, in one of three lists. `failed` names the reason, and says the remedy if it can."""

    swept: list[Resource] = field(default_factory=list)
    kept: list[Resource] = field(default_factory=list)
    failed: list[tuple[Resource, str]] = field(default_factory=list)


class Sweeper:
    """Removes one by one what was found, in the order of `PHASES`. `on_event` is called by one thread at a time."""

    def __init__(self, account: Account, *, on_event: Callable[[SweepEvent], None] | None = None) -> None:
        self._account = account
        self._on_event = on_event
        self._lock = threading.Lock()

    def sweep(
        self,
        suffix: str,
        resources: Iterable[Resource],
        *,
        owners: Collection[str] = (),
        keep: Collection[str] = (),
        timeout: float = TIMEOUT,
    ) -> SweepReport:
        """Removes `resources`, each only if AWS says at that moment that it is of environment `suffix`.

        `owners`: ARNs that vouch for their parts, since Terraform has just removed them. `keep`: ARNs to leave alone.
        `timeout`: seconds after which nothing more is begun. No error of AWS's ends a sweep: they are in the report.
        Raises `ValueError` for what cannot be a suffix.
        """
        given = {resource.arn: resource for resource in resources}
        scope = Scope(self._account, usable_suffix(suffix), REMOVERS)
        ownership = Ownership(scope, given, owners)
        removing = Removing(scope, ownership, time.monotonic() + timeout, partial(self._tell, SweepStep.RETRYING))
        report, later = SweepReport(), []
        for resource in given.values():
            if resource.arn in keep:
                report.kept.append(resource)
                self._tell(SweepStep.KEPT, resource)
            elif phase_of(resource.type) is None:
                self._fail(report, resource, f"no remover for {resource.type}: remove it by hand")
        for phase in PHASES:
            of_phase = [each for each in given.values() if each.type in phase.types and each.arn not in keep]
            for resource, outcome in zip(of_phase, self._side_by_side(removing, of_phase, phase), strict=True):
                if isinstance(outcome, GoesWithError):
                    later.append((resource, outcome.owner))
                elif outcome is not None:
                    self._fail(report, resource, reason_of(outcome))
                else:
                    ownership.vouch(resource)
                    report.swept.append(resource)
        for resource, owner in later:
            self._settle(removing, resource, owner, report)
        return report

    def _side_by_side(self, removing: Removing, resources: list[Resource], phase: Phase) -> Iterable[Exception | None]:
        """For each resource None, or why it is still there. Whatever goes wrong with one must not stop the others."""

        def remove(resource: Resource) -> Exception | None:
            self._tell(SweepStep.REMOVING, resource)
            try:
                removing.remove(resource, phase.patience)
            except Exception as error:
                return error
            self._tell(SweepStep.SWEPT, resource)
            return None

        if not resources:
            return []
        with ThreadPoolExecutor(min(WORKERS, len(resources))) as workers:
            try:
                return list(workers.map(remove, resources))
            except BaseException:  # An interruption: it ends after the calls that are under way.
                removing.stop()
                workers.shutdown(cancel_futures=True)
                raise

    def _settle(self, removing: Removing, resource: Resource, owner: str, report: SweepReport) -> None:
        """What AWS removes together with `owner`, which had its turn by now."""
        owner_is_gone = any(swept.arn == owner for swept in report.swept)
        phase = phase_of(resource.type)
        try:
            removing.wait_until_gone(resource, phase.patience if phase and owner_is_gone else 0)
        except Exception as error:
            why = reason_of(error) if owner_is_gone else "which was not removed here"
            self._fail(report, resource, f"AWS removes it with {owner}: {why}")
            return
        report.swept.append(resource)
        self._tell(SweepStep.SWEPT, resource)

    def _fail(self, report: SweepReport, resource: Resource, reason: str) -> None:
        report.failed.append((resource, reason))
        self._tell(SweepStep.FAILED, resource, reason)

    def _tell(self, step: SweepStep, resource: Resource, detail: str = "") -> None:
        if self._on_event:
            with self._lock:
                self._on_event(SweepEvent(step, resource, detail))
