"""Whether AWS sells what the design orders: engine version, instance class in each zone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tap.account import Account
from tap.doctor.check import Check
from tap.doctor.design import Design
from tap.doctor.examination import Examination

GROUP = "Orders"
_SHOWN = 8


def examinations(account: Account, design: Callable[[], Design]) -> list[Examination]:
    """`design` waits for the synthesis and raises CannotCheckError where there is none."""
    return [
        Examination(GROUP, name, partial(_in_each_region, name, look, account, design))
        for name, look in (("engine version", _versions), ("instance class", _classes))
    ]


@dataclass(frozen=True)
class _Order:
    """What is ordered in one Region; `zones_input` is the input that chooses its zones."""

    check: str
    account: Account
    design: Design
    zones_input: str


def _in_each_region(
    check: str, look: Callable[[_Order], Iterator[Check]], account: Account, design: Callable[[], Design]
) -> Iterator[Check]:
    parts = design().by_region(account.region)
    for region, part in parts.items():
        name = check if len(parts) == 1 else f"{check}, {region}"
        zones_input = "AVAILABILITY_ZONES" if region == account.region else "SECONDARY_AVAILABILITY_ZONES"
        order = _Order(name, account.in_region(region), part, zones_input)
        yield from Examination(GROUP, name, partial(look, order)).checks()


def _versions(order: _Order) -> Iterator[Check]:
    """Whether RDS knows the version, and still sells it."""
    name, region = order.check, order.account.region
    for cluster in order.design.of_type("aws_rds_cluster").values():
        engine, version = cluster["engine"], cluster["engine_version"]
        found = _all(order.account, "describe_db_engine_versions", "DBEngineVersions", Engine=engine, IncludeAll=True)
        if "global_cluster_identifier" in cluster:
            found = [entry for entry in found if entry.get("SupportsGlobalDatabases", True)]
        status = {entry["EngineVersion"]: entry.get("Status", "available") for entry in found}
        line = f"{version.rpartition('.')[0]}."
        sold = [other for other, state in status.items() if state == "available" and other.startswith(line)]
        others = sold or [other for other, state in status.items() if state == "available"]
        remedy = f"set DB_ENGINE_VERSION to one of {', '.join(others[-_SHOWN:])}" if others else "use another Region"
        shown = f"{engine} {version}"
        if version not in status:
            yield Check.fault(GROUP, name, f"{shown} does not exist in {region}", remedy)
        elif status[version] != "available":
            yield Check.fault(GROUP, name, f"{shown} is {status[version]} in {region}", remedy)
        else:
            yield Check.ok(GROUP, name, f"{shown} is available")


def _classes(order: _Order) -> Iterator[Check]:
    """Whether each instance's class is offered in its zone, for a global database where the cluster is part of one."""
    for cluster_name, cluster in order.design.of_type("aws_rds_cluster").items():
        for class_, zones in _zones_by_class(order.design, cluster_name).items():
            engine, version = cluster["engine"], cluster["engine_version"]
            options = _all(
                order.account,
                "describe_orderable_db_instance_options",
                "OrderableDBInstanceOptions",
                Engine=engine,
                EngineVersion=version,
                DBInstanceClass=class_,
                Vpc=True,
            )
            if "global_cluster_identifier" in cluster:
                options = [option for option in options if option.get("SupportsGlobalDatabases", True)]
            offered = {zone["Name"] for option in options for zone in option.get("AvailabilityZones", [])}
            yield _offered(order, engine, f"{class_} with {engine} {version}", sorted(zones), offered)


def _zones_by_class(design: Design, cluster_name: str) -> dict[str, set[str]]:
    reference = f"${{aws_rds_cluster.{cluster_name}.id}}"
    found: dict[str, set[str]] = {}
    for instance in design.of_type("aws_rds_cluster_instance").values():
        if instance["cluster_identifier"] == reference:
            found.setdefault(instance["instance_class"], set()).add(instance["availability_zone"])
    return found


def _offered(order: _Order, engine: str, ordered: str, zones: list[str], offered: set[str]) -> Check:
    name, region = order.check, order.account.region
    missing = [zone for zone in zones if zone not in offered]
    if not missing:
        return Check.ok(GROUP, name, f"{ordered} can be ordered in {', '.join(zones)}")
    if not offered:
        found = f"{ordered} cannot be ordered in {region}"
        remedy = (
            "set DB_INSTANCE_CLASS, or DB_ENGINE_VERSION, to what `aws rds describe-orderable-db-instance-options "
            f"--engine {engine} --region {region}` lists"
        )
        return Check.fault(GROUP, name, found, remedy)
    letters = ",".join(zone.removeprefix(region) for zone in sorted(offered))
    remedy = f"set {order.zones_input} so that the first ones are of {letters}, or set another DB_INSTANCE_CLASS"
    return Check.fault(GROUP, name, f"{ordered} cannot be ordered in {', '.join(missing)}", remedy)


def _all(account: Account, operation: str, key: str, **parameters: Any) -> list[Any]:
    pages = account.client("rds").get_paginator(operation).paginate(**parameters)
    return [entry for page in pages for entry in page[key]]
