"""What the commands print: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

LOG_WIDTH = 160


def note(text: str) -> None:
    """A line for the person at the terminal; it is not part of the result."""
    typer.echo(text, err=True)


def result_console() -> Console:
    """Standard output; a file or a log takes long lines, where nobody has said how long they may be."""
    console = Console()
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        console.width = LOG_WIDTH
    return console


def print_json(value: object) -> None:
    """The result as one JSON document."""
    typer.echo(json.dumps(value, indent=2))


def print_table(columns: Iterable[str], rows: Iterable[Iterable[object]], *, title: str | None = None) -> None:
    """The result as a table; what rows hold is shown as it is, never taken for markup."""
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text("-" if value is None else str(value)) for value in row))
    console = result_console()
    if title:  # Not the table's own: that would be folded to the table's width.
        console.print(Text(title), soft_wrap=True)
    console.print(table)


def print_fields(fields: Mapping[str, object]) -> None:
    """The result as a list of names and values."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in fields.items():
        shown = value if isinstance(value, str) else json.dumps(value)
        table.add_row(Text(name), Text(shown))
    result_console().print(table)


def progress_bar() -> Progress:
    """A bar on standard error, shown on a terminal only, and gone when it ends."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
