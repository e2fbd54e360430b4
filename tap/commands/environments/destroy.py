"""`tap env destroy`: an environment and everything that is part of it, removed, with a receipt."""

from __future__ import annotations

import re
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tap.commands.environments.asking import Yes, ask, need_somebody
from tap.commands.environments.reach import SuffixArgument, reach
from tap.commands.environments.receipt_table import print_receipt
from tap.commands.exit_codes import ExitCode
from tap.commands.options import AsJson, Local, Region
from tap.commands.output import note, print_json
from tap.progress import RunProgress
from tap.removal.destroy import Destruction
from tap.removal.preview import Preview
from tap.removal.protection import ProtectedError

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would go, and change nothing.")]
Confirm = Annotated[
    str | None,
    typer.Option(
        metavar="SUFFIX", help="The suffix once more, instead of the prompt of a protected one.", show_default=False
    ),
]
AccountOption = Annotated[
    str | None,
    typer.Option(
        "--account",
        metavar="NUMBER",
        help="The account that it is in; AWS_ACCOUNT_ID without it. Protected environments need one of them.",
        show_default=False,
    ),
]


def destroy(
    suffix: SuffixArgument,
    yes: Yes = False,
    dry_run: DryRun = False,
    confirm: Confirm = None,
    account: AccountOption = None,
    region: Region = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Destroy an environment: what its state knows through Terraform, then what else is left of it.

    Shows exactly what goes, asks, and ends with a receipt. Exit code 0 only if nothing is left. Interrupted, it can be
    run again. Protected ones (class production, PROTECTED_SUFFIXES) need --confirm and --account instead of --yes.
    """
    reached = reach(suffix=suffix, region=region, local=local)
    if confirm is not None and confirm != suffix:
        raise typer.BadParameter(f"{confirm!r} is not {suffix!r}, which is to be destroyed", param_hint="--confirm")
    if account is not None and not re.fullmatch(r"\d{12}", account):
        raise typer.BadParameter(f"{account!r} is not an account's 12 digits", param_hint="--account")
    if not (yes or confirm or dry_run):
        need_somebody()
    named = account or reached.settings.aws_account_id
    if named and named != reached.account.id:
        raise ProtectedError(
            f"these credentials are of account {reached.account.id}, not of {named}: nothing was looked at"
        )
    console = Console(stderr=True)
    destruction = Destruction(
        reached.account,
        reached.states,
        suffix,
        protected_suffixes=reached.settings.protected_suffixes,
        finder=reached.finder,
    )
    with RunProgress(f"plan the removal of {suffix}", console) as progress:
        preview = destruction.preview(progress)
    if dry_run and as_json:
        print_json(preview.as_json())
        return
    _show(preview, Console(stderr=not dry_run))
    if dry_run:
        note("nothing was changed")
        return
    # Everything that speaks against it comes before the question.
    preview.protection.check(confirmed=suffix, account_id=named)
    confirmed = confirm
    if not preview.is_empty and confirm is None:
        confirmed = _answer(preview, yes=yes)
        preview.protection.check(confirmed=confirmed, account_id=named)
    with RunProgress(f"destroy {suffix}", console) as progress:
        receipt = destruction.run(progress, confirmed=confirmed, account_id=named, on_note=note)
    if as_json:
        print_json(receipt.as_json())
    else:
        print_receipt(receipt)
    if receipt.left:
        note(f"{len(receipt.left)} are left: see to what keeps them, then run it again")
        raise typer.Exit(ExitCode.FAILED)


def _answer(preview: Preview, *, yes: bool) -> str | None:
    """The suffix as a person typed it, for a protected environment; else None, once the answer was yes."""
    if preview.protection.reasons:
        need_somebody(f"--confirm {preview.suffix}")
        return str(
            typer.prompt(f"Type the suffix of the protected environment to destroy ({preview.suffix})", err=True)
        )
    if not yes:
        ask(f"Destroy environment {preview.suffix!r} in account {preview.account}, {preview.place}?")
    return None


def _show(preview: Preview, console: Console) -> None:
    """What goes, by type; what holds data stands out."""
    place = f"environment {preview.suffix!r} in account {preview.account}, {preview.place}"
    if preview.is_empty:
        console.print(Text(f"there is nothing of {place}"))
        return
    console.print(Text(f"{len(preview.going)} resources go: {place}"))
    table = Table()
    table.add_column("type", overflow="fold")
    if preview.secondary_region:
        table.add_column("Region")
    table.add_column("count", justify="right")
    table.add_column("names", overflow="fold")
    table.add_column("")
    for (type_, region), going in preview.by_type.items():
        names = Text(", ".join(one.name for one in going))
        marks = ["DATA"] if going[0].holds_data else []
        marks += ["not in the state"] if going[0].swept else []
        where = [region or "-"] if preview.secondary_region else []
        style = "bold" if "DATA" in marks else None
        table.add_row(Text(type_), *where, str(len(going)), names, ", ".join(marks), style=style)
    if preview.going:
        console.print(table)
    else:
        console.print(Text(f"its state, which lists nothing any more, goes: {preview.state}"))
    for resource in preview.kept:
        console.print(Text(f"kept: {resource.type} {resource.name}"))
    if preview.protection.reasons:
        console.print(Text(f"protected: {'; '.join(preview.protection.reasons)}"))
    for refusal in preview.protection.refusals:
        console.print(Text(f"in the way: {refusal}"))
