"""A plan by which AWS Backup restores backups, so that it is known that they can be restored."""

from __future__ import annotations

import json

from cdktf_cdktf_provider_aws.backup_restore_testing_plan import (
    BackupRestoreTestingPlan,
    BackupRestoreTestingPlanRecoveryPointSelection,
)
from cdktf_cdktf_provider_aws.backup_restore_testing_selection import BackupRestoreTestingSelection
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment

from lib.backup.restore_access import ledger_access, table_access
from lib.database.aurora import AuroraCluster
from lib.database.sessions import Sessions
from lib.encryption import Key
from lib.iam import attach_policy, service_role
from lib.region import Region
from lib.settings import Settings

# Mondays, when people are there to see to what fails; three hours after the start of the daily backup. A test costs
# some dollars, for the restore and for an instance: every week in production, elsewhere on the first Monday of a month.
WEEKLY = "cron(0 6 ? * MON *)"
MONTHLY = "cron(0 6 ? * 2#1 *)"
START_WINDOW_HOURS = 4
# Until then the workflow that validates has ended, also where it tried everything for as long as it may.
VALIDATION_WINDOW_HOURS = 6


class RestoreTesting:
    """Restores the latest backup of the ledger and of the sessions beside them; AWS Backup removes what it restored.

    A restored cluster is in the ledger's network, for the recovery function to reach it, and has no instances.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html
    """

    def __init__(
        self, region: Region, *, vault_arn: str, vault_key: Key, ledger: AuroraCluster, sessions: Sessions
    ) -> None:
        """`vault_key` is what backups of the sessions are encrypted with; those of the ledger have the ledger's own."""
        self._region = region
        self._role = service_role(
            region, "restore_role", name=region.settings.name("restore"), service="backup.amazonaws.com"
        )
        self.plan = self._plan(vault_arn)
        self.plan_arn = self.plan.arn
        cluster = ledger.cluster
        self._select(
            "ledger",
            kind="Aurora",
            arn=cluster.arn,
            # Lists are JSON in a text.
            overrides={
                "dbSubnetGroupName": cluster.db_subnet_group_name,
                "dbClusterParameterGroupName": cluster.db_cluster_parameter_group_name,
                "vpcSecurityGroupIds": json.dumps([ledger.security_group.id]),
                "enableIamDatabaseAuthentication": "true",
            },
            access=attach_policy(
                region,
                "restore_ledger",
                role=self._role,
                name=region.settings.name("restore-ledger"),
                statements=ledger_access(region, cluster),
            ),
        )
        self._select(
            "sessions",
            kind="DynamoDB",
            arn=sessions.arn,
            overrides={"encryptionType": "KMS", "kmsMasterKeyArn": sessions.key.arn},
            access=attach_policy(
                region,
                "restore_sessions",
                role=self._role,
                name=region.settings.name("restore-sessions"),
                statements=table_access(region, sessions.name, [sessions.key, vault_key]),
            ),
        )

    def outputs(self) -> dict[str, str]:
        return {"restore_testing_plan_name": self.plan.name}

    def _plan(self, vault_arn: str) -> BackupRestoreTestingPlan:
        settings = self._region.settings
        return self._region.add(
            BackupRestoreTestingPlan,
            "restore_testing_plan",
            name=underscored(settings, "restore-test"),
            schedule_expression=WEEKLY if settings.protected else MONTHLY,
            start_window_hours=START_WINDOW_HOURS,
            recovery_point_selection=[
                BackupRestoreTestingPlanRecoveryPointSelection(
                    algorithm="LATEST_WITHIN_WINDOW",
                    include_vaults=[vault_arn],
                    recovery_point_types=["CONTINUOUS", "SNAPSHOT"],
                    selection_window_days=settings.backup_retention_days,
                )
            ],
        )

    def _select(
        self, name: str, *, kind: str, arn: str, overrides: dict[str, str], access: IamRolePolicyAttachment
    ) -> None:
        self._region.add(
            BackupRestoreTestingSelection,
            f"restore_testing_{name}",
            name=underscored(self._region.settings, name),
            restore_testing_plan_name=self.plan.name,
            protected_resource_type=kind,
            protected_resource_arns=[arn],
            restore_metadata_overrides=overrides,
            validation_window_hours=VALIDATION_WINDOW_HOURS,
            iam_role_arn=self._role.arn,
            depends_on=[access],
        )


def underscored(settings: Settings, base: str) -> str:
    """Return the name of a plan, or of a selection in it: AWS takes letters, digits and underscores."""
    return settings.shared_name(base).replace("-", "_")
