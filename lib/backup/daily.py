"""Daily backups of what holds data, in a vault of the environment's own."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.backup_plan import BackupPlan, BackupPlanRule, BackupPlanRuleLifecycle
from cdktf_cdktf_provider_aws.backup_selection import BackupSelection
from cdktf_cdktf_provider_aws.backup_vault import BackupVault
from cdktf_cdktf_provider_aws.backup_vault_notifications import BackupVaultNotifications
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from constructs import Construct

from lib.iam import service_role
from lib.settings import Settings

RULE_NAME = "daily_backup"
SCHEDULE = "cron(0 3 * * ? *)"
# Aurora refuses a snapshot during its own backup window (03:00-04:00): eight hours let AWS Backup try again after it.
START_WINDOW_MINUTES = 480
COMPLETION_WINDOW_MINUTES = 720
NOTICES = ("BACKUP_JOB_COMPLETED", "RESTORE_JOB_COMPLETED", "COPY_JOB_FAILED")


class DailyBackup:
    """Vault, plan, role and notices; `resource_arns` are backed up every day at 03:00 UTC."""

    def __init__(
        self, scope: Construct, *, settings: Settings, key_arn: str, topic_arn: str, resource_arns: Sequence[str]
    ) -> None:
        self.vault = BackupVault(
            scope,
            "backup_vault",
            name=settings.name("backup-vault"),
            kms_key_arn=key_arn,
            force_destroy=not settings.protected,
        )
        self.plan = BackupPlan(
            scope,
            "backup_plan",
            name=settings.name("backup-plan"),
            rule=[
                BackupPlanRule(
                    rule_name=RULE_NAME,
                    target_vault_name=self.vault.name,
                    schedule=SCHEDULE,
                    start_window=START_WINDOW_MINUTES,
                    completion_window=COMPLETION_WINDOW_MINUTES,
                    lifecycle=BackupPlanRuleLifecycle(delete_after=settings.backup_retention_days),
                )
            ],
        )
        self.role = service_role(scope, "backup_role", name=settings.name("backup"), service="backup.amazonaws.com")
        permissions = IamRolePolicyAttachment(
            scope,
            "backup_policy",
            role=self.role.name,
            policy_arn=f"arn:{settings.partition.id}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
        )
        BackupSelection(
            scope,
            "backup_selection",
            name=settings.name("backup-selection"),
            plan_id=self.plan.id,
            iam_role_arn=self.role.arn,
            resources=list(resource_arns),
            depends_on=[permissions],
        )
        self.notices = BackupVaultNotifications(
            scope,
            "backup_notices",
            backup_vault_name=self.vault.name,
            sns_topic_arn=topic_arn,
            backup_vault_events=list(NOTICES),
        )

    def outputs(self) -> dict[str, str]:
        return {
            "backup_vault_name": self.vault.name,
            "backup_plan_id": self.plan.id,
            "backup_role_arn": self.role.arn,
        }
