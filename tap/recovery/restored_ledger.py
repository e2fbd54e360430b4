"""Where a restored ledger comes from: a moment of the continuous backup, or a recovery point of AWS Backup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tap.recovery.backtrack import check_past, iso
from tap.recovery.clusters import wait_for, wait_for_cluster
from tap.recovery.errors import RecoveryEndedError, RecoveryRefusedError
from tap.recovery.plan import Expectation
from tap.recovery.procedure import Tell
from tap.recovery.restored_cluster import Described, restore_to_point_in_time
from tap.recovery.site import Site

AURORA = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html"
BACKUP = "https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-aur.html"
JOB_STATES = ("FAILED", "ABORTED")


class Origin(Protocol):
    """What a cluster is restored from; `moment` is the one that its ledger is of."""

    @property
    def moment(self) -> datetime: ...

    @property
    def what(self) -> str: ...

    @property
    def rpo(self) -> Expectation: ...

    def check(self, site: Site) -> None:
        """Raises `RecoveryRefusedError` where it cannot be restored."""

    def restore(self, site: Site, source: Described, name: str, token: str, tell: Tell) -> None:
        """Makes the cluster `name`, unless it is there, and waits for it; `token` tells repetitions."""


@dataclass(frozen=True)
class PointInTime:
    """Any second of the continuous backup."""

    moment: datetime

    @property
    def what(self) -> str:
        return iso(self.moment)

    @property
    def rpo(self) -> Expectation:
        return Expectation(f"what was booked since {self.what}; the last five minutes cannot be restored to", AURORA)

    def check(self, site: Site) -> None:
        check_past(site, self.moment)
        cluster = site.cluster()
        earliest, latest = cluster.get("EarliestRestorableTime"), cluster.get("LatestRestorableTime")
        if (earliest and self.moment < earliest) or (latest and self.moment > latest):
            raise RecoveryRefusedError(
                f"cluster {site.cluster_id} can be restored to any moment from {earliest and iso(earliest)} to "
                f"{latest and iso(latest)}, not to {self.what}; see also `tap recover restore-backup`"
            )

    def restore(self, site: Site, source: Described, name: str, token: str, tell: Tell) -> None:
        del token
        restore_to_point_in_time(site, source, name, self.moment, tell)


@dataclass(frozen=True)
class BackupPoint:
    """A recovery point in a vault, as `list_points` found it."""

    arn: str
    vault: str
    moment: datetime
    role_arn: str

    @property
    def what(self) -> str:
        return f"the backup of {iso(self.moment)}"

    @property
    def rpo(self) -> Expectation:
        return Expectation(f"what was booked since {iso(self.moment)}", BACKUP)

    def check(self, site: Site) -> None:
        found = site.client("backup").describe_recovery_point(BackupVaultName=self.vault, RecoveryPointArn=self.arn)
        if found["Status"] not in ("COMPLETED", "AVAILABLE"):
            raise RecoveryRefusedError(f"recovery point {self.arn} is {found['Status']}; choose another")

    def restore(self, site: Site, source: Described, name: str, token: str, tell: Tell) -> None:
        if site.find_cluster(name) is None:
            given = restore_metadata(site, self)
            settings = source["settings"]
            given |= {
                "DBClusterIdentifier": name,
                "VpcSecurityGroupIds": json.dumps(settings.get("VpcSecurityGroupIds", [])),
                "EnableCloudwatchLogsExports": json.dumps(settings.get("EnableCloudwatchLogsExports", [])),
            }
            for key in ("DBSubnetGroupName", "DBClusterParameterGroupName", "Port", "KmsKeyId", "BacktrackWindow"):
                if key in settings:
                    given[key] = str(settings[key])
            for key in ("EnableIAMDatabaseAuthentication", "CopyTagsToSnapshot", "DeletionProtection"):
                if key in settings:
                    given[key] = str(settings[key]).lower()
            run_restore_job(site, self, given, token, tell)
        wait_for_cluster(site, name, tell)


def restore_metadata(site: Site, point: BackupPoint) -> dict[str, str]:
    """What AWS Backup kept of how the resource was set, as a restore job takes it."""
    answer = site.client("backup").get_recovery_point_restore_metadata(
        BackupVaultName=point.vault, RecoveryPointArn=point.arn
    )
    # The zones are those of the subnet group.
    return {name: value for name, value in answer["RestoreMetadata"].items() if name != "AvailabilityZones"}


def run_restore_job(site: Site, point: BackupPoint, metadata: Mapping[str, str], token: str, tell: Tell) -> None:
    """Starts the job, or finds the one of an interrupted attempt, and waits for it. Raises `RecoveryFailedError`."""
    backup = site.client("backup")
    job = backup.start_restore_job(
        RecoveryPointArn=point.arn, Metadata=dict(metadata), IamRoleArn=point.role_arn, IdempotencyToken=token
    )["RestoreJobId"]

    def state() -> str:
        found = backup.describe_restore_job(RestoreJobId=job)
        if found["Status"] in JOB_STATES:
            reason = found.get("StatusMessage", "no reason given")
            raise RecoveryEndedError(
                f"restore job {job} is {found['Status']}: {reason}; its role was {point.role_arn}, --role names another"
            )
        return str(found["Status"])

    wait_for(f"restore job {job}", state, tell, wanted="COMPLETED", stuck=())
