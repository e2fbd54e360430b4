"""A cluster with the ledger of another moment, beside the one that is used: everything set as there."""

from __future__ import annotations

from typing import Any

from tap.recovery.clusters import find_instance, once_possible, wait_for_cluster, wait_for_instance
from tap.recovery.procedure import Tell
from tap.recovery.site import Site

Described = dict[str, Any]
INSTANCE_SETTINGS = (
    "DBInstanceClass",
    "Engine",
    "AvailabilityZone",
    "PromotionTier",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
    "CopyTagsToSnapshot",
    "AutoMinorVersionUpgrade",
    "PubliclyAccessible",
)
"""What an instance is made with as its description says it, under the same name."""


def restored_name(name: str, recovery: str) -> str:
    """What is made beside, of the same name otherwise."""
    return f"{name}-{recovery}"


def describe(site: Site) -> Described:
    """The ledger's cluster and its instances, as far as the restored ones are to be like them; for the journal."""
    cluster = site.cluster()
    members = sorted(cluster["DBClusterMembers"], key=lambda member: not member["IsClusterWriter"])
    secret = cluster.get("MasterUserSecret") or {}
    return {
        "id": cluster["DBClusterIdentifier"],
        "resource_id": cluster["DbClusterResourceId"],
        "arn": cluster["DBClusterArn"],
        "settings": _settings(cluster),
        "maintenance": cluster.get("PreferredMaintenanceWindow"),
        "master_secret_key": secret.get("KmsKeyId") if secret else None,
        "managed_master": bool(secret),
        "tags": _tags(cluster),
        "instances": [_instance(site, member["DBInstanceIdentifier"]) for member in members],
    }


def restore_to_point_in_time(site: Site, source: Described, name: str, moment: Any, tell: Tell) -> None:
    """Makes the cluster, unless it is there, and waits for it. Raises `RecoveryFailedError`, and botocore's errors."""
    if site.find_cluster(name) is None:
        site.client("rds").restore_db_cluster_to_point_in_time(
            DBClusterIdentifier=name,
            SourceDBClusterIdentifier=source["id"],
            RestoreType="full-copy",
            RestoreToTime=moment,
            Tags=source["tags"],
            **source["settings"],
        )
    wait_for_cluster(site, name, tell)


def make_instances(site: Site, source: Described, name: str, recovery: str, tell: Tell) -> list[str]:
    """Makes the instances that the source has, its writer's likeness first, and waits for them; their names."""
    names = [restored_name(instance["name"], recovery) for instance in source["instances"]]
    for instance, own in zip(source["instances"], names, strict=True):
        if find_instance(site, own) is None:
            site.client("rds").create_db_instance(
                DBInstanceIdentifier=own, DBClusterIdentifier=name, Tags=instance["tags"], **instance["settings"]
            )
        # The first one is the writer.
        wait_for_instance(site, own, tell)
    wait_for_cluster(site, name, tell)
    return names


def take_settings(site: Site, source: Described, name: str, tell: Tell) -> str | None:
    """What a restore does not take over: tags, the maintenance window, a master password that AWS keeps; its secret."""
    rds, cluster = site.client("rds"), site.cluster(name)
    if source["tags"] and _tags(cluster) != source["tags"]:
        rds.add_tags_to_resource(ResourceName=cluster["DBClusterArn"], Tags=source["tags"])
    changes: dict[str, Any] = {}
    if source["maintenance"] and cluster.get("PreferredMaintenanceWindow") != source["maintenance"]:
        changes["PreferredMaintenanceWindow"] = source["maintenance"]
    if source["managed_master"] and not cluster.get("MasterUserSecret"):
        changes["ManageMasterUserPassword"] = True
        if source["master_secret_key"]:
            changes["MasterUserSecretKmsKeyId"] = source["master_secret_key"]
    if changes:
        once_possible(rds.modify_db_cluster, DBClusterIdentifier=name, ApplyImmediately=True, **changes)
        wait_for_cluster(site, name, tell)
    secret = site.cluster(name).get("MasterUserSecret") or {}
    return secret.get("SecretArn")


def _settings(cluster: Described) -> Described:
    """The parameters of a restore that make the new cluster like this one."""
    found = {
        "Port": cluster.get("Port"),
        "DBSubnetGroupName": cluster.get("DBSubnetGroup"),
        "DBClusterParameterGroupName": cluster.get("DBClusterParameterGroup"),
        "VpcSecurityGroupIds": [group["VpcSecurityGroupId"] for group in cluster.get("VpcSecurityGroups", [])],
        "KmsKeyId": cluster.get("KmsKeyId"),
        "EnableIAMDatabaseAuthentication": cluster.get("IAMDatabaseAuthenticationEnabled"),
        "EnableCloudwatchLogsExports": cluster.get("EnabledCloudwatchLogsExports"),
        "CopyTagsToSnapshot": cluster.get("CopyTagsToSnapshot"),
        "DeletionProtection": cluster.get("DeletionProtection"),
        "BacktrackWindow": cluster.get("BacktrackWindow"),
        "BackupRetentionPeriod": cluster.get("BackupRetentionPeriod"),
        "PreferredBackupWindow": cluster.get("PreferredBackupWindow"),
    }
    return {name: value for name, value in found.items() if value not in (None, "", [], 0)}


def _instance(site: Site, name: str) -> Described:
    found = find_instance(site, name) or {}
    settings = {key: found[key] for key in INSTANCE_SETTINGS if found.get(key) not in (None, "")}
    if found.get("PerformanceInsightsEnabled"):
        settings["EnablePerformanceInsights"] = True
    return {"name": name, "settings": settings, "tags": _tags(found)}


def _tags(described: Described) -> list[dict[str, str]]:
    # Tags of AWS's own cannot be set.
    return [dict(tag) for tag in described.get("TagList", []) if not tag["Key"].startswith("aws:")]
