"""Targets, what was measured against them, and the tables in which both are shown."""

from __future__ import annotations

from dataclasses import dataclass

from rich.table import Table


@dataclass(frozen=True)
class Verdict:
    """A target, what was measured against it, and whether it is held."""

    target: str
    measured: str
    held: bool

    def __str__(self) -> str:
        return f"{'held' if self.held else 'missed'}: {self.target}; measured {self.measured}"


def table(title: str, first: str, *others: str) -> Table:
    """A table with text in its first column and numbers in the others."""
    result = Table(title=title, title_justify="left")
    result.add_column(first)
    for column in others:
        result.add_column(column, justify="right")
    return result
