"""The architecture in two Regions: each of them is looked at, and what spans both."""

from __future__ import annotations

from typing import Any, cast

import pytest

from lib.settings import RegionRole, load_settings
from tap.account import Account
from tap.doctor import backups, identity, orders, quotas, region
from tap.doctor.check import Check, Status
from tap.doctor.design import Design
from tests.unit.stacks import synthesized
from tests.unit.tap_doctor.scripted_account import ScriptedAccount, refused

HOME, OTHER = "us-east-1", "us-west-2"
DESIGN = Design(synthesized(architecture="multi-region"))
SETTINGS = load_settings(_env_file=None, architecture="multi-region")


def account(answers: dict[str, Any], **elsewhere: dict[str, Any]) -> Account:
    return cast(Account, ScriptedAccount(answers, region=HOME, **elsewhere))


def checks(module: Any, name: str, reached: Account) -> list[Check]:
    suffix = ("dev",) if module is quotas else ()
    found = module.examinations(reached, *suffix, lambda: DESIGN)
    made: list[Check] = next(each for each in found if each.name == name).checks()
    return made


def quota(value: float) -> dict[str, Any]:
    return {"service-quotas.get_service_quota": {"Quota": {"Value": value}}}


def test_a_design_has_a_part_in_each_region() -> None:
    parts = DESIGN.by_region(HOME)
    assert list(parts) == [HOME, OTHER]
    here, there = parts.values()
    assert [part.count("aws_vpc") for part in (here, there)] == [1, 1]
    assert [part.count("aws_rds_global_cluster") for part in (here, there)] == [1, 0]
    assert [part.count("aws_kms_key", "aws_kms_replica_key") for part in (here, there)] == [3, 3]
    assert [list(part.nat_gateways) for part in (here, there)] == [["us-east-1a"], ["us-west-2a"]]
    # A replica counts where it is.
    assert [part.count("aws_dynamodb_table") for part in (here, there)] == [1, 1]
    assert [part.secrets for part in (here, there)] == [2, 2]


def test_a_design_in_one_region_has_one_part() -> None:
    one = Design(synthesized())
    assert one.by_region("eu-west-1") == {"eu-west-1": one}


def test_a_quota_is_looked_at_in_each_region() -> None:
    here = quota(5) | {"ec2.describe_vpcs": [{"Vpcs": [{}]}]}
    full = quota(1) | {"ec2.describe_vpcs": lambda **asked: [{"Vpcs": [] if asked else [{}]}]}
    found = checks(quotas, "VPCs", account(here, us_west_2=full))
    assert [(one.name, one.status) for one in found] == [
        ("VPCs, us-east-1", Status.OK),
        ("VPCs, us-west-2", Status.FAULT),
    ]
    assert "--region us-west-2" in str(found[1].remedy)


def test_what_cannot_be_counted_in_one_region_is_counted_in_the_other() -> None:
    here = quota(5) | {"ec2.describe_vpcs": [{"Vpcs": [{}]}]}
    closed = quota(5) | {"ec2.describe_vpcs": refused("DescribeVpcs")}
    assert [one.status for one in checks(quotas, "VPCs", account(here, us_west_2=closed))] == [
        Status.OK,
        Status.NOT_CHECKED,
    ]


def test_a_quota_of_the_account_is_looked_at_once() -> None:
    answers = quota(200) | {"route53.list_health_checks": [{"HealthChecks": [{}, {}]}]}
    [found] = checks(quotas, "health checks", account(answers))
    assert found == Check.ok("Quotas", "health checks", "quota 200, used 2, needed 2: 99 more environments fit")


def versions(*, supported: bool) -> dict[str, Any]:
    entry = {"EngineVersion": SETTINGS.db_engine_version, "SupportsGlobalDatabases": supported}
    return {"rds.describe_db_engine_versions": [{"DBEngineVersions": [entry]}]}


def test_a_version_must_be_sold_in_both_regions_for_global_databases() -> None:
    reached = account(versions(supported=True), us_west_2=versions(supported=False))
    assert [(one.name, one.status) for one in checks(orders, "engine version", reached)] == [
        ("engine version, us-east-1", Status.OK),
        ("engine version, us-west-2", Status.FAULT),
    ]


def classes(zones: str, *, supported: bool = True) -> dict[str, Any]:
    option = {"AvailabilityZones": [{"Name": zone} for zone in zones.split()], "SupportsGlobalDatabases": supported}
    return {"rds.describe_orderable_db_instance_options": [{"OrderableDBInstanceOptions": [option]}]}


def test_a_class_must_be_offered_in_the_zones_of_both_regions() -> None:
    here, there = classes("us-east-1a us-east-1b"), classes("us-west-2a us-west-2c")
    found = checks(orders, "instance class", account(here, us_west_2=there))
    assert [one.status for one in found] == [Status.OK, Status.FAULT]
    assert found[1].remedy is not None
    assert found[1].remedy.startswith("set SECONDARY_AVAILABILITY_ZONES so that the first ones are of a,c")


def test_a_class_must_be_one_for_global_databases() -> None:
    reached = account(classes("us-east-1a us-east-1b us-west-2a us-west-2b", supported=False))
    found = checks(orders, "instance class", reached)
    assert [one.status for one in found] == [Status.FAULT, Status.FAULT]
    assert "cannot be ordered in us-east-1" in found[0].found


def preference(on: bool) -> dict[str, Any]:
    return {"backup.describe_region_settings": {"ResourceTypeManagementPreference": {"DynamoDB": on}}}


def test_copies_of_tables_need_advanced_backups_in_both_regions() -> None:
    found = checks(backups, "copies of tables", account(preference(True), us_west_2=preference(False)))
    assert [(one.name, one.status) for one in found] == [
        ("copies of tables, us-east-1", Status.OK),
        ("copies of tables, us-west-2", Status.FAULT),
    ]
    assert found[1].remedy is not None
    assert "update-region-settings --region us-west-2" in found[1].remedy
    assert "--resource-type-management-preference DynamoDB=true" in found[1].remedy


def test_what_is_copied_nowhere_needs_no_setting() -> None:
    [examination] = backups.examinations(account({}), lambda: Design(synthesized()))
    assert examination.checks() == []


def test_the_setting_of_backups_may_not_be_read() -> None:
    closed = account({"backup.describe_region_settings": refused("DescribeRegionSettings")})
    found = checks(backups, "copies of tables", closed)
    assert {one.remedy for one in found} == {"allow backup:DescribeRegionSettings to these credentials"}


@pytest.mark.parametrize(
    ("regions", "status"),
    [([{"OptInStatus": "opted-in"}], Status.OK), ([{"OptInStatus": "not-opted-in"}], Status.FAULT), ([], Status.FAULT)],
)
def test_the_secondary_region_must_be_enabled(regions: list[dict[str, str]], status: Status) -> None:
    there = account({"ec2.describe_regions": {"Regions": regions}}).in_region(OTHER)
    [found] = region.region(there, RegionRole.SECONDARY)
    assert (found.name, found.status) == ("secondary Region", status)
    assert OTHER in found.found


def test_the_secondary_zones_are_set_by_an_input_of_their_own() -> None:
    zones = [{"ZoneName": f"us-west-2{letter}", "State": "available"} for letter in "abd"]
    there = account({"ec2.describe_availability_zones": {"AvailabilityZones": zones}}).in_region(OTHER)
    [found] = region.zones(there, SETTINGS.in_region(RegionRole.SECONDARY))
    assert (found.name, found.remedy) == ("secondary zones", "set SECONDARY_AVAILABILITY_ZONES=a,b,d")


def test_credentials_are_tried_in_the_secondary_region() -> None:
    there = account({"sts.get_caller_identity": {"Account": "1"}}).in_region(OTHER)
    assert [one.found for one in identity.there(there)] == ["accepted in us-west-2"]
    closed = account({"sts.get_caller_identity": refused("GetCallerIdentity", "InvalidClientTokenId")}).in_region(OTHER)
    [found] = identity.there(closed)
    assert (found.status, found.found) == (Status.FAULT, "refused in us-west-2: InvalidClientTokenId")
