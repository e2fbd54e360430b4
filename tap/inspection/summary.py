"""Every environment of an account and Region in a line each."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tap.account import Account
from tap.expiry.clock import aws_time
from tap.expiry.lifetime import in_words, time_left
from tap.inspection.health import Health, health_of_all, worst
from tap.inspection.regions import places_of
from tap.inventory.finder import Finder
from tap.inventory.found import FoundEnvironment

NO_RESOURCES = "state without resources"
NO_STATE = "resources without state"


@dataclass(frozen=True)
class Summary:
    """One environment; `resources` counts what exists in AWS, `note` says what is wrong with it, if anything."""

    suffix: str
    architecture: str | None
    environment_class: str | None
    owner: str | None
    created: datetime | None
    expires_at: datetime | None
    health: Health
    resources: int
    note: str | None
    now: datetime
    secondary_region: str | None = None

    @property
    def expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= self.now

    @property
    def age(self) -> str | None:
        return in_words(self.now - self.created) if self.created else None

    @property
    def time_left(self) -> str | None:
        return time_left(self.expires_at, self.now)

    def as_json(self) -> dict[str, Any]:
        """With times in ISO 8601, UTC."""
        return {
            "suffix": self.suffix,
            "architecture": self.architecture,
            "secondary_region": self.secondary_region,
            "class": self.environment_class,
            "owner": self.owner,
            "created": self.created.isoformat() if self.created else None,
            "age": self.age,
            "expires_at": self.expires_at.isoformat() if self.expires_at else None,
            "time_left": self.time_left,
            "expired": self.expired,
            "health": str(self.health),
            "resources": self.resources,
            "note": self.note,
        }


def summarize(found: FoundEnvironment, health: Health, now: datetime) -> Summary:
    """One environment as the list shows it."""
    note = NO_STATE if found.state is None else NO_RESOURCES if not found.resources else None
    return Summary(
        suffix=found.suffix,
        architecture=found.architecture,
        environment_class=found.environment_class,
        owner=found.owner,
        created=found.created,
        expires_at=found.expires_at,
        health=health,
        resources=len(found.resources),
        note=note,
        now=now,
        secondary_region=found.secondary_region,
    )


def summarize_all(account: Account, finder: Finder) -> list[Summary]:
    """All environments by suffix. Raises `InventoryError`, `ClockError` and botocore's errors: never half a list."""
    with ThreadPoolExecutor(3) as threads:
        health = threads.submit(health_of_all, account)
        now = threads.submit(aws_time, account)
        found = sorted(finder.all(), key=lambda one: one.suffix)
        others = sorted({one.secondary_region for one in found if one.secondary_region})
        answers = threads.map(lambda region: health_of_all(account.in_region(region)), others)
        alarms = {account.region: health.result(), **dict(zip(others, answers, strict=True))}
        return [summarize(one, _health(alarms, one, account.region), now.result()) for one in found]


def _health(alarms: Mapping[str, Mapping[str, Health]], found: FoundEnvironment, home: str) -> Health:
    """How an environment is by the alarms of its Regions."""
    places = places_of(found, home)
    return worst(alarms[place.region].get(place.label(found.suffix), Health.NONE) for place in places)
