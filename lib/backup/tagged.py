"""Backups of whatever carries the environment's tags, so that a new table or volume is backed up once it is tagged."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.backup_plan import BackupPlan
from cdktf_cdktf_provider_aws.backup_selection import (
    BackupSelection,
    BackupSelectionCondition,
    BackupSelectionConditionStringEquals,
)

from lib.backup.planning import DAILY_RULE, DAILY_SCHEDULE, backup_role, backup_rule
from lib.region import Region
from lib.settings import Settings

BACKUP_TAGS = {"Backup": "payment"}
"""What makes a resource one that is backed up; the tag of the environment, which must be there too, all have."""


def backup_tags(settings: Settings) -> dict[str, str] | None:
    """Return the tags of what holds data, where backups go by tag; elsewhere they are told by ARN, and need none."""
    return BACKUP_TAGS if settings.runs_containers else None


WEEKLY_RULE = "weekly_backup"
# Sundays after the daily rule's window has closed: of two rules whose start windows meet, AWS Backup follows only one.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html
WEEKLY_SCHEDULE = "cron(0 15 ? * SUN *)"
WEEKLY_DAYS = 30
# Production keeps its daily backups for longer than 30 days, so that the weekly ones must outlive those.
PROTECTED_WEEKLY_DAYS = 90

# What AWS Backup looks at for the tags; in AWS Backup's own patterns, of this account and Region.
KINDS = {"rds": "cluster:*", "dynamodb": "table/*", "ec2": "volume/*"}


class TaggedBackups:
    """A plan of two rules for the Aurora clusters, DynamoDB tables and EBS volumes with the tags.

    Daily, kept 7 days (35 in production): of Aurora a continuous backup, which goes back to any second of that time, of
    the others, which AWS Backup has no continuous backups of, a snapshot. Weekly, kept 30 days (90): snapshots. The
    days of the daily rule are those of the cluster's own backups, which AWS Backup takes over: after its first backup
    RDS refuses another `BackupRetentionPeriod`, and AWS Backup sets the backup window.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html
    The copies in the vaults of `copy_to` are snapshots for both rules.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery-copying.html
    """

    def __init__(self, region: Region, *, vault_name: str, copy_to: Sequence[str] = ()) -> None:
        settings = region.settings
        daily = backup_rule(
            DAILY_RULE,
            schedule=DAILY_SCHEDULE,
            vault_name=vault_name,
            keep_days=settings.backup_retention_days,
            copy_to=copy_to,
            continuous=True,
        )
        weekly = backup_rule(
            WEEKLY_RULE,
            schedule=WEEKLY_SCHEDULE,
            vault_name=vault_name,
            keep_days=PROTECTED_WEEKLY_DAYS if settings.protected else WEEKLY_DAYS,
            copy_to=copy_to,
        )
        self.plan = region.add(
            BackupPlan, "backup_plan", name=settings.shared_name("backup-plan"), rule=[daily, weekly]
        )
        self.role, permissions = backup_role(region)
        tags = {"EnvironmentSuffix": settings.environment_suffix, **BACKUP_TAGS}
        region.add(
            BackupSelection,
            "backup_selection",
            name=settings.shared_name("backup-selection"),
            plan_id=self.plan.id,
            iam_role_arn=self.role.arn,
            resources=[region.arn(service, resources) for service, resources in KINDS.items()],
            # All conditions must hold. A list of tags (`selection_tag`) would take what has any one of them.
            # https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html
            condition=[
                BackupSelectionCondition(
                    string_equals=[
                        BackupSelectionConditionStringEquals(key=f"aws:ResourceTag/{name}", value=value)
                        for name, value in tags.items()
                    ]
                )
            ],
            depends_on=[permissions],
        )

    def outputs(self) -> dict[str, str]:
        return {"backup_plan_id": self.plan.id, "backup_role_arn": self.role.arn}
