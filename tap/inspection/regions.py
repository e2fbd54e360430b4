"""Each of the Regions of an environment in two: what it was deployed as, its role now, its API and its alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap.account import Account
from tap.environment import API_ENDPOINT, REGION_ROLE
from tap.inspection.health import Health, health_of
from tap.inventory.found import FoundEnvironment

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient


@dataclass(frozen=True)
class Place:
    """A Region of an environment; `deployed_as` is `primary` or `secondary`, empty for the only one.

    It is part of the names there, and stays what it is when the Regions change their roles.
    """

    region: str
    deployed_as: str = ""

    def label(self, suffix: str) -> str:
        """The end of the names there."""
        return f"{self.deployed_as}-{suffix}" if self.deployed_as else suffix


def places_of(found: FoundEnvironment, home: str) -> list[Place]:
    """The Regions of an environment that is at home in `home`."""
    if found.secondary_region is None:
        return [Place(home)]
    return [Place(home, "primary"), Place(found.secondary_region, "secondary")]


@dataclass(frozen=True)
class RegionView:
    """`role` and `api` are None where the environment does not say, or is in one Region."""

    place: Place
    health: Health
    role: str | None = None
    api: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "region": self.place.region,
            "deployed_as": self.place.deployed_as or None,
            "role": self.role,
            "api": self.api,
            "health": str(self.health),
        }


def view(account: Account, suffix: str, place: Place) -> RegionView:
    """Look at one Region. Raises botocore's errors."""
    there = account.in_region(place.region)
    parameters = _parameters(there, suffix) if place.deployed_as else {}
    health = health_of(there, place.label(suffix))
    return RegionView(place, health, parameters.get(REGION_ROLE), parameters.get(API_ENDPOINT))


def _parameters(account: Account, suffix: str) -> Mapping[str, str]:
    """What the environment says of itself in a Region."""
    ssm: SSMClient = account.client("ssm")
    start = f"/payment/{suffix}/"
    answer = ssm.get_parameters(Names=[f"{start}{key}" for key in (REGION_ROLE, API_ENDPOINT)])
    return {one["Name"].removeprefix(start): one["Value"] for one in answer["Parameters"]}
