"""Whether the account has room for one more environment of these settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from lib.availability import partition_of
from tap.account import Account
from tap.doctor.check import Check
from tap.doctor.design import Design
from tap.doctor.examination import CannotCheckError, Examination
from tap.doctor.quota import Quota
from tap.doctor.quota_table import QUOTAS

GROUP = "Quotas"


@dataclass(frozen=True)
class Room:
    """A quota where the least of it is left."""

    place: str
    value: int
    used: int
    needed: int

    @property
    def fits(self) -> int:
        """How many more environments fit."""
        return max(0, self.value - self.used) // self.needed

    def __str__(self) -> str:
        return f"quota {self.value}, used {self.used}, needed {self.needed}" + (
            f" in {self.place}" if self.place else ""
        )


def examinations(account: Account, suffix: str, design: Callable[[], Design]) -> list[Examination]:
    """One for each quota; `design` waits for the synthesis and raises CannotCheckError where there is none."""
    return [Examination(GROUP, quota.name, partial(_check, quota, account, suffix, design)) for quota in QUOTAS]


def _check(quota: Quota, account: Account, suffix: str, design: Callable[[], Design]) -> Iterator[Check]:
    """In each Region of the design; a quota of the whole account once."""
    parts = {account.region: design()} if quota.is_global else design().by_region(account.region)
    for region, part in parts.items():
        name = quota.name if len(parts) == 1 else f"{quota.name}, {region}"
        look = partial(_check_in, quota, name, account.in_region(region), suffix, part)
        yield from Examination(GROUP, name, look).checks()


def _check_in(quota: Quota, name: str, account: Account, suffix: str, design: Design) -> Iterator[Check]:
    needed = +quota.needed(design)
    if not needed:
        return
    details = _details(quota, account)
    value, used = int(details["Value"]), quota.used(account)
    rooms = (Room(place, value, used[place], number) for place, number in needed.items())
    room = min(rooms, key=lambda room: room.fits)
    if quota.per_environment and room.fits:
        yield Check.ok(GROUP, name, f"quota {room.value}, needed {room.needed}")
    elif room.fits:
        more = "1 more environment fits" if room.fits == 1 else f"{room.fits} more environments fit"
        yield Check.ok(GROUP, name, f"{room}: {more}")
    else:
        yield _does_not_fit(quota, name, account, suffix, room, adjustable=details.get("Adjustable", True))


def _details(quota: Quota, account: Account) -> dict[str, Any]:
    """The quota of this account, or AWS's default where the account never had another one."""
    client = account.client("service-quotas", account.global_region if quota.is_global else None)
    names = {"ServiceCode": quota.service, "QuotaCode": quota.code}
    try:
        answer = client.get_service_quota(**names)
    except client.exceptions.NoSuchResourceException:
        try:
            answer = client.get_aws_default_service_quota(**names)
        except client.exceptions.NoSuchResourceException:
            reason = f"Service Quotas knows no quota {quota.service}/{quota.code} in {account.region}"
            raise CannotCheckError(reason, f"compare by hand: the account's {quota.name} and their limit") from None
    details: dict[str, Any] = answer["Quota"]
    return details


def _does_not_fit(quota: Quota, name: str, account: Account, suffix: str, room: Room, *, adjustable: bool) -> Check:
    region = account.global_region if quota.is_global else account.region
    command = (
        f"`aws service-quotas request-service-quota-increase --service-code {quota.service} "
        f"--quota-code {quota.code} --desired-value {room.used + room.needed} --region {region}`"
    )
    partition = partition_of(region)
    if partition is not None and partition.id == "aws":  # Other partitions have consoles of their own.
        page = f"servicequotas/home/services/{quota.service}/quotas/{quota.code}"
        command += f" (https://{region}.console.aws.amazon.com/{page})"
    free = "destroy an environment that is no longer needed (`tap env list`)"
    remedy = f"{command}, or {free}" if adjustable else f"AWS does not raise it: {free}"
    if _is_deployed(account, suffix):
        found = f"{room}: no environment fits beside {suffix!r}, which is deployed and needs no more"
        return Check.warning(GROUP, name, found, remedy)
    return Check.fault(GROUP, name, f"{room}: the environment does not fit", remedy)


def _is_deployed(account: Account, suffix: str) -> bool:
    """Whether the environment of these settings has its VPC already."""
    filters = [{"Name": "tag:EnvironmentSuffix", "Values": [suffix]}]
    return bool(account.client("ec2").describe_vpcs(Filters=filters)["Vpcs"])
