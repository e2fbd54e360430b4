"""AWS Backup: restore jobs.

https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartRestoreJob.html
"""

from local_aws.backups.jobs import names_what_it_makes, start_restore
from local_aws.backups.kinds import Site
from local_aws.backups.points import history, recovery_points, vault_of
from local_aws.backups.tests_of_restores import inferred, validated
from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.functions.execution_role import role_trusts
from local_aws.registry import Output, operation

SERVICE = "backup.amazonaws.com"
FILTERS = {"ByResourceType": "ResourceType", "ByStatus": "Status"}
"""Parameters of ListRestoreJobs, and what they are about."""


@operation("backup", "GetRecoveryPointRestoreMetadata")
def get_restore_metadata(call: Call) -> Output:
    """What the resource was like, in the form in which a restore is told."""
    point = _point(call)
    found = {name: point[name] for name in ("BackupVaultArn", "RecoveryPointArn", "ResourceType")}
    return {**found, "RestoreMetadata": point["metadata"]}


@operation("backup", "StartRestoreJob")
def start_restore_job(call: Call) -> Output:
    """Makes a new resource from a recovery point, with the permissions of a role. The old one is left alone."""
    given = call.params
    point, role = _point(call), given.get("IamRoleArn") or ""
    if point["Status"] != "COMPLETED":
        raise _invalid(f"Recovery point {point['RecoveryPointArn']} is {point['Status']}")
    if not role.startswith("arn:") or not role_trusts(role, SERVICE):
        raise _invalid(f"IAM Role {role} cannot be assumed by AWS Backup")
    if not names_what_it_makes(point, given["Metadata"]):
        raise _invalid("Invalid restore metadata. Missing the name of the new resource.")
    job = start_restore(Site(call.account_id, call.region, role), point, given["Metadata"])
    return {"RestoreJobId": job["RestoreJobId"]}


@operation("backup", "DescribeRestoreJob")
def describe_restore_job(call: Call) -> Output:
    """A job."""
    job = history(call.backend()).restores.get(call.params["RestoreJobId"])
    if job is None:
        raise AwsError("ResourceNotFoundException", f"Cannot find restore job {call.params['RestoreJobId']}")
    return job


@operation("backup", "GetRestoreJobMetadata")
def get_restore_job_metadata(call: Call) -> Output:
    """What the job was told, or what was inferred."""
    job = describe_restore_job(call)
    return {"RestoreJobId": job["RestoreJobId"], "Metadata": job["metadata"]}


@operation("backup", "ListRestoreJobs")
def list_restore_jobs(call: Call) -> Output:
    """The jobs, the newest first, by type, status and plan. All are one page."""
    jobs, given = reversed(list(history(call.backend()).restores.values())), call.params
    wanted = {name: given.get(parameter) for parameter, name in FILTERS.items()}
    plan = given.get("ByRestoreTestingPlanArn")
    found = [
        one
        for one in jobs
        if all(value in (None, one[name]) for name, value in wanted.items())
        and plan in (None, one.get("CreatedBy", {}).get("RestoreTestingPlanArn"))
    ]
    return {"RestoreJobs": found}


@operation("backup", "ListRestoreJobsByProtectedResource")
def list_restore_jobs_of_resource(call: Call) -> Output:
    """The jobs that restored a resource's recovery points, the newest first. All are one page."""
    jobs = reversed(list(history(call.backend()).restores.values()))
    status = call.params.get("ByStatus")
    of_resource = [one for one in jobs if one["SourceResourceArn"] == call.params["ResourceArn"]]
    return {"RestoreJobs": [one for one in of_resource if status in (None, one["Status"])]}


@operation("backup", "PutRestoreValidationResult")
def put_validation_result(call: Call) -> None:
    """What came of the validation of a restore that a plan tests; with a result, what was restored is removed."""
    job, given = describe_restore_job(call), call.params
    if "CreatedBy" not in job or job["Status"] != "COMPLETED" or job.get("DeletionStatus"):
        raise AwsError("InvalidRequestException", f"Restore job {job['RestoreJobId']} is not to be validated")
    validated(call.account_id, call.region, job, given["ValidationStatus"], given.get("ValidationStatusMessage"))


@operation("backup", "GetRestoreTestingInferredMetadata")
def get_inferred_metadata(call: Call) -> Output:
    """With what a plan would restore a recovery point."""
    return {"InferredMetadata": inferred(Site(call.account_id, call.region, ""), _point(call), {})}


def _point(call: Call) -> Output:
    arn = call.params["RecoveryPointArn"]
    vault = vault_of(call.backend(), arn)
    if vault is None or call.params.get("BackupVaultName", vault.backup_vault_name) != vault.backup_vault_name:
        raise AwsError("ResourceNotFoundException", f"Cannot find recovery point {arn}")
    return recovery_points(vault)[arn]


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidParameterValueException", text)
