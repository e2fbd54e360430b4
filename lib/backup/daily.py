"""Daily backups of what holds data."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.backup_plan import (
    BackupPlan,
    BackupPlanRule,
    BackupPlanRuleCopyAction,
    BackupPlanRuleCopyActionLifecycle,
    BackupPlanRuleLifecycle,
)
from cdktf_cdktf_provider_aws.backup_selection import BackupSelection
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment

from lib.iam import service_role
from lib.region import Region

RULE_NAME = "daily_backup"
SCHEDULE = "cron(0 3 * * ? *)"
# Aurora refuses a snapshot during its own backup window (03:00-04:00): eight hours let AWS Backup try again after it.
START_WINDOW_MINUTES = 480
COMPLETION_WINDOW_MINUTES = 720


class DailyBackup:
    """Plan and role; `resource_arns` are backed up every day at 03:00 UTC, and copied to each vault of `copy_to`."""

    def __init__(
        self, region: Region, *, vault_name: str, resource_arns: Sequence[str], copy_to: Sequence[str] = ()
    ) -> None:
        days = region.settings.backup_retention_days
        copies = [
            BackupPlanRuleCopyAction(
                destination_vault_arn=vault_arn, lifecycle=BackupPlanRuleCopyActionLifecycle(delete_after=days)
            )
            for vault_arn in copy_to
        ]
        self.plan = region.add(
            BackupPlan,
            "backup_plan",
            name=region.settings.shared_name("backup-plan"),
            rule=[
                BackupPlanRule(
                    rule_name=RULE_NAME,
                    target_vault_name=vault_name,
                    schedule=SCHEDULE,
                    start_window=START_WINDOW_MINUTES,
                    completion_window=COMPLETION_WINDOW_MINUTES,
                    lifecycle=BackupPlanRuleLifecycle(delete_after=days),
                    copy_action=copies or None,
                )
            ],
        )
        self.role = service_role(
            region, "backup_role", name=region.settings.name("backup"), service="backup.amazonaws.com"
        )
        permissions = region.add(
            IamRolePolicyAttachment,
            "backup_policy",
            role=self.role.name,
            policy_arn=f"arn:{region.partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
        )
        region.add(
            BackupSelection,
            "backup_selection",
            name=region.settings.shared_name("backup-selection"),
            plan_id=self.plan.id,
            iam_role_arn=self.role.arn,
            resources=list(resource_arns),
            depends_on=[permissions],
        )

    def outputs(self) -> dict[str, str]:
        return {"backup_plan_id": self.plan.id, "backup_role_arn": self.role.arn}
