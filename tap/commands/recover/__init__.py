"""`tap recover`: what was lost or went wrong, mended: each plan is shown first, and each ends with a report."""

from __future__ import annotations

import typer

from tap.commands.recover import rewinding, unfinished

app = typer.Typer(
    help="Recover an environment: fail over, rewind or restore its data. Each shows its plan and asks first.",
    no_args_is_help=True,
)
app.command()(rewinding.backtrack)
app.command(name="list")(unfinished.list_)
for command in (unfinished.resume, unfinished.abandon, unfinished.stop_writers, unfinished.start_writers):
    app.command()(command)
