"""Plans that restore recovery points on a schedule, have them validated, and remove what was restored.

https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Thread
from typing import Any

from moto.core.utils import unix_time

from local_aws.backups.jobs import KINDS, start_restore
from local_aws.backups.kinds import BackupError, Site, without_case
from local_aws.backups.points import history, recovery_points
from local_aws.registry import Output

TAG = "awsbackup-restore-test"
"""What all that a plan has restored is tagged with, where a restore can tag."""

ANY = "*"
DEFAULT_WINDOW_DAYS = 30


@dataclass(eq=False)
class TestingPlan:
    """A plan as it is described, and its selections by name."""

    described: Output
    selections: dict[str, Output] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return str(self.described["RestoreTestingPlanArn"])


def testing_plans(backend: Any) -> dict[str, TestingPlan]:
    """The plans of a Region, by name. They live with moto's backend."""
    found: dict[str, TestingPlan] = vars(backend).setdefault("restore_testing_plans", {})
    return found


def run(backend: Any, plan: TestingPlan) -> None:
    """Starts a restore of one recovery point for each resource that the plan selects."""
    plan.described["LastExecutionTime"] = unix_time()
    for selection in list(plan.selections.values()):
        site = Site(backend.account_id, backend.region_name, selection["IamRoleArn"])
        for point in _chosen(backend, plan, selection):
            metadata = inferred(site, point, selection.get("RestoreMetadataOverrides") or {})
            after = partial(_await_validation, selection)
            start_restore(site, point, metadata, tags={TAG: plan.arn}, plan_arn=plan.arn, after=after)


def inferred(site: Site, point: Output, overrides: Mapping[str, str]) -> dict[str, str]:
    """With what a recovery point is restored; keys are not case sensitive."""
    found = KINDS[point["ResourceType"]].inferred(site, point)
    named = without_case(overrides)
    return {**{key: value for key, value in found.items() if key.lower() not in named}, **overrides}


def validated(account: str, region: str, job: Output, status: str, message: str | None) -> None:
    """Notes a result of a restore's validation; once there is one, what was restored is removed."""
    job["ValidationStatus"] = status
    if message:
        job["ValidationStatusMessage"] = message
    if status != "VALIDATING":
        job["DeletionStatus"] = "DELETING"
        Thread(target=_remove, args=(account, region, job), daemon=True, name="AWS Backup").start()


def end_overdue(backend: Any, speed: float) -> None:
    """Ends validations whose window has closed: it passes as much faster as `speed` says."""
    for job in list(history(backend).restores.values()):
        waits = job.get("validation_seconds") is not None and not job.get("DeletionStatus")
        if waits and (unix_time() - job["CompletionDate"]) * speed >= job["validation_seconds"]:
            validated(backend.account_id, backend.region_name, job, "TIMED_OUT", "The validation window has closed")


def _await_validation(selection: Output, job: Output) -> None:
    if job["Status"] == "COMPLETED":
        job["ValidationStatus"] = "VALIDATING"
        job["validation_seconds"] = selection["ValidationWindowHours"] * 3600


def _remove(account: str, region: str, job: Output) -> None:
    site = Site(account, region, job["IamRoleArn"])
    try:
        KINDS[job["ResourceType"]].remove(site, job["CreatedResourceArn"])
    except BackupError as error:
        job.update(DeletionStatus="FAILED", DeletionStatusMessage=str(error))
    else:
        job["DeletionStatus"] = "SUCCESSFUL"


def _chosen(backend: Any, plan: TestingPlan, selection: Output) -> Iterator[Output]:
    """The latest of each resource's points in the plan's vaults and window, or one at random. All are snapshots."""
    wanted = plan.described["RecoveryPointSelection"]
    days = wanted.get("SelectionWindowDays") or DEFAULT_WINDOW_DAYS
    since = (datetime.now(UTC) - timedelta(days=days)).timestamp()
    if "SNAPSHOT" not in (wanted.get("RecoveryPointTypes") or []):
        return
    by_resource: dict[str, list[Output]] = {}
    for vault in list(backend.vaults.values()):
        if not _includes(wanted, vault.backup_vault_arn):
            continue
        for point in list(recovery_points(vault).values()):
            if (
                point["ResourceType"] == selection["ProtectedResourceType"]
                and point["Status"] == "COMPLETED"
                and point["CreationDate"] >= since
            ):
                by_resource.setdefault(point["ResourceArn"], []).append(point)
    for arn, points in by_resource.items():
        points.sort(key=lambda point: float(point["CreationDate"]))
        if _selects(backend, selection, arn, points[-1]):
            latest = wanted["Algorithm"] == "LATEST_WITHIN_WINDOW"
            yield points[-1] if latest else random.choice(points)


def _includes(wanted: Output, vault_arn: str) -> bool:
    included, excluded = wanted.get("IncludeVaults") or [], wanted.get("ExcludeVaults") or []
    return (ANY in included or vault_arn in included) and vault_arn not in excluded


def _selects(backend: Any, selection: Output, arn: str, latest: Output) -> bool:
    """By ARN, or by the tags of the latest recovery point."""
    arns = selection.get("ProtectedResourceArns") or []
    conditions = selection.get("ProtectedResourceConditions") or {}
    if arns and ANY not in arns:
        return arn in arns
    tags = backend.tagger.get_tag_dict_for_resource(latest["RecoveryPointArn"])
    prefixed = {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
    return all(
        (prefixed.get(one["Key"]) == one["Value"]) is equal
        for name, equal in (("StringEquals", True), ("StringNotEquals", False))
        for one in conditions.get(name) or []
    )
