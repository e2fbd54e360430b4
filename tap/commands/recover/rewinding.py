"""`tap recover backtrack` and `replay`."""

from __future__ import annotations

from typing import Annotated

import typer

from tap.commands.environments.asking import Yes
from tap.commands.options import AsJson, Local, Region, Suffix, moment
from tap.commands.recover.options import RECOVERIES, SETTLE_SECONDS, Confirm, Directory, DryRun, Settle, To
from tap.commands.recover.running import Asked, run
from tap.recovery.backtrack import iso


def backtrack(
    to: To,
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
    """Rewind the ledger in place to a moment (Aurora MySQL in one Region). Ends with a report of every difference."""
    asked = Asked(suffix, region, local, yes, confirm, dry_run, directory, as_json)
    run("backtrack", {"to": iso(moment("--to", to)), "settle": f"{settle:g}"}, asked)


def replay(
    begin: Annotated[str, typer.Option("--from", help="Begin of the period, such as 2026-11-21T10:00Z.")],
    end: Annotated[str, typer.Option("--to", help="Its end.")],
    dry_run: DryRun = False,
    directory: Directory = RECOVERIES,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Take archived payment events of a period once more, and check the ledger; see also `tap replay`."""
    first, last = moment("--from", begin), moment("--to", end)
    if first >= last:
        raise typer.BadParameter(f"{end} is not after --from {begin}", param_hint="--to")
    asked = Asked(suffix, region, local, yes, None, dry_run, directory, as_json)
    run("replay", {"from": iso(first), "to": iso(last)}, asked)
