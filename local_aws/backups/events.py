"""What AWS Backup tells the default bus of its Region, and counts in CloudWatch.

https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
"""

import json
from datetime import UTC, datetime
from typing import Any

from moto.events.models import events_backends

from local_aws.alarms.measurements import record
from local_aws.registry import Output
from local_aws.turn import TURN

SOURCE = "aws.backup"


def tell_backup(account: str, region: str, job: Output) -> None:
    """Tells the state of a backup job that has ended."""
    _count(account, region, "Backup", job["State"], job)
    detail = {
        "backupJobId": job["BackupJobId"],
        "backupVaultArn": job["BackupVaultArn"],
        "backupVaultName": job["BackupVaultName"],
        "state": job["State"],
        "resourceArn": job["ResourceArn"],
        "resourceType": job["ResourceType"],
        "iamRoleArn": job["IamRoleArn"],
        "creationDate": _time(job["CreationDate"]),
        "completionDate": _time(job.get("CompletionDate")),
        "percentDone": float(job["PercentDone"]),
        "statusMessage": job.get("StatusMessage"),
    }
    _put(account, region, "Backup Job State Change", [job["RecoveryPointArn"]], detail)


def tell_restore(account: str, region: str, job: Output) -> None:
    """Tells the status of a restore job that has ended."""
    _count(account, region, "Restore", job["Status"], job)
    detail = {
        "restoreJobId": job["RestoreJobId"],
        "backupSizeInBytes": str(job["BackupSizeInBytes"]),
        "creationDate": _time(job["CreationDate"]),
        "completionDate": _time(job.get("CompletionDate")),
        "iamRoleArn": job["IamRoleArn"],
        "percentDone": float(job["PercentDone"].rstrip("%")),
        "resourceType": job["ResourceType"],
        "status": job["Status"],
        "statusMessage": job.get("StatusMessage"),
        "createdResourceArn": job.get("CreatedResourceArn"),
        "restoreTestingPlanArn": job.get("CreatedBy", {}).get("RestoreTestingPlanArn"),
        "backupVaultArn": job["BackupVaultArn"],
        "recoveryPointArn": job["RecoveryPointArn"],
        "sourceResourceArn": job["SourceResourceArn"],
        "isParent": False,
    }
    _put(account, region, "Restore Job State Change", [job["RecoveryPointArn"]], detail)


def _count(account: str, region: str, kind: str, state: str, job: Output) -> None:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html"""
    vault = {"BackupVaultName": job["BackupVaultArn"].rpartition(":")[2]}
    record((account, region), "AWS/Backup", f"NumberOf{kind}Jobs{state.capitalize()}", vault, 1)


def _put(account: str, region: str, kind: str, resources: list[str], detail: dict[str, Any]) -> None:
    told = {name: value for name, value in detail.items() if value is not None}
    entry = {"Source": SOURCE, "DetailType": kind, "Resources": resources, "Detail": json.dumps(told)}
    with TURN:
        events_backends[account][region].put_events([entry])


def _time(moment: float | None) -> str | None:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z" if moment else None
