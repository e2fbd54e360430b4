"""AWS Backup: jobs on demand, and the recovery points that they leave in a vault.

A job is completed at once, without a copy of the data: its recovery point can be listed, tagged and deleted, but not
restored. The ARN of Aurora's recovery points is that of a cluster snapshot
(https://docs.aws.amazon.com/aws-backup/latest/devguide/recovery-points.html).
"""

from typing import Any
from uuid import uuid4

from moto.core.utils import unix_time

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.references import role_exists
from local_aws.registry import Output, Plain, operation, refuses, repairs

RESOURCE_TYPES = {
    ":rds:": "Aurora",
    ":dynamodb:": "DynamoDB",
}
"""AWS Backup's names of what the local AWS backs up, by what the ARN has in it."""


def recovery_points(vault: Any) -> dict[str, Output]:
    """The recovery points of a vault, by ARN. They live with moto's vault."""
    found: dict[str, Output] = vars(vault).setdefault("recovery_points", {})
    return found


def _jobs(call: Call) -> dict[str, Output]:
    """Jobs by id: a history, which is not what a user made."""
    held: _History = vars(call.backend()).setdefault("backup_jobs", _History())
    return held.jobs


class _History:
    def __init__(self) -> None:
        self.jobs: dict[str, Output] = {}


def _vault(call: Call) -> Any:
    vault = call.backend().vaults.get(call.params["BackupVaultName"])
    if vault is None:
        raise AwsError("ResourceNotFoundException", f"Backup vault {call.params['BackupVaultName']} cannot be found")
    return vault


def _point(call: Call) -> Output:
    point = recovery_points(_vault(call)).get(call.params["RecoveryPointArn"])
    if point is None:
        raise AwsError("ResourceNotFoundException", f"Cannot find recovery point {call.params['RecoveryPointArn']}")
    return point


@operation("backup", "StartBackupJob")
def start_backup_job(call: Call) -> Output:
    """Leaves a recovery point in the vault."""
    given, vault = call.params, _vault(call)
    kind = next((name for part, name in RESOURCE_TYPES.items() if part in given["ResourceArn"]), None)
    if kind is None:
        text = f"The local AWS backs up Aurora clusters and DynamoDB tables only, not {given['ResourceArn']}."
        raise AwsError("InvalidParameterValueException", text)
    if not role_exists(call, given["IamRoleArn"]):
        raise AwsError("InvalidParameterValueException", f"Invalid role ARN: {given['IamRoleArn']}")
    job, now = str(uuid4()), unix_time()
    if kind == "Aurora":
        arn = f"arn:aws:rds:{call.region}:{call.account_id}:cluster-snapshot:awsbackup:job-{job}"
    else:
        arn = call.arn(f"recovery-point:{job}")
    shared = {"ResourceArn": given["ResourceArn"], "ResourceType": kind, "IamRoleArn": given["IamRoleArn"]}
    point = {
        **shared,
        "RecoveryPointArn": arn,
        "BackupVaultName": vault.backup_vault_name,
        "BackupVaultArn": vault.backup_vault_arn,
        "CreationDate": now,
        "CompletionDate": now,
        "Status": "COMPLETED",
    }
    recovery_points(vault)[arn] = point
    call.backend().tagger.tags[arn] = dict(given.get("RecoveryPointTags") or {})
    _jobs(call)[job] = {**point, "BackupJobId": job, "State": "COMPLETED", "PercentDone": "100"}
    return {"BackupJobId": job, "RecoveryPointArn": arn, "CreationDate": now}


@operation("backup", "DescribeBackupJob")
def describe_backup_job(call: Call) -> Output:
    """A job."""
    job = _jobs(call).get(call.params["BackupJobId"])
    if job is None:
        raise AwsError("ResourceNotFoundException", f"Cannot find backup job {call.params['BackupJobId']}")
    return job


@operation("backup", "ListRecoveryPointsByBackupVault")
def list_recovery_points(call: Call) -> Output:
    """The vault's recovery points, by resource and type. All are one page."""
    given = call.params
    filters = {"ResourceArn": given.get("ByResourceArn"), "ResourceType": given.get("ByResourceType")}
    points = list(recovery_points(_vault(call)).values())
    found = [one for one in points if all(value in (None, one[name]) for name, value in filters.items())]
    return {"RecoveryPoints": found}


@operation("backup", "ListRecoveryPointsByResource")
def list_recovery_points_of_resource(call: Call) -> Output:
    """A resource's recovery points in all vaults."""
    points = [one for vault in call.backend().vaults.values() for one in recovery_points(vault).values()]
    return {"RecoveryPoints": [one for one in points if one["ResourceArn"] == call.params["ResourceArn"]]}


@operation("backup", "DescribeRecoveryPoint")
def describe_recovery_point(call: Call) -> Output:
    """A recovery point."""
    return _point(call)


@operation("backup", "DeleteRecoveryPoint")
def delete_recovery_point(call: Call) -> None:
    """Removes a recovery point with its tags."""
    arn = _point(call)["RecoveryPointArn"]
    del recovery_points(_vault(call))[arn]
    call.backend().tagger.tags.pop(arn, None)


@repairs("backup", "DescribeBackupVault")
def count_recovery_points(call: Call, plain: Plain) -> Output:
    """moto's vaults hold no recovery points."""
    return {**plain(), "NumberOfRecoveryPoints": len(recovery_points(_vault(call)))}


@refuses("backup", "DeleteBackupVault")
def vault_with_recovery_points(call: Call) -> None:
    """A vault goes after its recovery points."""
    if recovery_points(_vault(call)):
        text = f"Backup vault {call.params['BackupVaultName']} cannot be deleted (contains recovery points)."
        raise AwsError("InvalidRequestException", text)
