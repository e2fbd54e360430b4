"""Jobs of AWS Backup. They work after the answer, as in AWS, and tell how they ended."""

import logging
from collections.abc import Callable, Mapping
from threading import Thread
from typing import Any
from uuid import uuid4

from moto.backup.models import backup_backends
from moto.core.utils import unix_time

from local_aws.backups.clusters import CLUSTERS
from local_aws.backups.events import tell_backup, tell_restore
from local_aws.backups.kinds import BackupError, Kind, Site, without_case
from local_aws.backups.points import contents, history, recovery_points, vault_of
from local_aws.backups.tables import TABLES
from local_aws.registry import Output

KINDS: dict[str, Kind] = {"Aurora": CLUSTERS, "DynamoDB": TABLES}
log = logging.getLogger(__name__)


def start_backup(site: Site, vault: Any, kind: str, arn: str, job_id: str) -> Output:
    """Starts to back a resource up; the job. Raises BackupError if there is no such resource."""
    metadata, now = KINDS[kind].metadata(site, arn), unix_time()
    point = {
        "ResourceArn": arn,
        "ResourceType": kind,
        "IamRoleArn": site.role,
        "RecoveryPointArn": _point_arn(site, kind, job_id),
        "BackupVaultName": vault.backup_vault_name,
        "BackupVaultArn": vault.backup_vault_arn,
        "CreationDate": now,
        "Status": "CREATING",
        "BackupSizeInBytes": 0,
        "metadata": metadata,
    }
    job = {**point, "AccountId": site.account, "BackupJobId": job_id, "State": "RUNNING", "PercentDone": "0"}
    recovery_points(vault)[str(point["RecoveryPointArn"])] = point
    history(backup_backends[site.account][site.region]).backups[job_id] = job

    def work() -> None:
        arn_of_point = str(point["RecoveryPointArn"])
        try:
            kept = contents(vault)[arn_of_point] = KINDS[kind].keep(site, arn, arn_of_point)
            size = KINDS[kind].size(kept)
        except Exception as error:
            job.update(_failure(error, "State"))
            recovery_points(vault).pop(arn_of_point, None)
        else:
            completed = {"CompletionDate": unix_time(), "BackupSizeInBytes": size}
            job.update(completed, State="COMPLETED", PercentDone="100")
            point.update(completed, Status="COMPLETED")
        tell_backup(site.account, site.region, job)

    if kind == "DynamoDB":
        work()
    else:
        _start(work)
    return job


def start_restore(
    site: Site,
    point: Output,
    metadata: Mapping[str, str],
    *,
    tags: dict[str, str] | None = None,
    plan_arn: str | None = None,
    after: Callable[[Output], None] = lambda job: None,  # noqa: ARG005
) -> Output:
    """Starts to restore a recovery point; the job. `plan_arn` is the plan's that tests it, `after` comes at the end."""
    kind, backend = KINDS[point["ResourceType"]], backup_backends[site.account][site.region]
    vault = vault_of(backend, point["RecoveryPointArn"])
    job: Output = {
        "AccountId": site.account,
        "RestoreJobId": str(uuid4()).upper(),
        "RecoveryPointArn": point["RecoveryPointArn"],
        "RecoveryPointCreationDate": point["CreationDate"],
        "SourceResourceArn": point["ResourceArn"],
        "BackupVaultArn": point["BackupVaultArn"],
        "ResourceType": point["ResourceType"],
        "IamRoleArn": site.role,
        "CreationDate": unix_time(),
        "Status": "RUNNING",
        "PercentDone": "0.00%",
        "BackupSizeInBytes": point["BackupSizeInBytes"],
        "metadata": dict(metadata),
        **({"CreatedBy": {"RestoreTestingPlanArn": plan_arn}} if plan_arn else {}),
    }
    history(backend).restores[job["RestoreJobId"]] = job

    def work() -> None:
        try:
            kept = contents(vault).get(point["RecoveryPointArn"])
            made = kind.restore(site, point, kept, metadata, tags or {})
        except Exception as error:
            job.update(_failure(error, "Status"))
        else:
            job.update(Status="COMPLETED", PercentDone="100.00%", CreatedResourceArn=made, CompletionDate=unix_time())
        after(job)
        tell_restore(site.account, site.region, job)

    _start(work)
    return job


def names_what_it_makes(point: Output, metadata: Mapping[str, str]) -> bool:
    """Whether a restore's metadata say what the new resource is to be called."""
    return bool(without_case(metadata).get(KINDS[point["ResourceType"]].name_key))


def _failure(error: Exception, state: str) -> Output:
    if not isinstance(error, BackupError):
        log.exception("A job of AWS Backup failed")
    return {state: "FAILED", "StatusMessage": str(error), "CompletionDate": unix_time()}


def _point_arn(site: Site, kind: str, job_id: str) -> str:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/recovery-points.html"""
    if kind == "Aurora":
        return f"arn:aws:rds:{site.region}:{site.account}:cluster-snapshot:awsbackup:job-{job_id}"
    return f"arn:aws:backup:{site.region}:{site.account}:recovery-point:{job_id}"


def _start(work: Callable[[], None]) -> None:
    Thread(target=work, daemon=True, name="AWS Backup").start()
