"""`tap recover restore-database`, `restore-table`, `restore-backup` and `discard`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tap.commands.environments.asking import Yes
from tap.commands.options import AsJson, Local, Region, Suffix, moment
from tap.commands.output import note, print_json, print_table
from tap.commands.recover.options import RECOVERIES, SETTLE_SECONDS, Confirm, Directory, DryRun, Settle, To
from tap.commands.recover.running import Asked, run
from tap.recovery.backtrack import iso
from tap.recovery.backup_points import find_point, list_points, restore_role
from tap.recovery.catalogue import YES
from tap.recovery.database_restore import made_or_replaced
from tap.recovery.errors import RecoveryRefusedError
from tap.recovery.journal import Journal

Beside = Annotated[
    bool, typer.Option("--beside", help="Stop once the restored cluster is checked; the one in use stays in use.")
]
Point = Annotated[
    str | None,
    typer.Argument(
        metavar="ID",
        help="The recovery point's ARN, or the last part of it; lists them without one.",
        show_default=False,
    ),
]
Role = Annotated[
    str | None,
    typer.Option(
        metavar="ARN",
        help="The role with which AWS Backup restores; without it that of the restore tests, or of the backup.",
        show_default=False,
    ),
]
RecoveryId = Annotated[str, typer.Argument(metavar="ID", help="The recovery that left it.", show_default=False)]


def restore_database(
    to: To,
    beside: Beside = False,
    dry_run: DryRun = False,
    confirm: Confirm = None,
    settle: Settle = SETTLE_SECONDS,
    directory: Directory = RECOVERIES,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Restore the ledger as of a moment into a new cluster, and let that take the place of the one in use."""
    asked = Asked(suffix, region, local, yes, confirm, dry_run, directory, as_json)
    arguments = {"to": iso(moment("--to", to)), "settle": f"{settle:g}"} | ({"beside": YES} if beside else {})
    run("restore-database", arguments, asked)


def restore_table(
    to: To,
    dry_run: DryRun = False,
    directory: Directory = RECOVERIES,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Bring back sessions that are missing, as of a moment; what is there stays as it is."""
    asked = Asked(suffix, region, local, yes, None, dry_run, directory, as_json)
    run("restore-table", {"to": iso(moment("--to", to))}, asked)


def restore_backup(
    id_: Point = None,
    beside: Beside = False,
    role: Role = None,
    dry_run: DryRun = False,
    confirm: Confirm = None,
    settle: Settle = SETTLE_SECONDS,
    directory: Directory = RECOVERIES,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Restore a recovery point of AWS Backup: of the ledger's cluster like restore-database, of the table likewise."""
    asked = Asked(suffix, region, local, yes, confirm, dry_run, directory, as_json)
    site = asked.site()
    if id_ is None:
        _list(list_points(site), as_json)
        return
    point = find_point(site, id_)
    arguments = {
        "id": id_,
        "arn": point["arn"],
        "vault": point["vault"],
        "of": point["created_at"],
        "resource": point["resource"],
        "role": role or restore_role(site, point),
        "settle": f"{settle:g}",
    }
    run("restore-backup", arguments | ({"beside": YES} if beside else {}), asked, site)


def discard(
    id_: RecoveryId,
    dry_run: DryRun = False,
    confirm: Confirm = None,
    directory: Directory = RECOVERIES,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Remove the cluster that a restore left: the replaced one, or the one made beside; a final snapshot is kept."""
    asked = Asked(suffix, region, local, yes, confirm, dry_run, directory, as_json)
    site = asked.site()
    journal = Journal.open(directory / site.suffix / id_)
    cluster = made_or_replaced(journal)
    if cluster is None:
        raise RecoveryRefusedError(f"recovery {id_} ({journal.record.kind}) left no cluster")
    if journal.record.state == "unfinished":
        raise RecoveryRefusedError(f"recovery {id_} is unfinished: resume it, or abandon it first")
    run("discard", {"recovery": id_, "cluster": cluster}, asked, site.elsewhere(journal.record.region))


def _list(points: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(points)
    elif points:
        columns = ("id", "of", "created_at", "status", "vault")
        print_table(columns, ([point[name] for name in columns] for point in points))
    else:
        note("there is no recovery point of this environment's cluster or table")
