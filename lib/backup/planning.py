"""What the backup plans of all architectures have in common: their rules and their role."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cdktf_cdktf_provider_aws.backup_plan import (
    BackupPlanRule,
    BackupPlanRuleCopyAction,
    BackupPlanRuleCopyActionLifecycle,
    BackupPlanRuleLifecycle,
)
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment

from lib.iam import service_role
from lib.region import Region

DAILY_RULE = "daily_backup"
DAILY_SCHEDULE = "cron(0 3 * * ? *)"
# Aurora refuses a snapshot during its own backup window (03:00-04:00): eight hours let AWS Backup try again after it.
START_WINDOW_MINUTES = 480
COMPLETION_WINDOW_MINUTES = 720


class BackupRole(NamedTuple):
    """The role that AWS Backup assumes, and what lets it back up; a selection of resources needs both."""

    role: IamRole
    permissions: IamRolePolicyAttachment


def backup_role(region: Region) -> BackupRole:
    """Return a role that may back up what a plan selects, and restore nothing."""
    role = service_role(region, "backup_role", name=region.settings.name("backup"), service="backup.amazonaws.com")
    permissions = region.add(
        IamRolePolicyAttachment,
        "backup_policy",
        role=role.name,
        policy_arn=f"arn:{region.partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
    )
    return BackupRole(role, permissions)


def backup_rule(
    name: str,
    *,
    schedule: str,
    vault_name: str,
    keep_days: int,
    copy_to: Sequence[str] = (),
    continuous: bool = False,
) -> BackupPlanRule:
    """Return a rule that keeps backups for `keep_days`, also the copies in each vault of `copy_to`."""
    copies = [
        BackupPlanRuleCopyAction(
            destination_vault_arn=vault_arn, lifecycle=BackupPlanRuleCopyActionLifecycle(delete_after=keep_days)
        )
        for vault_arn in copy_to
    ]
    return BackupPlanRule(
        rule_name=name,
        target_vault_name=vault_name,
        schedule=schedule,
        start_window=START_WINDOW_MINUTES,
        completion_window=COMPLETION_WINDOW_MINUTES,
        lifecycle=BackupPlanRuleLifecycle(delete_after=keep_days),
        copy_action=copies or None,
        enable_continuous_backup=continuous or None,
    )
