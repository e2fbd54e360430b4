"""The recoveries by their kind, made of arguments that a journal can keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from tap.recovery.archive_replaying import ArchiveReplaying
from tap.recovery.backtrack import Backtrack
from tap.recovery.database_restore import DatabaseRestore
from tap.recovery.discard import Discard
from tap.recovery.procedure import Procedure
from tap.recovery.region_failover import SWITCHOVER, RegionFailover
from tap.recovery.restored_ledger import BackupPoint, PointInTime
from tap.recovery.site import Site
from tap.recovery.table_restore import TableBackup, TableMoment, TableRestore
from tap.recovery.writer_failover import WriterFailover

Arguments = Mapping[str, str]
YES = "yes"
"""An argument that is a flag, set."""


def _backtrack(site: Site, arguments: Arguments) -> Procedure:
    return Backtrack(site, _time(arguments["to"]), float(arguments["settle"]))


def _restore_database(site: Site, arguments: Arguments) -> Procedure:
    beside = "beside" in arguments
    command = f"tap recover restore-database --to {arguments['to']}" + (" --beside" if beside else "")
    return DatabaseRestore(
        site, PointInTime(_time(arguments["to"])), command, float(arguments["settle"]), beside=beside
    )


def _restore_backup(site: Site, arguments: Arguments) -> Procedure:
    point = BackupPoint(arguments["arn"], arguments["vault"], _time(arguments["of"]), arguments["role"])
    command = f"tap recover restore-backup {arguments['id']}"
    if ":dynamodb:" in arguments["resource"]:
        return TableRestore(site, TableBackup(point), command)
    beside = "beside" in arguments
    return DatabaseRestore(
        site, point, command + (" --beside" if beside else ""), float(arguments["settle"]), beside=beside
    )


def _restore_table(site: Site, arguments: Arguments) -> Procedure:
    return TableRestore(site, TableMoment(_time(arguments["to"])), f"tap recover restore-table --to {arguments['to']}")


KINDS: Mapping[str, Callable[[Site, Arguments], Procedure]] = {
    "writer-failover": lambda site, _: WriterFailover(site),
    "region-failover": lambda site, arguments: RegionFailover(site, arguments["mode"]),
    "failback": lambda site, _: RegionFailover(site, SWITCHOVER, failback=True),
    "backtrack": _backtrack,
    "restore-database": _restore_database,
    "restore-backup": _restore_backup,
    "restore-table": _restore_table,
    "replay": lambda site, arguments: ArchiveReplaying(site, _time(arguments["from"]), _time(arguments["to"])),
    "discard": lambda site, arguments: Discard(site, arguments["recovery"], arguments["cluster"]),
}


def build(kind: str, site: Site, arguments: Arguments) -> Procedure:
    """The recovery of a kind. Raises what its making raises."""
    return KINDS[kind](site, arguments)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
