"""Copies of data and keys: what outlives what it was made of."""

from __future__ import annotations

from typing import Any

import pytest

from tap.inventory.finder import Finder
from tap.inventory.listers.databases import is_automated_of
from tap.inventory.resource import Resource
from tests.unit.tap_inventory.conftest import Answers
from tests.unit.tap_inventory.finding import PAIRS, TAGS, arn, earlier, parts, state_with


def cluster_snapshots(*kinds: str, cluster: str = "payment-cluster-pr-1") -> dict[str, Any]:
    return {
        "DBClusterSnapshots": [
            {
                "DBClusterSnapshotArn": arn(
                    "rds", f"cluster-snapshot:{'rds:' * (kind == 'automated')}{cluster}-{kind}"
                ),
                "DBClusterIdentifier": cluster,
                "SnapshotType": kind,
            }
            for kind in kinds
        ]
    }


CLUSTER = arn("rds", "cluster:payment-cluster-pr-1")
MANUAL = arn("rds", "cluster-snapshot:payment-cluster-pr-1-manual")
AUTOMATED = arn("rds", "cluster-snapshot:rds:payment-cluster-pr-1-automated")


def test_snapshots_of_a_cluster_that_is_gone(finder: Finder, answers: Answers) -> None:
    kinds = cluster_snapshots("manual", "automated", "awsbackup")
    answers.instead(finder.account, "rds", "DescribeDBClusterSnapshots", kinds)
    answers.instead(finder.account, "rds", "DescribeDBClusterAutomatedBackups", {})
    for found in (parts(finder, state_with("aws_rds_cluster", arn=CLUSTER)), parts(finder, None, earlier(CLUSTER))):
        assert found.keys() == {MANUAL, AUTOMATED}
        assert {one.owner for one in found.values()} == {CLUSTER}
        assert {one.type for one in found.values()} == {"rds:cluster-snapshot"}
    asked = {params["body"].get("DBClusterIdentifier") for params in answers.asked}
    assert asked == {"payment-cluster-pr-1", None}
    assert parts(finder) == {}


def test_automated_snapshots_go_with_a_cluster_that_exists(finder: Finder, answers: Answers) -> None:
    finder.account.client("rds").create_db_cluster(
        DBClusterIdentifier="payment-cluster-pr-1",
        Engine="aurora-mysql",
        MasterUsername="someone",
        MasterUserPassword="something",
        Tags=PAIRS,
    )
    kinds = cluster_snapshots("manual", "automated")
    answers.instead(finder.account, "rds", "DescribeDBClusterSnapshots", kinds)
    answers.instead(finder.account, "rds", "DescribeDBClusterAutomatedBackups", {})
    assert parts(finder).keys() == {MANUAL}


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        ("rds:payment-cluster-pr-1-2030-01-01-03-05", True),
        ("rds:payment-cluster-pr-12-2030-01-01-03-05", False),
        ("rds:payment-cluster-pr", False),
        ("payment-cluster-pr-1-2030-01-01-03-05", False),
    ],
)
def test_an_automated_snapshot_is_known_by_its_name(snapshot: str, expected: bool) -> None:
    resource = Resource(arn("rds", f"cluster-snapshot:{snapshot}"), "rds:cluster-snapshot")
    assert is_automated_of(resource, {CLUSTER}) is expected


def test_retained_automated_backups(finder: Finder, answers: Answers) -> None:
    def backup(cluster: str, status: str, identity: str) -> dict[str, str]:
        return {"DBClusterArn": cluster, "Status": status, "DbClusterResourceId": identity}

    backups = [
        backup(CLUSTER, "retained", "cluster-A"),
        backup(CLUSTER, "active", "cluster-B"),
        backup(CLUSTER + "2", "retained", "cluster-C"),
    ]
    answer = {"DBClusterAutomatedBackups": backups}
    answers.instead(finder.account, "rds", "DescribeDBClusterAutomatedBackups", answer)
    answers.instead(finder.account, "rds", "DescribeDBClusterSnapshots", {"DBClusterSnapshots": []})
    (found,) = parts(finder, state_with("aws_rds_cluster", arn=CLUSTER)).values()
    assert (found.arn, found.owner) == (arn("rds", "cluster-auto-backup:cluster-A"), CLUSTER)


def test_recovery_points_in_the_vault(finder: Finder, answers: Answers) -> None:
    backup = finder.account.client("backup")
    vault = backup.create_backup_vault(BackupVaultName="payment-vault-pr-1", BackupVaultTags=TAGS)["BackupVaultArn"]
    point = arn("rds", "cluster-snapshot:awsbackup:job-1")
    answer = {"RecoveryPoints": [{"RecoveryPointArn": point}]}
    answers.instead(finder.account, "backup", "ListRecoveryPointsByBackupVault", answer)
    found = parts(finder)
    assert (found[point].type, found[point].owner) == ("backup:recovery-point", vault)


def test_aliases_of_a_key_that_waits_for_its_deletion(finder: Finder) -> None:
    kms = finder.account.client("kms")
    tags = [{"TagKey": key, "TagValue": value} for key, value in TAGS.items()]
    key, other = kms.create_key(Tags=tags)["KeyMetadata"], kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/payment-key-pr-1", TargetKeyId=key["KeyId"])
    kms.create_alias(AliasName="alias/payment-key-pr-1-b", TargetKeyId=other["KeyId"])
    assert parts(finder)[arn("kms", "alias/payment-key-pr-1")].owner == key["Arn"]
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    (alias,) = finder.environment("pr-1").resources
    assert alias.arn == arn("kms", "alias/payment-key-pr-1")
    kms.delete_alias(AliasName="alias/payment-key-pr-1")
    assert not finder.environment("pr-1").exists
    assert finder.all() == []


def test_many_keys_are_told_apart_by_their_aliases(finder: Finder) -> None:
    kms = finder.account.client("kms")
    tags = [{"TagKey": key, "TagValue": value} for key, value in TAGS.items()]
    keys = [kms.create_key(Tags=tags)["KeyMetadata"] for _ in range(12)]
    for number, key in enumerate(keys[:10]):
        kms.create_alias(AliasName=f"alias/payment-{number}-pr-1", TargetKeyId=key["KeyId"])
    kms.schedule_key_deletion(KeyId=keys[10]["KeyId"], PendingWindowInDays=7)
    finder.account.calls.clear()
    (found,) = finder.all()
    assert {one.arn for one in found.resources} == {key["Arn"] for key in [*keys[:10], keys[11]]}
    assert finder.account.calls["kms.DescribeKey"] == 2
