"""`tap env list`: every environment of the account and Region."""

from __future__ import annotations

from typing import Annotated

import typer

from tap.commands.environments.reach import reach
from tap.commands.options import AsJson, Local, Region
from tap.commands.output import note, print_json, print_table
from tap.inspection.summary import Summary, summarize_all

COLUMNS = ("suffix", "architecture", "class", "owner", "age", "time left", "health", "resources", "note")

Expired = Annotated[bool, typer.Option("--expired", help="Only those that are past their time.")]
Owner = Annotated[str | None, typer.Option(help="Only those of this owner (tag Owner).", show_default=False)]


def list_(
    expired: Expired = False,
    owner: Owner = None,
    region: Region = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """List all environments of the account and Region, from their states and their tags."""
    reached = reach(region=region, local=local)
    all_of_them = summarize_all(reached.account, reached.finder)
    shown = [one for one in all_of_them if (one.expired or not expired) and owner in (None, one.owner)]
    elsewhere = reached.finder.elsewhere
    if as_json:
        print_json(
            {
                "region": reached.account.region,
                "environments": [one.as_json() for one in shown],
                "total": len(all_of_them),
                "elsewhere": elsewhere,
            }
        )
        return
    if shown:
        print_table(COLUMNS, map(_row, shown))
    of = f"{len(shown)} of " if len(shown) < len(all_of_them) else ""
    note(f"{of}{len(all_of_them)} environment{'' if len(all_of_them) == 1 else 's'} in {reached.account.place}")
    if elsewhere:
        named = ", ".join(f"{suffix} ({there})" for suffix, there in sorted(elsewhere.items()))
        note(f"in other Regions: {named}")


def _row(one: Summary) -> tuple[object, ...]:
    return (
        one.suffix,
        one.architecture,
        one.environment_class,
        one.owner,
        one.age,
        one.time_left,
        str(one.health),
        one.resources,
        one.note,
    )
