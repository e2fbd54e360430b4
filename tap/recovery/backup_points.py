"""The recovery points that AWS Backup has of an environment, and the role with which they are restored."""

from __future__ import annotations

from typing import Any

from tap.recovery.backtrack import iso
from tap.recovery.errors import RecoveryRefusedError
from tap.recovery.site import Site

Point = dict[str, Any]


def list_points(site: Site) -> list[Point]:
    """The recovery points of the environment's cluster and table, newest first."""
    table = site.client("dynamodb").describe_table(TableName=site.table)["Table"]["TableArn"]
    found = []
    for kind, arn in (("cluster", site.cluster()["DBClusterArn"]), ("table", table)):
        pages = site.client("backup").get_paginator("list_recovery_points_by_resource").paginate(ResourceArn=arn)
        found += [
            {
                "id": short_id(point["RecoveryPointArn"]),
                "of": kind,
                "created_at": iso(point["CreationDate"]),
                "status": point["Status"],
                "vault": point["BackupVaultName"],
                "arn": point["RecoveryPointArn"],
                "resource": arn,
            }
            for page in pages
            for point in page["RecoveryPoints"]
        ]
    return sorted(found, key=lambda point: str(point["created_at"]), reverse=True)


def find_point(site: Site, id_: str) -> Point:
    """The recovery point with this ARN, or this last part of it. Raises `RecoveryRefusedError` that lists them."""
    points = list_points(site)
    found = [point for point in points if id_ in (point["arn"], point["id"])]
    if not found:
        known = ", ".join(f"{point['id']} ({point['of']}, {point['created_at']})" for point in points) or "none"
        raise RecoveryRefusedError(f"environment {site.suffix!r} has no recovery point {id_!r}; it has: {known}")
    return found[0]


def restore_role(site: Site, point: Point) -> str:
    """The role of the environment's restore tests; where there are none, the one that made the backup."""
    backup, wanted = site.client("backup"), site.suffix.replace("-", "_")
    kind = "DynamoDB" if point["of"] == "table" else "Aurora"
    for page in backup.get_paginator("list_restore_testing_plans").paginate():
        for plan in page["RestoreTestingPlans"]:
            if not plan["RestoreTestingPlanName"].endswith(f"_{wanted}"):
                continue
            selections = backup.list_restore_testing_selections(RestoreTestingPlanName=plan["RestoreTestingPlanName"])
            for one in selections["RestoreTestingSelections"]:
                if one["ProtectedResourceType"] == kind:
                    return str(one["IamRoleArn"])
    described = backup.describe_recovery_point(BackupVaultName=point["vault"], RecoveryPointArn=point["arn"])
    return str(described["IamRoleArn"])


def short_id(arn: str) -> str:
    """The last part of a recovery point's ARN."""
    return arn.replace("/", ":").rpartition(":")[2]
