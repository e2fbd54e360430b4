"""The ledger's database in one Region: it can be rewound, and AWS makes and keeps its master password."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import TerraformResourceLifecycle

from lib.database.aurora import DATABASE_NAME, AuroraCluster
from lib.database.engine import engine
from lib.encryption import Key
from lib.iam import Statement
from lib.region import Region

# After its first continuous backup AWS Backup sets both.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html
SET_BY_AWS_BACKUP = ["backup_retention_period", "preferred_backup_window"]
BACKED_UP_CONTINUOUSLY = TerraformResourceLifecycle(ignore_changes=SET_BY_AWS_BACKUP)


class LedgerDatabase(AuroraCluster):
    """An Aurora cluster over two zones, with backtrack."""

    def __init__(self, region: Region, *, vpc_id: str, subnet_ids: Sequence[str], key: Key, log_key: Key) -> None:
        super().__init__(
            region,
            name=region.settings.name("cluster"),
            vpc_id=vpc_id,
            subnet_ids=subnet_ids,
            key=key,
            log_key=log_key,
            database_name=DATABASE_NAME,
            master_username=engine(region.settings).master_username,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=key.key_id,
            lifecycle=BACKED_UP_CONTINUOUSLY if region.settings.runs_containers else None,
            backtrack_window=region.settings.backtrack_seconds or None,
        )
        self.master_secret_arn = self.cluster.master_user_secret.get(0).secret_arn

    def master_access(self) -> list[Statement]:
        """Return the statements that let a role read the master user's password."""
        return [
            Statement(
                sid="ReadMasterUser", actions=["secretsmanager:GetSecretValue"], resources=[self.master_secret_arn]
            ),
            Statement(sid="DecryptMasterUser", actions=["kms:Decrypt"], resources=[self._key.arn]),
        ]

    def outputs(self) -> dict[str, str]:
        return {**super().outputs(), "database_secret_arn": self.master_secret_arn}
