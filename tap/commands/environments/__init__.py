"""`tap env`: environments, each named by its suffix, made, listed, watched, expired and destroyed."""

from __future__ import annotations

import typer

from tap.commands.environments import deploy, destroy, expiry, show, unlock, verify
from tap.commands.environments import list as listing

app = typer.Typer(help="Make, list, watch and remove environments by their suffix.", no_args_is_help=True)
app.command(name="list")(listing.list_)
for command in (
    show.show,
    verify.verify,
    deploy.deploy,
    destroy.destroy,
    expiry.expire,
    expiry.extend,
    unlock.unlock,
):
    app.command()(command)
