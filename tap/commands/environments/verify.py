"""`tap env verify`: what exists held against what the state lists; the exit code says what was found."""

from __future__ import annotations

import typer

from tap.commands.environments.reach import SuffixArgument, reach
from tap.commands.exit_codes import ExitCode
from tap.commands.options import AsJson, Local, Region
from tap.commands.output import note, print_json, print_table
from tap.inspection.refresh import find_drift
from tap.inspection.verification import Verification
from tap.inspection.verification import verify as compare


def verify(suffix: SuffixArgument, region: Region = None, local: Local = False, as_json: AsJson = False) -> None:
    """Compare what exists with the state: drift, vanished resources, wrong tags, leftovers.

    Exit codes: 0 clean; 10 drift (also vanished resources and wrong tags); 11 leftovers; 12 both.
    """
    reached = reach(suffix=suffix, region=region, local=local)
    found = reached.find()
    state = reached.states.read(found.suffix)
    drift = find_drift(reached.account, reached.states, found, state) if state else ()
    verification = compare(found, state, drift)
    if as_json:
        print_json({"suffix": found.suffix, "region": reached.account.region, **verification.as_json()})
    elif verification.clean:
        count = len(found.resources)
        note(f"environment {found.suffix!r} is as its state says: {count} resources, no drift, no leftovers")
    else:
        print_table(("what", "resource", "detail"), verification.findings())
    raise typer.Exit(_exit_code(verification))


def _exit_code(verification: Verification) -> ExitCode:
    match verification.has_drift, bool(verification.leftovers):
        case True, True:
            return ExitCode.DRIFT_AND_LEFTOVERS
        case True, False:
            return ExitCode.DRIFT
        case False, True:
            return ExitCode.LEFTOVERS
        case _:
            return ExitCode.OK
