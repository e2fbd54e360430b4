"""`tap recover`: what was lost or went wrong, mended: each plan is shown first, and each ends with a report."""

from __future__ import annotations

import typer

from tap.commands.recover import failing_over, restoring, rewinding, unfinished

app = typer.Typer(
    help="Recover an environment: fail over, rewind or restore its data. Each shows its plan and asks first.",
    no_args_is_help=True,
)
app.command(name="list")(unfinished.list_)
for command in (
    failing_over.failover,
    failing_over.failback,
    rewinding.backtrack,
    restoring.restore_database,
    restoring.restore_table,
    restoring.restore_backup,
    rewinding.replay,
    restoring.discard,
    failing_over.approvals,
    failing_over.approve,
    failing_over.refuse,
    unfinished.resume,
    unfinished.abandon,
    unfinished.stop_writers,
    unfinished.start_writers,
):
    app.command()(command)
