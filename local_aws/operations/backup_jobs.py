"""AWS Backup: backup jobs on demand, and the recovery points that they leave in a vault."""

from typing import Any
from uuid import uuid4

from local_aws.backups.jobs import KINDS, start_backup
from local_aws.backups.kinds import BackupError, Site
from local_aws.backups.points import contents, history, recovery_points
from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.references import role_exists
from local_aws.registry import Output, Plain, operation, refuses, repairs

RESOURCE_TYPES = {
    ":rds:": "Aurora",
    ":dynamodb:": "DynamoDB",
}
"""AWS Backup's names of what the local AWS backs up, by what the ARN has in it."""

FILTERS = {
    "ByResourceArn": "ResourceArn",
    "ByState": "State",
    "ByBackupVaultName": "BackupVaultName",
    "ByResourceType": "ResourceType",
}
"""Parameters of ListBackupJobs, and what they are about."""


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
    """Leaves a recovery point in the vault, with the data, once the job is completed: a table's at once."""
    given, vault = call.params, _vault(call)
    kind = next((name for part, name in RESOURCE_TYPES.items() if part in given["ResourceArn"]), None)
    if kind is None:
        text = f"The local AWS backs up Aurora clusters and DynamoDB tables only, not {given['ResourceArn']}."
        raise AwsError("InvalidParameterValueException", text)
    if not role_exists(call, given["IamRoleArn"]):
        raise AwsError("InvalidParameterValueException", f"Invalid role ARN: {given['IamRoleArn']}")
    site = Site(call.account_id, call.region, given["IamRoleArn"])
    try:
        job = start_backup(site, vault, kind, given["ResourceArn"], str(uuid4()))
    except BackupError as error:
        raise AwsError("InvalidParameterValueException", str(error)) from None
    call.backend().tagger.tags[job["RecoveryPointArn"]] = dict(given.get("RecoveryPointTags") or {})
    return {name: job[name] for name in ("BackupJobId", "RecoveryPointArn", "CreationDate")}


@operation("backup", "DescribeBackupJob")
def describe_backup_job(call: Call) -> Output:
    """A job."""
    job = history(call.backend()).backups.get(call.params["BackupJobId"])
    if job is None:
        raise AwsError("ResourceNotFoundException", f"Cannot find backup job {call.params['BackupJobId']}")
    return job


@operation("backup", "ListBackupJobs")
def list_backup_jobs(call: Call) -> Output:
    """The jobs, the newest first, by resource, state, vault and type. All are one page."""
    jobs = reversed(list(history(call.backend()).backups.values()))
    wanted = {name: call.params.get(parameter) for parameter, name in FILTERS.items()}
    found = [one for one in jobs if all(value in (None, one[name]) for name, value in wanted.items())]
    return {"BackupJobs": found}


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
    """Removes a recovery point with its data and tags."""
    point, vault = _point(call), _vault(call)
    arn = point["RecoveryPointArn"]
    KINDS[point["ResourceType"]].forget(Site(call.account_id, call.region, point["IamRoleArn"]), arn)
    del recovery_points(vault)[arn]
    contents(vault).pop(arn, None)
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
