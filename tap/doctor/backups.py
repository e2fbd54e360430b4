"""Whether AWS Backup copies what the design wants copied to another Region."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from tap.account import Account
from tap.doctor.check import Check
from tap.doctor.design import Design
from tap.doctor.examination import Examination

GROUP = "Backups"


def examinations(account: Account, design: Callable[[], Design]) -> list[Examination]:
    """`design` waits for the synthesis and raises CannotCheckError where there is none."""
    return [Examination(GROUP, "copies of tables", partial(_copies, account, design))]


def _copies(account: Account, design: Callable[[], Design]) -> Iterator[Check]:
    """Copies of DynamoDB tables need its advanced backups, a setting of each Region.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/advanced-ddb-backup.html
    """
    plans = design().of_type("aws_backup_plan").values()
    copied = any(rule.get("copy_action") for plan in plans for rule in plan["rule"])
    if not copied or not design().count("aws_dynamodb_table"):
        return
    for region in design().by_region(account.region):
        name = f"copies of tables, {region}"
        yield from Examination(GROUP, name, partial(_advanced, account.in_region(region), name)).checks()


def _advanced(account: Account, name: str) -> Iterator[Check]:
    answer = account.client("backup").describe_region_settings()
    if answer.get("ResourceTypeManagementPreference", {}).get("DynamoDB"):
        yield Check.ok(GROUP, name, "AWS Backup manages backups of DynamoDB tables, and copies them")
        return
    found = "advanced DynamoDB backups are off: AWS Backup copies no table to another Region"
    command = (
        f"`aws backup update-region-settings --region {account.region} "
        "--resource-type-opt-in-preference DynamoDB=true --resource-type-management-preference DynamoDB=true`"
    )
    yield Check.fault(GROUP, name, found, command)
