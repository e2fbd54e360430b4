"""Whether the account may use a Region, and the zones that the settings name exist there."""

from __future__ import annotations

from collections.abc import Iterator

from lib.settings import RegionRole, Settings
from tap.account import Account
from tap.doctor.check import Check

GROUP = "Account"
ZONES = 3


def region(account: Account, role: RegionRole = RegionRole.PRIMARY) -> Iterator[Check]:
    """Whether the Region is enabled; asked in another one, as a Region that is not enabled answers nobody."""
    name = "Region" if role is RegionRole.PRIMARY else "secondary Region"
    variable = "AWS_REGION" if role is RegionRole.PRIMARY else "SECONDARY_REGION"
    client = account.client("ec2", account.global_region)
    found = client.describe_regions(RegionNames=[account.region], AllRegions=True)["Regions"]
    status = found[0].get("OptInStatus", "opt-in-not-required") if found else "unknown"
    if status == "not-opted-in":
        remedy = f"`aws account enable-region --region-name {account.region}` (takes minutes to hours)"
        yield Check.fault(GROUP, name, f"{account.region} is not enabled for this account", remedy)
    elif found:
        yield Check.ok(GROUP, name, f"{account.region}, {status}")
    else:
        remedy = f"set {variable} to one that `aws ec2 describe-regions` lists"
        yield Check.fault(GROUP, name, f"this account does not know {account.region}", remedy)


def zones(account: Account, settings: Settings) -> Iterator[Check]:
    """Whether the three zones exist and are available: which letters an account has differs between accounts.

    `settings` are those of the account's Region (`Settings.in_region`).
    """
    name, prefix = ("zones", "") if settings.role is not RegionRole.SECONDARY else ("secondary zones", "SECONDARY_")
    filters = [{"Name": "zone-type", "Values": ["availability-zone"]}]
    answer = account.client("ec2").describe_availability_zones(Filters=filters)
    available = sorted(zone["ZoneName"] for zone in answer["AvailabilityZones"] if zone["State"] == "available")
    missing = [zone for zone in settings.zones if zone not in available]
    if not missing:
        yield Check.ok(GROUP, name, ", ".join(settings.zones))
        return
    letters = [zone.removeprefix(settings.aws_region) for zone in available]
    if len(letters) < ZONES:
        remedy = f"set {prefix or 'AWS_'}REGION to a Region with three zones"
    else:
        kept = [letter for letter in letters if f"{settings.aws_region}{letter}" in settings.zones]
        others = [letter for letter in letters if letter not in kept]
        remedy = f"set {prefix}AVAILABILITY_ZONES={','.join(sorted([*kept, *others][:ZONES]))}"
    yield Check.fault(GROUP, name, f"not available: {', '.join(missing)}; there are {', '.join(available)}", remedy)
