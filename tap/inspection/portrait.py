"""One environment looked over: what it consists of, how it is, and who is at work on it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tap.account import Account
from tap.expiry.clock import aws_time
from tap.inspection.concerns import by_concern
from tap.inspection.health import RaisedAlarm, raised_alarms, worst
from tap.inspection.refresh import find_drift
from tap.inspection.regions import Place, RegionView, places_of, view
from tap.inspection.replication import Copy, copies_of
from tap.inspection.summary import Summary, summarize
from tap.inspection.verification import Verification, verify
from tap.inventory.found import FoundEnvironment
from tap.inventory.states import State, StateStore
from tap.terraform_errors import LockInfo
from tap.terraform_events import Event
from tap.workspace import DIRECTORY


@dataclass(frozen=True)
class Portrait:
    """`verification` is None where it was not asked for, or cannot be: there is no state, or it is locked."""

    found: FoundEnvironment
    summary: Summary
    state: State | None
    lock: LockInfo | None
    alarms: tuple[RaisedAlarm, ...]
    verification: Verification | None
    regions: tuple[RegionView, ...] = ()
    copies: tuple[Copy, ...] = ()
    """Of its data, where it is in two Regions."""

    @property
    def tainted(self) -> tuple[str, ...]:
        """Addresses of resources whose making was interrupted: the next deployment would replace them."""
        return tuple(resource.address for resource in self.state.resources if resource.tainted) if self.state else ()

    @property
    def outputs(self) -> dict[str, Any]:
        """Outputs of the state that are not sensitive."""
        return dict(sorted(self.state.outputs.items())) if self.state else {}

    def as_json(self) -> dict[str, Any]:
        """As one JSON document, with times in ISO 8601, UTC."""
        concerns = by_concern(self.found.resources)
        return {
            **self.summary.as_json(),
            "state": self.found.state.location if self.found.state else None,
            "concerns": {
                str(concern): [{"type": one.type, "name": one.name, "arn": one.arn} for one in resources]
                for concern, resources in concerns.items()
            },
            "outputs": self.outputs,
            "regions": [one.as_json() for one in self.regions],
            "replication": [one.as_json() for one in self.copies],
            "alarms": [
                {"name": one.name, "region": one.region, "since": one.since.isoformat(), "reason": one.reason}
                for one in self.alarms
            ],
            "verification": self.verification.as_json() if self.verification else None,
            "tainted": list(self.tainted),
            "lock": lock_as_json(self.lock) if self.lock else None,
        }


def look_over(
    account: Account,
    states: StateStore,
    found: FoundEnvironment,
    *,
    drift: bool = True,
    directory: Path = DIRECTORY,
    on_event: Callable[[Event], None] | None = None,
) -> Portrait:
    """Ask for all of it; `drift`: also plan, which takes some seconds. Raises `TerraformError`, botocore's errors."""
    places = places_of(found, account.region)
    with ThreadPoolExecutor(8) as threads:
        regions = [threads.submit(view, account, found.suffix, place) for place in places]
        alarms = [threads.submit(_raised, account, found, place) for place in places]
        copies = threads.submit(copies_of, account, found) if len(places) > 1 else None
        now = threads.submit(aws_time, account)
        lock = threads.submit(states.lock, found.suffix)
        state = states.read(found.suffix)
    views = tuple(one.result() for one in regions)
    summary = summarize(found, worst(one.health for one in views), now.result())
    verification = None
    if drift and state is not None and lock.result() is None:
        drifted = find_drift(account, states, found, state, directory=directory, on_event=on_event)
        verification = verify(found, state, drifted)
    raised = tuple(alarm for one in alarms for alarm in one.result())
    data = tuple(copies.result()) if copies else ()
    return Portrait(found, summary, state, lock.result(), raised, verification, views, data)


def _raised(account: Account, found: FoundEnvironment, place: Place) -> list[RaisedAlarm]:
    """The alarms of one Region that are on."""
    there = [one for one in found.resources if (one.type, one.region) == ("cloudwatch:alarm", place.region)]
    return raised_alarms(account.in_region(place.region), [one.name for one in there])


def lock_as_json(lock: LockInfo) -> dict[str, str]:
    """Who holds a state, and since when."""
    return {"id": lock.id, "who": lock.who, "since": lock.created, "operation": lock.operation}
