"""A backup vault of the environment's own, with notices of what happens in it."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.backup_vault import BackupVault
from cdktf_cdktf_provider_aws.backup_vault_notifications import BackupVaultNotifications

from lib.region import Region

NOTICES = ("BACKUP_JOB_COMPLETED", "RESTORE_JOB_COMPLETED", "COPY_JOB_FAILED")


class Vault:
    """An encrypted vault; only class `production` keeps one that holds recovery points."""

    def __init__(self, region: Region, *, key_arn: str, topic_arn: str) -> None:
        self.vault = region.add(
            BackupVault,
            "backup_vault",
            name=region.settings.shared_name("backup-vault"),
            kms_key_arn=key_arn,
            force_destroy=not region.settings.protected,
        )
        self.name = self.vault.name
        self.arn = self.vault.arn
        region.add(
            BackupVaultNotifications,
            "backup_notices",
            backup_vault_name=self.name,
            sns_topic_arn=topic_arn,
            backup_vault_events=list(NOTICES),
        )

    def outputs(self) -> dict[str, str]:
        return {"backup_vault_name": self.name}
