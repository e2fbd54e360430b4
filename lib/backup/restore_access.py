"""What AWS Backup may do to restore the ledger and the sessions, for a test or beside those in use, and nothing else.

Of AWS's own policy for restores, what these two need, on what a test or a recovery makes.
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForRestores.html
"""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.rds_cluster import RdsCluster

from lib.encryption import Key
from lib.iam import Statement
from lib.region import Region

# Every test's cluster and table.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-inferred-metadata.html
TEST_NAMES = "awsbackup-restore-test-*"
# What a recovery restores is called after what it is to replace, with the recovery's id, which begins with the year.
RECOVERY_NAMES = "-20*"
CRYPTOGRAPHY = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)


def ledger_access(region: Region, cluster: RdsCluster) -> list[Statement]:
    """Return the statements that let a role restore backups of a cluster; only those of tests may it remove."""
    tested = region.arn("rds", f"cluster:{TEST_NAMES}")
    beside = region.arn("rds", f"cluster:{cluster.cluster_identifier}{RECOVERY_NAMES}")
    return [
        Statement(
            sid="RestoreTheLedger",
            actions=["rds:RestoreDBClusterFromSnapshot", "rds:RestoreDBClusterToPointInTime"],
            resources=[
                cluster.arn,
                tested,
                beside,
                region.arn("rds", "cluster-snapshot:awsbackup:*"),
                region.arn("rds", f"subgrp:{cluster.db_subnet_group_name}"),
                region.arn("rds", f"cluster-pg:{cluster.db_cluster_parameter_group_name}"),
                # RDS names it where none is asked for.
                region.arn("rds", "og:default*"),
            ],
        ),
        Statement(sid="TagWhatIsRestored", actions=["rds:AddTagsToResource"], resources=[tested, beside]),
        Statement(sid="RemoveWhatATestRestored", actions=["rds:DeleteDBCluster"], resources=[tested]),
        Statement(
            sid="SeeClusters",
            actions=[
                "rds:DescribeDBClusters",
                "rds:DescribeDBClusterSnapshots",
                "rds:DescribeDBClusterAutomatedBackups",
                "rds:ListTagsForResource",
            ],
            resources=["*"],  # Which it asks for, AWS Backup does not say.
        ),
        *_key_access("Ledger", [cluster.kms_key_id], region, "rds"),
    ]


def table_access(region: Region, table_name: str, keys: Sequence[Key]) -> list[Statement]:
    """Return the statements that let a role restore backups of a table, from and with these keys."""
    return [
        Statement(
            sid="RestoreTheSessions",
            actions=[
                "dynamodb:RestoreTableFromAwsBackup",
                "dynamodb:DescribeTable",
                "dynamodb:Scan",
                "dynamodb:Query",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
                "dynamodb:DeleteItem",
                "dynamodb:BatchWriteItem",
            ],
            resources=[
                region.arn("dynamodb", f"table/{name}") for name in (TEST_NAMES, f"{table_name}{RECOVERY_NAMES}")
            ],
        ),
        *_key_access("Sessions", [key.arn for key in keys], region, "dynamodb"),
    ]


def _key_access(of: str, key_arns: Sequence[str], region: Region, service: str) -> list[Statement]:
    via = {"kms:ViaService": f"{service}.{region.name}.{region.settings.partition.dns_suffix}"}
    return [
        Statement(sid=f"UseKeysOf{of}", actions=CRYPTOGRAPHY, resources=key_arns, conditions={"StringEquals": via}),
        Statement(
            sid=f"LendKeysOf{of}",
            actions=["kms:CreateGrant"],
            resources=key_arns,
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}, "StringEquals": via},
        ),
    ]
