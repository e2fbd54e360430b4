"""`tap env`: environments, each named by its suffix, made, listed, watched, expired and destroyed."""

from __future__ import annotations

import typer

from tap.commands.environments.deploy import deploy
from tap.commands.environments.destroy import destroy
from tap.commands.environments.expiry import expire, extend
from tap.commands.environments.list import list_
from tap.commands.environments.show import show
from tap.commands.environments.unlock import unlock
from tap.commands.environments.verify import verify

app = typer.Typer(help="Make, list, watch and remove environments by their suffix.", no_args_is_help=True)
app.command(name="list")(list_)
for command in (show, verify, deploy, destroy, expire, extend, unlock):
    app.command()(command)
