"""Whether what the design orders can be had."""

from __future__ import annotations

from typing import Any, cast

import pytest

from tap.account import Account
from tap.doctor.check import Check, Status
from tap.doctor.design import Design
from tap.doctor.orders import examinations
from tests.unit.tap_doctor.scripted_account import ScriptedAccount, refused

VERSION = "8.0.mysql_aurora.3.10.0"
DESIGN = Design(
    {
        "resource": {
            "aws_rds_cluster": {"ledger": {"engine": "aurora-mysql", "engine_version": VERSION}},
            "aws_rds_cluster_instance": {
                letter: {
                    "cluster_identifier": "${aws_rds_cluster.ledger.id}",
                    "instance_class": "db.r5.large",
                    "availability_zone": f"eu-west-1{letter}",
                }
                for letter in "ab"
            },
        }
    }
)


def check(name: str, answers: dict[str, Any]) -> Check:
    account = ScriptedAccount(answers)
    [found] = next(each for each in examinations(cast(Account, account), lambda: DESIGN) if each.name == name).checks()
    return found


def classes(*options: str) -> dict[str, Any]:
    offered = [{"AvailabilityZones": [{"Name": f"eu-west-1{letter}"} for letter in option]} for option in options]
    return {"rds.describe_orderable_db_instance_options": [{"OrderableDBInstanceOptions": offered}]}


def test_a_version_that_is_sold_is_well() -> None:
    found = check(
        "engine version", {"rds.describe_db_engine_versions": [{"DBEngineVersions": [{"EngineVersion": VERSION}]}]}
    )
    assert found == Check.ok("Orders", "engine version", f"aurora-mysql {VERSION} is available")


def test_a_version_that_is_gone_is_a_fault_and_names_those_of_its_line() -> None:
    entries = [{"EngineVersion": f"8.0.mysql_aurora.3.{end}"} for end in ("08.1", "10.1", "10.2")]
    found = check("engine version", {"rds.describe_db_engine_versions": [{"DBEngineVersions": entries}]})
    assert found.status is Status.FAULT
    assert found.remedy == "set DB_ENGINE_VERSION to one of 8.0.mysql_aurora.3.10.1, 8.0.mysql_aurora.3.10.2"


def test_a_deprecated_version_is_a_fault() -> None:
    entries = [{"EngineVersion": VERSION, "Status": "deprecated"}]
    found = check("engine version", {"rds.describe_db_engine_versions": [{"DBEngineVersions": entries}]})
    assert (found.status, found.remedy) == (Status.FAULT, "use another Region")
    assert f"{VERSION} is deprecated" in found.found


@pytest.mark.parametrize("options", [("abc",), ("a", "b")])
def test_a_class_that_is_offered_in_the_zones_of_the_instances_is_well(options: tuple[str, ...]) -> None:
    found = check("instance class", classes(*options))
    assert found.status is Status.OK
    assert found.found.endswith("can be ordered in eu-west-1a, eu-west-1b")


def test_a_zone_without_the_class_is_a_fault() -> None:
    found = check("instance class", classes("ac"))
    assert found.status is Status.FAULT
    assert found.found.endswith("cannot be ordered in eu-west-1b")
    assert found.remedy is not None
    assert "a,c" in found.remedy


def test_a_class_that_nobody_can_order_is_a_fault() -> None:
    found = check("instance class", classes())
    assert found.status is Status.FAULT
    assert found.remedy is not None
    assert "`aws rds describe-orderable-db-instance-options --engine aurora-mysql --region eu-west-1`" in found.remedy


def test_what_is_not_permitted_names_the_action() -> None:
    error = refused("DescribeOrderableDBInstanceOptions")
    found = check("instance class", {"rds.describe_orderable_db_instance_options": error})
    assert (found.status, found.remedy) == (
        Status.NOT_CHECKED,
        "allow rds:DescribeOrderableDBInstanceOptions to these credentials",
    )
