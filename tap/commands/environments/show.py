"""`tap env show`: one environment looked over."""

from __future__ import annotations

import json
from collections import Counter
from typing import Annotated

import typer

from tap.commands.environments.reach import SuffixArgument, reach
from tap.commands.options import AsJson, Local, Region
from tap.commands.output import note, print_fields, print_json, print_table
from tap.inspection.concerns import by_concern
from tap.inspection.portrait import Portrait, look_over

Drift = Annotated[bool, typer.Option("--drift/--no-drift", help="Also compare with what exists; takes some seconds.")]


def show(
    suffix: SuffixArgument,
    drift: Drift = True,
    region: Region = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Show one environment: its resources by concern, outputs, alarms, drift, expiry."""
    reached = reach(suffix=suffix, region=region, local=local)
    portrait = look_over(reached.account, reached.states, reached.find(), drift=drift)
    if as_json:
        print_json({"region": reached.account.region, **portrait.as_json()})
        return
    print_fields(_fields(portrait))
    if len(portrait.regions) > 1:
        _print_regions(portrait)
    _print_resources(portrait)
    if portrait.outputs:
        values = (
            (name, value if isinstance(value, str) else json.dumps(value)) for name, value in portrait.outputs.items()
        )
        print_table(("output", "value"), values)
    if portrait.alarms:
        rows = ((one.name, one.since.isoformat(timespec="seconds"), one.reason) for one in portrait.alarms)
        print_table(("in alarm", "since", "reason"), rows)
    _print_drift(portrait, looked_for=drift)


def _fields(portrait: Portrait) -> dict[str, object]:
    summary, found = portrait.summary, portrait.found
    fields: dict[str, object] = {
        "environment": summary.suffix,
        "architecture": summary.architecture or "-",
        "class": summary.environment_class or "-",
        "owner": summary.owner or "-",
        "age": summary.age or "-",
        "expires": f"{summary.expires_at.isoformat()} ({summary.time_left})" if summary.expires_at else "never",
        "health": str(summary.health),
        "resources": str(summary.resources),
        "state": found.state.location if found.state else "none: `tap env destroy` removes what carries its tags",
    }
    if lock := portrait.lock:
        fields["locked"] = f"by {lock.who} since {lock.created} ({lock.operation}), id {lock.id}"
    if portrait.tainted:
        fields["tainted"] = ", ".join(portrait.tainted)
    if summary.note:
        fields["note"] = summary.note
    return fields


def _print_regions(portrait: Portrait) -> None:
    regions = (
        (one.place.region, one.place.deployed_as, one.role, one.api, str(one.health)) for one in portrait.regions
    )
    print_table(("Region", "deployed as", "role", "API", "health"), regions)
    copies = ((one.of, one.region, one.role, one.state) for one in portrait.copies)
    print_table(("data", "Region", "role", "state"), copies)


def _print_resources(portrait: Portrait) -> None:
    rows = []
    for concern, resources in by_concern(portrait.found.resources).items():
        counts = Counter(resource.type for resource in resources)
        types = ", ".join(f"{kind} {count}" if count > 1 else kind for kind, count in sorted(counts.items()))
        rows.append((str(concern), len(resources), types))
    print_table(("concern", "resources", "types"), rows)


def _print_drift(portrait: Portrait, *, looked_for: bool) -> None:
    verification = portrait.verification
    if verification is None:
        if looked_for:
            note("drift was not looked for: " + ("the state is locked" if portrait.lock else "there is no state"))
    elif verification.clean:
        note("no drift, no leftovers")
    else:
        print_table(("what", "resource", "detail"), verification.findings())
