"""How a person is asked before something is taken away."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; needed where there is no terminal.")]


def need_somebody(option: str = "--yes") -> None:
    """Return if there is a person to ask. Raises `typer.BadParameter` that names the option to give instead."""
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"nobody can be asked here, as there is no terminal: give {option}", param_hint=option)


def ask(question: str) -> None:
    """Return if the answer is yes. Raises `typer.Abort`, or `typer.BadParameter` where nobody can be asked."""
    need_somebody()
    typer.confirm(question, abort=True, err=True)
