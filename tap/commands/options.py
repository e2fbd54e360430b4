"""Options that every command has."""

from __future__ import annotations

from typing import Annotated

import typer

Suffix = Annotated[
    str | None, typer.Option(help="The environment's suffix; ENVIRONMENT_SUFFIX without it.", show_default=False)
]
Region = Annotated[str | None, typer.Option(help="Its AWS Region; AWS_REGION without it.", show_default=False)]
Local = Annotated[bool, typer.Option("--local", help="The environment is on the local AWS of `make local`.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
Wait = Annotated[float, typer.Option(help="Seconds to wait for the outcome.", min=0)]
