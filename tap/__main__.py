"""`pipenv run tap ...`, which is `python -m tap ...`: the operators' command line.

Exit codes: docs/exit-codes.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from tap.commands import approvals, doctor, environments, gameday, payments, recover, replay
from tap.commands.exit_codes import ExitCode, explain
from tap.commands.output import note

app = typer.Typer(
    help="Operate payment environments.",
    epilog=(
        "Exit codes: 0 done; 1 refused, failed or not done in time; 2 an option or input cannot be used; "
        "3 the environment was not found, not reachable or not permitted; 10, 11, 12 `env verify` found drift, "
        "leftovers, both; 130 interrupted."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(payments.pay)
app.add_typer(payments.app, name="payment")
app.add_typer(environments.app, name="env")
app.command()(doctor.doctor)
app.add_typer(approvals.app, name="approvals")
app.add_typer(replay.app, name="replay")
app.command()(gameday.gameday)
app.add_typer(recover.app, name="recover")


def main(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code."""
    try:
        app(list(arguments), prog_name="tap")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else ExitCode.OK
    except KeyboardInterrupt:
        note("interrupted")
        return ExitCode.INTERRUPTED
    except Exception as error:
        explained = explain(error)
        if explained is None:
            raise
        message, code = explained
        note(f"error: {message}")
        return code
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
