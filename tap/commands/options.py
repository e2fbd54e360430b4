"""Options that every command has."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

Suffix = Annotated[
    str | None, typer.Option(help="The environment's suffix; ENVIRONMENT_SUFFIX without it.", show_default=False)
]
Region = Annotated[str | None, typer.Option(help="Its AWS Region; AWS_REGION without it.", show_default=False)]
Local = Annotated[bool, typer.Option("--local", help="The environment is on the local AWS of `make local`.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
Wait = Annotated[float, typer.Option(help="Seconds to wait for the outcome.", min=0)]


def moment(option: str, text: str) -> datetime:
    """The moment that an option names. Raises `typer.BadParameter` for a text that is none, or has no time zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise typer.BadParameter(
            f"{text!r} is not a time with a time zone; write it as 2026-11-21T10:00Z or 2026-11-21T11:00+01:00",
            param_hint=option,
        )
    return found
