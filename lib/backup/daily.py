"""Daily backups of what holds data."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.backup_plan import BackupPlan
from cdktf_cdktf_provider_aws.backup_selection import BackupSelection

from lib.backup.planning import DAILY_RULE, DAILY_SCHEDULE, backup_role, backup_rule
from lib.region import Region


class DailyBackup:
    """Plan and role; `resource_arns` are backed up every day at 03:00 UTC, and copied to each vault of `copy_to`."""

    def __init__(
        self, region: Region, *, vault_name: str, resource_arns: Sequence[str], copy_to: Sequence[str] = ()
    ) -> None:
        daily = backup_rule(
            DAILY_RULE,
            schedule=DAILY_SCHEDULE,
            vault_name=vault_name,
            keep_days=region.settings.backup_retention_days,
            copy_to=copy_to,
        )
        self.plan = region.add(BackupPlan, "backup_plan", name=region.settings.shared_name("backup-plan"), rule=[daily])
        self.role, permissions = backup_role(region)
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
