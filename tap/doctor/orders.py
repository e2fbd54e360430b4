"""Whether AWS sells what the design orders: engine version, instance class in each zone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
        Examination(GROUP, "engine version", partial(_versions, account, design)),
        Examination(GROUP, "instance class", partial(_classes, account, design)),
    ]


def _versions(account: Account, design: Callable[[], Design]) -> Iterator[Check]:
    """Whether RDS knows the version, and still sells it."""
    for cluster in design().of_type("aws_rds_cluster").values():
        engine, version = cluster["engine"], cluster["engine_version"]
        found = _all(account, "describe_db_engine_versions", "DBEngineVersions", Engine=engine, IncludeAll=True)
        status = {entry["EngineVersion"]: entry.get("Status", "available") for entry in found}
        line = f"{version.rpartition('.')[0]}."
        sold = [other for other, state in status.items() if state == "available" and other.startswith(line)]
        others = sold or [other for other, state in status.items() if state == "available"]
        remedy = f"set DB_ENGINE_VERSION to one of {', '.join(others[-_SHOWN:])}" if others else "use another Region"
        shown = f"{engine} {version}"
        if version not in status:
            yield Check.fault(GROUP, "engine version", f"{shown} does not exist in {account.region}", remedy)
        elif status[version] != "available":
            yield Check.fault(GROUP, "engine version", f"{shown} is {status[version]} in {account.region}", remedy)
        else:
            yield Check.ok(GROUP, "engine version", f"{shown} is available")


def _classes(account: Account, design: Callable[[], Design]) -> Iterator[Check]:
    """Whether each instance's class is offered in its zone."""
    for cluster_name, cluster in design().of_type("aws_rds_cluster").items():
        wanted = _zones_by_class(design(), cluster_name)
        for class_, zones in wanted.items():
            engine, version = cluster["engine"], cluster["engine_version"]
            options = _all(
                account,
                "describe_orderable_db_instance_options",
                "OrderableDBInstanceOptions",
                Engine=engine,
                EngineVersion=version,
                DBInstanceClass=class_,
                Vpc=True,
            )
            offered = {zone["Name"] for option in options for zone in option.get("AvailabilityZones", [])}
            yield _offered(f"{class_} with {engine} {version}", sorted(zones), offered, account)


def _zones_by_class(design: Design, cluster_name: str) -> dict[str, set[str]]:
    reference = f"${{aws_rds_cluster.{cluster_name}.id}}"
    found: dict[str, set[str]] = {}
    for instance in design.of_type("aws_rds_cluster_instance").values():
        if instance["cluster_identifier"] == reference:
            found.setdefault(instance["instance_class"], set()).add(instance["availability_zone"])
    return found


def _offered(order: str, zones: list[str], offered: set[str], account: Account) -> Check:
    missing = [zone for zone in zones if zone not in offered]
    if not missing:
        return Check.ok(GROUP, "instance class", f"{order} can be ordered in {', '.join(zones)}")
    if not offered:
        found = f"{order} cannot be ordered in {account.region}"
        remedy = (
            "set DB_INSTANCE_CLASS, or DB_ENGINE_VERSION, to what `aws rds describe-orderable-db-instance-options "
            f"--engine aurora-mysql --region {account.region}` lists"
        )
        return Check.fault(GROUP, "instance class", found, remedy)
    letters = ",".join(zone.removeprefix(account.region) for zone in sorted(offered))
    remedy = f"set AVAILABILITY_ZONES so that the first ones are of {letters}, or set another DB_INSTANCE_CLASS"
    return Check.fault(GROUP, "instance class", f"{order} cannot be ordered in {', '.join(missing)}", remedy)


def _all(account: Account, operation: str, key: str, **parameters: Any) -> list[Any]:
    pages = account.client("rds").get_paginator(operation).paginate(**parameters)
    return [entry for page in pages for entry in page[key]]
