"""`tap env expire` and `tap env extend`: environments that are past their time, and more time for one."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from tap.commands.environments.asking import Yes, ask, need_somebody
from tap.commands.environments.reach import SuffixArgument, reach
from tap.commands.exit_codes import ExitCode
from tap.commands.options import AsJson, Local, Region
from tap.commands.output import note, print_fields, print_json, print_table
from tap.expiry.clock import aws_time
from tap.expiry.expiration import Expiration, Expiry, Outcome
from tap.expiry.extension import Extending
from tap.expiry.lifetime import Lifetime, time_left
from tap.inventory.found import FoundEnvironment
from tap.progress import RunProgress
from tap.removal.destroy import Destruction

LifetimeArgument = Annotated[
    str,
    typer.Argument(
        metavar="TIME",
        help="Time to add, such as 90m, 4h or 2d, or a time with its zone, such as 2030-01-31T18:00Z.",
        show_default=False,
    ),
]
Set = Annotated[
    bool,
    typer.Option("--set", help="Count from now; also give an end to what has none, and bring an end forward."),
]

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what is past its time, and change nothing.")]


def expire(
    dry_run: DryRun = False,
    yes: Yes = False,
    region: Region = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Destroy every environment that is past its time (tag ExpiresAt), one after the other.

    The time is AWS's. Protected environments stay, and one that somebody is at work on is left for the next time.
    Exit code 1 if one could not be removed; the others are removed all the same.
    """
    reached = reach(region=region, local=local)
    if not (yes or dry_run):
        need_somebody()

    def destruction(suffix: str) -> Destruction:
        protected = reached.settings.protected_suffixes
        return Destruction(reached.account, reached.states, suffix, protected_suffixes=protected, finder=reached.finder)

    expiry = Expiry(reached.account, reached.finder, destruction)
    due = expiry.due()
    if dry_run or not due:
        _show_due(reached.account.region, due, as_json, dry_run=dry_run)
        return
    if not yes:
        _show_due(reached.account.region, due, as_json=False)
        ask(f"Destroy {'this environment' if len(due) == 1 else f'these {len(due)} environments'}?")
    done: list[Expiration] = []
    console = Console(stderr=True)
    for number, one in enumerate(due, start=1):
        with RunProgress(f"destroy {one.suffix} ({number} of {len(due)})", console) as progress:
            done.append(expiry.remove(one, progress))
        note(f"{done[-1].suffix}: {done[-1].outcome}" + (f", {done[-1].reason}" if done[-1].reason else ""))
    if as_json:
        rows = [one.as_json() for one in done]
        print_json({"region": reached.account.region, "dry_run": False, "environments": rows})
    else:
        print_table(("suffix", "outcome", "removed", "swept", "left", "seconds", "reason"), map(_row, done))
    if any(one.outcome is Outcome.FAILED for one in done):
        raise typer.Exit(ExitCode.FAILED)


def _show_due(region: str, due: list[FoundEnvironment], as_json: bool, *, dry_run: bool = False) -> None:
    """What would be removed; as JSON in the same form as what was."""
    if as_json:
        rows = [{"suffix": one.suffix, "expires_at": one.expires_at.isoformat()} for one in due if one.expires_at]
        print_json({"region": region, "dry_run": dry_run, "environments": rows})
    elif due:
        columns = ("suffix", "class", "owner", "expired at", "resources")
        print_table(
            columns,
            ((one.suffix, one.environment_class, one.owner, one.expires_at, len(one.resources)) for one in due),
        )
    else:
        note("no environment is past its time")


def _row(one: Expiration) -> tuple[object, ...]:
    counts = one.receipt.counts if one.receipt else {}
    seconds = round(one.receipt.seconds) if one.receipt else None
    return (
        one.suffix,
        str(one.outcome),
        counts.get("removed"),
        counts.get("swept"),
        counts.get("left"),
        seconds,
        one.reason.partition("\n")[0] or None,
    )


def extend(
    suffix: SuffixArgument,
    time: LifetimeArgument,
    set_: Set = False,
    region: Region = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Give an environment more time: added to the time it has, or counted from now once that is past.

    Safe to repeat with a time instead of a duration.
    """
    lifetime = Lifetime.parse(time)
    reached = reach(suffix=suffix, region=region, local=local)
    found = reached.find()
    now = aws_time(reached.account)
    expires_at = lifetime.applied(now, found.expires_at, set_=set_)
    extension = Extending(reached.account, reached.states, found).run(expires_at)
    result = {
        "suffix": extension.suffix,
        "before": extension.before.isoformat() if extension.before else None,
        "expires_at": extension.expires_at.isoformat(),
        "time_left": time_left(extension.expires_at, now),
        "tagged": len(extension.tagged),
        "state_updated": extension.state_updated,
    }
    if as_json:
        print_json(result)
    else:
        print_fields(result)
    if not extension.state_updated:
        why = "its state differs from what exists, see `tap env verify`" if found.state else "it has no state"
        note(f"only the tags were set, which is what counts: {why}")
