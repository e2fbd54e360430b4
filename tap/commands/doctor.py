"""`tap doctor`: what stands in the way of a deployment, each fault with its remedy."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tap.commands.exit_codes import ExitCode
from tap.commands.options import AsJson, Region
from tap.commands.output import print_json, result_console

if TYPE_CHECKING:
    from tap.doctor.check import Check
    from tap.doctor.doctor import Report

_SYMBOLS = {"ok": "✓", "warning": "!", "fault": "✗", "not checked": "?"}
_STYLES = {"ok": "green", "warning": "yellow", "fault": "bold red", "not checked": "cyan"}

Local = Annotated[bool, typer.Option("--local", help="Examine the local AWS of `make local` instead of an account.")]


def doctor(region: Region = None, local: Local = False, as_json: AsJson = False) -> None:
    """Check tools, inputs, credentials, state, quotas and what AWS sells; changes nothing.

    Exit codes: 0 no fault; 1 a fault; 3 the account was not reached, and only this computer was checked.
    """
    # Imported here, as no other command needs it.
    from tap.doctor.doctor import Doctor

    report = Doctor(region=region, local=local).examine()
    if as_json:
        print_json({"ok": report.ok, "checks": [check.as_json() for check in report.checks]})
    else:
        _print(report)
    if not report.reached:
        raise typer.Exit(ExitCode.UNREACHABLE)
    if not report.ok:
        raise typer.Exit(ExitCode.FAILED)


def _print(report: Report) -> None:
    console = result_console()
    table = Table(show_header=True)
    for column in ("check", "status", "found"):
        table.add_column(column, overflow="fold", no_wrap=column == "status")
    for group, checks in groupby(report.checks, key=lambda check: check.group):
        table.add_section()
        table.add_row(Text(group, style="bold"), "", "")
        for check in checks:
            table.add_row(Text(f"  {check.name}"), _status(check, console), Text(check.found))
    console.print(table)
    for check in report.checks:
        if check.remedy:
            line = Text.assemble(_status(check, console), f" {check.group}, {check.name}: {check.remedy}")
            # A command that is cut by line breaks cannot be copied.
            console.print(line, soft_wrap=True)
    counts = {status: sum(check.status == status for check in report.checks) for status in _SYMBOLS}
    console.print(Text(", ".join(f"{number} {status}" for status, number in counts.items() if number)))


def _status(check: Check, console: Console) -> Text:
    """The status as a word, with a symbol where the terminal can show it and a color where it has some."""
    symbol = "" if console.options.ascii_only else f"{_SYMBOLS[check.status]} "
    return Text(f"{symbol}{check.status}", style=_STYLES[check.status])
