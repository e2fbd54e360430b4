"""Copies of data that outlive what they were made of: snapshots, retained automated backups, AWS Backup."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tap.inventory.described import testing_plan_name
from tap.inventory.resource import Resource
from tap.removal.calls import ListTags, after_colon, described
from tap.removal.remover import (
    GoesWithError,
    Reading,
    RemovalRefusedError,
    Remover,
    ResourceGoneError,
    Scope,
    as_tags,
    is_gone,
    paged,
    sibling,
)
from tap.removal.removers.databases import TAGS, cluster_of

VAULT_TAGS = ListTags("list_tags", "ResourceArn", "Tags")


def remove_cluster_snapshot(scope: Scope, resource: Resource, reading: Reading) -> None:
    """Manual ones are deleted. Automated ones go with their cluster; those of AWS Backup through AWS Backup.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBClusterSnapshot.html
    """
    kind = reading.details.get("SnapshotType")
    if kind == "automated":
        _remove_retained(scope, resource, reading)
    elif kind == "awsbackup" or after_colon(resource).startswith("awsbackup:"):
        _remove_points_of_backup(scope, resource, next(iter(reading.owners)))
    elif reading.details.get("Status") != "deleting":
        scope.client("rds", resource).delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=after_colon(resource))


def _remove_retained(scope: Scope, resource: Resource, reading: Reading) -> None:
    """Once the cluster is gone, its automated snapshots are held by the automated backup that was retained."""
    rds = scope.client("rds", resource)
    try:
        rds.describe_db_clusters(DBClusterIdentifier=reading.details["DBClusterIdentifier"])
    except ClientError as error:
        if not is_gone(error):
            raise
        rds.delete_db_cluster_automated_backup(DbClusterResourceId=reading.details["DbClusterResourceId"])
    else:
        raise GoesWithError(next(iter(reading.owners)))


def _remove_points_of_backup(scope: Scope, resource: Resource, source: str) -> None:
    backup = scope.client("backup", resource)
    points = paged(backup, "list_recovery_points_by_resource", "RecoveryPoints", ResourceArn=source)
    for point in points:
        if point["RecoveryPointArn"] == resource.arn:
            backup.delete_recovery_point(
                BackupVaultName=point["BackupVaultName"], RecoveryPointArn=point["RecoveryPointArn"]
            )


def remove_instance_snapshot(scope: Scope, resource: Resource, reading: Reading) -> None:
    if reading.details.get("SnapshotType") == "automated":
        raise GoesWithError(next(iter(reading.owners)))
    if reading.details.get("Status") != "deleting":
        scope.client("rds", resource).delete_db_snapshot(DBSnapshotIdentifier=after_colon(resource))


def read_automated_backup(scope: Scope, resource: Resource) -> Reading:
    """What RDS keeps of a cluster that is gone: `cluster-auto-backup` or, of an instance, `auto-backup`."""
    rds = scope.client("rds", resource)
    if resource.type == "rds:cluster-auto-backup":
        listing = paged(rds, "describe_db_cluster_automated_backups", "DBClusterAutomatedBackups")
        of, key = "DBClusterArn", "DBClusterAutomatedBackupsArn"
    else:
        listing = paged(rds, "describe_db_instance_automated_backups", "DBInstanceAutomatedBackups")
        of, key = "DBInstanceArn", "DBInstanceAutomatedBackupsArn"
    for backup in listing:
        # The finder names what the cluster's resource id identifies by that.
        if resource.arn == backup.get(key) or resource.name == backup.get("DbClusterResourceId"):
            return Reading(as_tags(backup.get("TagList")), frozenset({backup[of]}), backup)
    raise ResourceGoneError


def remove_automated_backup(scope: Scope, resource: Resource, reading: Reading) -> None:
    """Those of a cluster that exists go with it."""
    if reading.details.get("Status") == "active":
        raise GoesWithError(next(iter(reading.owners)))
    rds = scope.client("rds", resource)
    if resource.type == "rds:cluster-auto-backup":
        rds.delete_db_cluster_automated_backup(DbClusterResourceId=reading.details["DbClusterResourceId"])
    else:
        rds.delete_db_instance_automated_backup(DbiResourceId=reading.details["DbiResourceId"])


def read_recovery_point(scope: Scope, resource: Resource) -> Reading:
    """A recovery point is read in its vault, whose ARN is its owner's."""
    vault = (resource.owner or "").rpartition(":")[2]
    if ":backup-vault:" not in (resource.owner or ""):
        raise RemovalRefusedError("no backup vault is named as its owner: delete it in AWS Backup")
    details = scope.client("backup", resource).describe_recovery_point(
        BackupVaultName=vault, RecoveryPointArn=resource.arn
    )
    return Reading({}, frozenset({details["BackupVaultArn"]}), details)


def remove_recovery_point(scope: Scope, resource: Resource, reading: Reading) -> None:
    if reading.details.get("Status") != "DELETING":
        scope.client("backup", resource).delete_recovery_point(
            BackupVaultName=reading.details["BackupVaultName"], RecoveryPointArn=resource.arn
        )


def remove_vault(scope: Scope, resource: Resource, _: Reading) -> None:
    """A vault goes after its recovery points, whose deletion takes a while: AWS refuses the vault until then."""
    backup, vault = scope.client("backup", resource), {"BackupVaultName": resource.name}
    for point in paged(backup, "list_recovery_points_by_backup_vault", "RecoveryPoints", **vault):
        if point.get("Status") != "DELETING":
            backup.delete_recovery_point(**vault, RecoveryPointArn=point["RecoveryPointArn"])
    backup.delete_backup_vault(**vault)


def read_plan(scope: Scope, resource: Resource) -> Reading:
    """AWS Backup goes on describing plans that are deleted."""
    backup = scope.client("backup", resource)
    details = backup.get_backup_plan(BackupPlanId=resource.name)
    if details.get("DeletionDate"):
        raise ResourceGoneError
    return Reading(as_tags(backup.list_tags(ResourceArn=resource.arn)["Tags"]), details=details)


def remove_plan(scope: Scope, resource: Resource, _: Reading) -> None:
    """A plan goes after its selections."""
    backup, plan = scope.client("backup", resource), {"BackupPlanId": resource.name}
    for selection in paged(backup, "list_backup_selections", "BackupSelectionsList", **plan):
        backup.delete_backup_selection(**plan, SelectionId=selection["SelectionId"])
    backup.delete_backup_plan(**plan)


def read_testing_plan(scope: Scope, resource: Resource) -> Reading:
    backup = scope.client("backup", resource)
    found = backup.get_restore_testing_plan(RestoreTestingPlanName=testing_plan_name(resource))
    return Reading(as_tags(backup.list_tags(ResourceArn=resource.arn)["Tags"]), details=found["RestoreTestingPlan"])


def remove_testing_plan(scope: Scope, resource: Resource, _: Reading) -> None:
    """A plan goes after its selections."""
    backup, plan = scope.client("backup", resource), {"RestoreTestingPlanName": testing_plan_name(resource)}
    for selection in paged(backup, "list_restore_testing_selections", "RestoreTestingSelections", **plan):
        name = selection["RestoreTestingSelectionName"]
        backup.delete_restore_testing_selection(**plan, RestoreTestingSelectionName=name)
    backup.delete_restore_testing_plan(**plan)


def _instance_of(resource: Resource, details: object) -> set[str]:
    assert isinstance(details, dict)
    return {sibling(resource, f"db:{details['DBInstanceIdentifier']}")}


REMOVERS = {
    "rds:cluster-snapshot": Remover(
        described(
            "rds",
            "describe_db_cluster_snapshots",
            "DBClusterSnapshotIdentifier",
            "DBClusterSnapshots",
            value=after_colon,
            tags=TAGS,
            owners=cluster_of,
        ),
        remove_cluster_snapshot,
    ),
    "rds:snapshot": Remover(
        described(
            "rds",
            "describe_db_snapshots",
            "DBSnapshotIdentifier",
            "DBSnapshots",
            value=after_colon,
            tags=TAGS,
            owners=_instance_of,
        ),
        remove_instance_snapshot,
    ),
    "rds:cluster-auto-backup": Remover(read_automated_backup, remove_automated_backup),
    "rds:auto-backup": Remover(read_automated_backup, remove_automated_backup),
    "backup:recovery-point": Remover(read_recovery_point, remove_recovery_point),
    "backup:backup-vault": Remover(
        described("backup", "describe_backup_vault", "BackupVaultName", tags=VAULT_TAGS), remove_vault
    ),
    "backup:backup-plan": Remover(read_plan, remove_plan),
    "backup:restore-testing-plan": Remover(read_testing_plan, remove_testing_plan),
}
