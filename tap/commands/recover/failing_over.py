"""`tap recover failover`, `failback`, `approvals`, `approve` and `refuse`."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from tap.approvals import Approvals
from tap.commands.environments.asking import Yes, need_somebody
from tap.commands.options import AsJson, Local, Region, Suffix
from tap.commands.output import note, print_fields, print_json, print_table
from tap.commands.recover.options import RECOVERIES, Confirm, Directory, DryRun
from tap.commands.recover.running import Asked, run
from tap.environment import EnvironmentNotFoundError
from tap.recovery.approvals import RecoveryApprovals, WaitingRecovery
from tap.recovery.errors import RecoveryRefusedError
from tap.recovery.region_failover import FAILOVER, SWITCHOVER
from tap.recovery.site import Site

Loss = Annotated[
    bool,
    typer.Option(
        "--allow-data-loss", help="The other Region is lost: give up what had not arrived in the one that takes over."
    ),
]
To = Annotated[
    str | None,
    typer.Option(
        "--region",
        help="The Region to fail over to; within the primary Region, or without it, the writer fails over.",
        show_default=False,
    ),
]
ExecutionName = Annotated[str, typer.Argument(metavar="EXECUTION", help="The execution's name.", show_default=False)]
Approver = Annotated[
    str | None, typer.Option(help="Who decides; the caller's own name in AWS without it.", show_default=False)
]


def failover(
    region: To = None,
    allow_data_loss: Loss = False,
    dry_run: DryRun = False,
    confirm: Confirm = None,
    directory: Directory = RECOVERIES,
    suffix: Suffix = None,
    local: Local = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Fail over: to the other of two Regions, or within a Region to another instance of the ledger's cluster."""
    asked = Asked(suffix, region, local, yes, confirm, dry_run, directory, as_json)
    site = asked.site()
    if site.in_two_regions:
        primary = _primary(site)
        if region is not None and site.region != primary:
            mode = FAILOVER if allow_data_loss else SWITCHOVER
            run("region-failover", {"mode": mode}, asked, site)
            return
        site = site.elsewhere(primary)
    if allow_data_loss:
        raise typer.BadParameter(
            "a failover within a Region loses nothing: name the other Region with --region, or leave this out",
            param_hint="--allow-data-loss",
        )
    run("writer-failover", {}, asked, site)


def failback(
    dry_run: DryRun = False,
    confirm: Confirm = None,
    directory: Directory = RECOVERIES,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Go back to the home Region after a failover, without loss."""
    asked = Asked(suffix, region, local, yes, confirm, dry_run, directory, as_json)
    site = asked.site()
    run("failback", {}, asked, site.elsewhere(site.home_region))


def approvals(suffix: Suffix = None, region: Region = None, local: Local = False, as_json: AsJson = False) -> None:
    """List the Region failovers that have not ended, in both Regions, also those that an alarm started."""
    rows = [
        {
            "execution": one.execution,
            "region": one.region,
            "mode": one.mode,
            "requested_by": one.requested_by,
            "since": one.started_at.astimezone(UTC).isoformat(timespec="seconds"),
            "waits_for_a_person": one.asked,
        }
        for one in _waiting(Asked(suffix, region, local).site())
    ]
    if as_json:
        print_json(rows)
    elif rows:
        print_table(rows[0].keys(), (row.values() for row in rows))
    else:
        note("no recovery waits for approval")


def approve(
    execution: ExecutionName,
    approver: Approver = None,
    confirm: Confirm = None,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Approve a Region failover that waits: it goes on then, and may lose data if its mode is `failover`."""
    site = Asked(suffix, region, local, confirm=confirm).site()
    if confirm is None:
        need_somebody(f"--confirm {site.suffix}")
        typed = typer.prompt(f"Approve {execution}? If so, type the suffix ({site.suffix})", err=True)
        if typed != site.suffix:
            raise typer.Abort
    _decide(site, execution, approved=True, approver=approver, as_json=as_json)


def refuse(
    execution: ExecutionName,
    approver: Approver = None,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Refuse a Region failover that waits: it ends, and nothing is touched."""
    site = Asked(suffix, region, local).site()
    _decide(site, execution, approved=False, approver=approver, as_json=as_json)


def _primary(site: Site) -> str:
    """The Region that takes payments now; this one where that cannot be told."""
    regions = site.function.ask("examine-regions")
    return str(regions["this"] if regions.get("already_primary") else regions.get("primary") or site.region)


def _waiting(site: Site) -> list[WaitingRecovery]:
    if not site.in_two_regions:
        raise RecoveryRefusedError(f"environment {site.suffix!r} is in one Region: nothing in it waits for an approval")
    found = []
    for region in (site.region, site.other_region):
        try:
            found += RecoveryApprovals(site.elsewhere(str(region))).waiting()
        except (BotoCoreError, ClientError, EnvironmentNotFoundError) as error:
            note(f"{region} could not be asked: {error}")
    return found


def _decide(site: Site, execution: str, *, approved: bool, approver: str | None, as_json: bool) -> None:
    """The answer goes to the Region that runs the execution."""
    name = approver or Approvals(site.environment).caller()
    at = next((one.region for one in _waiting(site) if one.execution == execution), site.region)
    RecoveryApprovals(site.elsewhere(at)).answer(execution, approved=approved, approver=name)
    result = {"execution": execution, "region": at, "decision": "approved" if approved else "refused", "approver": name}
    if as_json:
        print_json(result)
    else:
        print_fields(result)
