"""`tap recover backtrack`."""

from __future__ import annotations

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
