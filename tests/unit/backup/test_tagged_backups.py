"""Backups by tag: which rules, of what, kept how long, and of nobody else's resources."""

from __future__ import annotations

from typing import Any

import pytest

from lib.backup.tagged import BACKUP_TAGS, TaggedBackups
from lib.database.aurora import BACKUP_WINDOW
from lib.region import Region
from tests.unit.region_stack import synthesized_in_region
from tests.unit.stacks import Document, arguments, policies

COPIES = "arn:aws:backup:us-east-2:123456789012:backup-vault:copies"


def plan_rules(document: Document) -> dict[str, dict[str, Any]]:
    rules = arguments(document, "aws_backup_plan.backup_plan")["rule"]
    return {rule["rule_name"]: rule for rule in rules}


def backed_up(*copy_to: str, **inputs: Any) -> Document:
    def build(region: Region) -> None:
        backups = TaggedBackups(region, vault_name="vault", copy_to=copy_to)
        assert set(backups.outputs()) == {"backup_plan_id", "backup_role_arn"}

    return synthesized_in_region(build, **inputs)


@pytest.mark.parametrize(
    ("environment_class", "daily", "weekly"), [("ephemeral", 7, 30), ("staging", 7, 30), ("production", 35, 90)]
)
def test_daily_backups_go_back_to_any_second_and_weekly_ones_are_kept_longer(
    environment_class: str, daily: int, weekly: int
) -> None:
    rules = plan_rules(backed_up(environment_class=environment_class))
    assert {name: rule["lifecycle"] for name, rule in rules.items()} == {
        "daily_backup": {"delete_after": daily},
        "weekly_backup": {"delete_after": weekly},
    }
    assert {name: rule.get("enable_continuous_backup", False) for name, rule in rules.items()} == {
        "daily_backup": True,
        "weekly_backup": False,
    }


def test_the_windows_in_which_the_rules_may_start_never_meet() -> None:
    rules = plan_rules(backed_up())
    assert rules["daily_backup"]["schedule"] == "cron(0 3 * * ? *)"
    assert rules["weekly_backup"]["schedule"] == "cron(0 15 ? * SUN *)"
    starts = [(hour, hour + rule["start_window"] / 60) for hour, rule in zip((3, 15), rules.values(), strict=True)]
    assert starts == [(3, 11), (15, 23)]
    # AWS Backup tries again once Aurora's own window has closed.
    assert int(BACKUP_WINDOW.partition("-")[2].partition(":")[0]) < starts[0][1]


def test_a_resource_must_have_the_tags_of_this_environment_and_of_backups() -> None:
    selection = arguments(backed_up(environment_suffix="pr-1"), "aws_backup_selection.backup_selection")
    (condition,) = selection["condition"]
    assert {test["key"]: test["value"] for test in condition["string_equals"]} == {
        "aws:ResourceTag/EnvironmentSuffix": "pr-1",
        "aws:ResourceTag/Backup": "payment",
    }
    assert BACKUP_TAGS == {"Backup": "payment"}
    # One tag of a list would be enough.
    assert "selection_tag" not in selection
    account = "${data.aws_caller_identity.account.account_id}"
    assert selection["resources"] == [
        f"arn:aws:rds:us-east-1:{account}:cluster:*",
        f"arn:aws:dynamodb:us-east-1:{account}:table/*",
        f"arn:aws:ec2:us-east-1:{account}:volume/*",
    ]
    assert selection["depends_on"] == ["aws_iam_role_policy_attachment.backup_policy"]


def test_backups_are_made_by_a_role_of_their_own() -> None:
    document = backed_up()
    (trust,) = dict(policies(document))["aws_iam_role.backup_role"]["Statement"]
    assert trust["Principal"] == {"Service": "backup.amazonaws.com"}
    policy = arguments(document, "aws_iam_role_policy_attachment.backup_policy")["policy_arn"]
    assert policy == "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
    assert arguments(document, "aws_backup_selection.backup_selection")["iam_role_arn"] == (
        "${aws_iam_role.backup_role.arn}"
    )


def test_both_rules_copy_to_the_other_vaults_and_keep_the_copies_as_long() -> None:
    for rule in plan_rules(backed_up(COPIES)).values():
        assert rule["copy_action"] == [{"destination_vault_arn": COPIES, "lifecycle": rule["lifecycle"]}]
    assert "copy_action" not in plan_rules(backed_up())["daily_backup"]
