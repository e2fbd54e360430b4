"""`tap recover restore-table`, and `restore-backup` of the table: sessions that are missing come back."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from tap.recovery.backtrack import check_past, iso
from tap.recovery.clusters import wait_for
from tap.recovery.errors import RecoveryRefusedError
from tap.recovery.journal import Journal
from tap.recovery.plan import Expectation, Plan, Step
from tap.recovery.procedure import Action, Tell
from tap.recovery.reconcile import find_payments
from tap.recovery.restored_ledger import BackupPoint, restore_metadata, run_restore_job
from tap.recovery.site import Site
from tap.state_machine import APPROVAL_PREFIX

AWS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery.Tutorial.html"
ANSWERS_AT_ONCE = 100


class TableOrigin(Protocol):
    """What the table is restored from."""

    @property
    def what(self) -> str: ...

    def check(self, site: Site) -> None:
        """Raises `RecoveryRefusedError` where it cannot be restored."""

    def start(self, site: Site, target: str, token: str, tell: Tell) -> None:
        """Begins to make the table `target`; `token` tells repetitions."""


@dataclass(frozen=True)
class TableMoment:
    """Any second of the table's continuous backup."""

    moment: datetime

    @property
    def what(self) -> str:
        return iso(self.moment)

    def check(self, site: Site) -> None:
        check_past(site, self.moment)
        answer = site.client("dynamodb").describe_continuous_backups(TableName=site.table)
        window = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        earliest, latest = window.get("EarliestRestorableDateTime"), window.get("LatestRestorableDateTime")
        if window.get("PointInTimeRecoveryStatus") != "ENABLED":
            raise RecoveryRefusedError(f"table {site.table} has no continuous backup; see `tap recover restore-backup`")
        if (earliest and self.moment < earliest) or (latest and self.moment > latest):
            raise RecoveryRefusedError(
                f"table {site.table} can be restored to any moment from {earliest and iso(earliest)} to "
                f"{latest and iso(latest)}, not to {self.what}"
            )

    def start(self, site: Site, target: str, token: str, tell: Tell) -> None:
        del token, tell
        dynamodb = site.client("dynamodb")
        encryption = dynamodb.describe_table(TableName=site.table)["Table"].get("SSEDescription", {})
        key = encryption.get("KMSMasterKeyArn")
        own = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key} if key else None
        dynamodb.restore_table_to_point_in_time(
            SourceTableName=site.table,
            TargetTableName=target,
            RestoreDateTime=self.moment.astimezone(UTC),
            **({"SSESpecificationOverride": own} if own else {}),
        )


@dataclass(frozen=True)
class TableBackup:
    """A recovery point of AWS Backup."""

    point: BackupPoint

    @property
    def what(self) -> str:
        return self.point.what

    def check(self, site: Site) -> None:
        self.point.check(site)

    def start(self, site: Site, target: str, token: str, tell: Tell) -> None:
        metadata = {**restore_metadata(site, self.point), "targetTableName": target}
        run_restore_job(site, self.point, metadata, token, tell)


def table_restore_plan(suffix: str, what: str, command: str) -> Plan:
    """The plan for an environment; `what` is the moment, or the backup, that is restored."""
    return Plan(
        command=command,
        title=f"Bring back the sessions of {suffix} that are missing, as of {what}",
        does="Restores the table beside, copies what the one in use lacks and the ledger confirms, removes it again.",
        may_lose="nothing: no item that is there is changed; the ledger decides, and sessions are a cache of it",
        loses_data=False,
        rpo=Expectation("0: nothing that is there is changed", "conditional writes of this command"),
        rto=Expectation("minutes to hours, with the size; payments go on meanwhile", AWS),
        steps=(
            Step("restore", "restore the table as it was into a new one beside, encrypted with the same key"),
            Step(
                "copy",
                "copy what the table in use lacks: sessions that live and whose payment the ledger has with the same "
                "status, and approvals of payments that wait for one",
            ),
            Step("remove", "remove the restored table"),
        ),
        afterwards=("the next plan of `tap env deploy` is empty",),
    )


class TableRestore:
    """Brings one environment's missing sessions back."""

    def __init__(self, site: Site, origin: TableOrigin, command: str) -> None:
        self._site = site
        self._origin = origin
        self.plan = table_restore_plan(site.suffix, origin.what, command)

    def check(self) -> None:
        """Raises `RecoveryRefusedError` with the remedy."""
        self._origin.check(self._site)

    def actions(self, journal: Journal, tell: Tell) -> Mapping[str, Action]:
        target = f"{self._site.table}-{journal.id}"
        return {
            "restore": lambda: self._restore(target, journal.id, tell),
            "copy": lambda: self._copy(target, tell),
            "remove": lambda: self._remove(target, tell),
        }

    def _restore(self, target: str, token: str, tell: Tell) -> dict[str, Any]:
        if _state(self._site, target) is None:
            self._origin.start(self._site, target, token, tell)
        wait_for(f"table {target}", lambda: _state(self._site, target), tell, wanted="ACTIVE", stuck=())
        return {"table": target}

    def _copy(self, target: str, tell: Tell) -> dict[str, Any]:
        counts: Counter[str] = Counter()
        for page in (
            self._site.client("dynamodb")
            .get_paginator("scan")
            .paginate(TableName=target, ConsistentRead=True, PaginationConfig={"PageSize": ANSWERS_AT_ONCE})
        ):
            counts += self._copy_items(page["Items"])
        tell(", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "the table was empty")
        return dict(counts)

    def _copy_items(self, items: list[dict[str, Any]]) -> Counter[str]:
        dynamodb, counts = self._site.client("dynamodb"), Counter[str]()
        ledger = find_payments(self._site, sorted({item["payment_id"]["S"] for item in items if "payment_id" in item}))
        for item in items:
            if int(item["expires_at"]["N"]) <= time.time():
                counts["expired"] += 1
            elif not _confirmed(item, ledger):
                counts["not_as_in_the_ledger"] += 1
            else:
                try:
                    dynamodb.put_item(
                        TableName=self._site.table, Item=item, ConditionExpression="attribute_not_exists(session_id)"
                    )
                    counts["copied"] += 1
                except dynamodb.exceptions.ConditionalCheckFailedException:
                    counts["there_already"] += 1
        return counts

    def _remove(self, target: str, tell: Tell) -> dict[str, Any]:
        dynamodb = self._site.client("dynamodb")
        if _state(self._site, target) is not None:
            dynamodb.delete_table(TableName=target)
        wait_for(f"table {target}", lambda: _state(self._site, target) or "gone", tell, wanted="gone", stuck=())
        return {"removed": target}


def _confirmed(item: dict[str, Any], ledger: Mapping[str, Mapping[str, Any]]) -> bool:
    payment = ledger.get(item.get("payment_id", {}).get("S", ""))
    if payment is None:
        return False
    status = "PENDING_APPROVAL" if item["session_id"]["S"].startswith(APPROVAL_PREFIX) else item["status"]["S"]
    return bool(payment["status"] == status)


def _state(site: Site, table: str) -> str | None:
    dynamodb = site.client("dynamodb")
    try:
        return str(dynamodb.describe_table(TableName=table)["Table"]["TableStatus"])
    except dynamodb.exceptions.ResourceNotFoundException:
        return None
