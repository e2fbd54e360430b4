"""`tap recover list`, `resume`, `abandon`, `stop-writers`, `start-writers`: what a recovery left, or needs by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from tap.commands.environments.asking import Yes, ask
from tap.commands.options import AsJson, Local, Region, Suffix
from tap.commands.output import note, print_fields, print_json, print_table
from tap.commands.recover.options import RECOVERIES, SETTLE_SECONDS, Confirm, Directory, Settle
from tap.commands.recover.running import Asked, unfinished
from tap.commands.recover.running import resume as go_on
from tap.recovery.journal import Journal
from tap.recovery.ledger_frame import REFUSED
from tap.recovery.writers import Writers

Id = Annotated[
    str | None, typer.Argument(metavar="ID", help="Which recovery; the unfinished one without it.", show_default=False)
]


def list_(
    directory: Directory = RECOVERIES,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """List the recoveries of an environment that have a journal here, oldest first."""
    site = Asked(suffix, region, local).site()
    rows = [
        {
            "id": journal.id,
            "kind": journal.record.kind,
            "region": journal.record.region,
            "state": journal.record.state,
            "began_at": journal.record.began_at,
            "steps_done": sum(step.done for step in journal.record.steps.values()),
        }
        for journal in Journal.all(directory, site.suffix)
    ]
    if as_json:
        print_json(rows)
    elif rows:
        print_table(rows[0].keys(), (row.values() for row in rows))
    else:
        note(f"no recovery of {site.suffix!r} has a journal in {directory}")


def resume(
    id_: Id = None,
    confirm: Confirm = None,
    directory: Directory = RECOVERIES,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Go on with a recovery that was interrupted or failed, at the step where it ended."""
    go_on(id_, Asked(suffix, region, local, yes, confirm, False, directory, as_json))


def abandon(
    id_: Id = None,
    directory: Directory = RECOVERIES,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    yes: Yes = False,
) -> None:
    """Give an unfinished recovery up: start the writers that it stopped, if the ledger balances as it is now."""
    asked = Asked(suffix, region, local, yes, directory=directory)
    site, journal = unfinished(id_, asked)
    stopped = REFUSED[0] in journal.record.steps and not journal.done(REFUSED[1])
    if not yes:
        ask(f"Give recovery {journal.id} up" + (", and start the writers?" if stopped else "?"))
    with journal.locked():
        if stopped:
            site.function.ask_until("check-ledger", strict=True)
            Writers(site, note).start()
        journal.end("abandoned")
    note(f"recovery {journal.id} is given up" + ("; payments are taken again" if stopped else ""))


def stop_writers(
    settle: Settle = SETTLE_SECONDS,
    suffix: Suffix = None,
    region: Region = None,
    local: Local = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Stop everything that writes to the ledger: payments get 503 until `start-writers`, messages wait."""
    site = Asked(suffix, region, local).site()
    writers = Writers(site, note, settle)
    writers.check_switch()
    if not yes:
        ask(f"Stop the writers of {site.suffix!r} in {site.region}?")
    _print(writers.stop(), as_json)


def start_writers(
    suffix: Suffix = None, region: Region = None, local: Local = False, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Start the writers again, if the ledger balances."""
    site = Asked(suffix, region, local).site()
    writers = Writers(site, note)
    writers.check_switch()
    if not yes:
        ask(f"Start the writers of {site.suffix!r} in {site.region}?")
    site.function.ask_until("check-ledger", strict=True)
    _print(writers.start(), as_json)


def _print(result: dict[str, str], as_json: bool) -> None:
    if as_json:
        print_json(result)
    else:
        print_fields(result)
