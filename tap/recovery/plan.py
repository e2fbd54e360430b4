"""What a recovery does, told before it begins: the same text on the terminal, in the report and in the runbooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Expectation:
    """How much may be lost, or how long it takes, in words; `source` says where that comes from."""

    text: str
    source: str


@dataclass(frozen=True)
class Step:
    """One step; `text` is for people. Done twice it does no harm."""

    name: str
    text: str


@dataclass(frozen=True)
class Plan:
    """A recovery as data. `refused` are the first and the last step between which no payment is taken, if any are.

    `needs_suffix`: it is agreed to by typing the suffix, as where data may be lost.
    """

    command: str
    title: str
    does: str
    may_lose: str
    loses_data: bool
    rpo: Expectation
    rto: Expectation
    steps: tuple[Step, ...]
    refused: tuple[str, str] | None = None
    afterwards: tuple[str, ...] = ()
    needs_suffix: bool = False

    def lines(self) -> Iterator[str]:
        """The plan for a terminal."""
        yield self.title
        yield f"  {self.does}"
        yield f"  may be lost: {self.may_lose}"
        yield f"  RPO: {self.rpo.text} ({self.rpo.source})"
        yield f"  RTO: {self.rto.text} ({self.rto.source})"
        for number, step in enumerate(self.steps, 1):
            yield f"  {number:2}. {step.name}: {step.text}"
        for line in self.afterwards:
            yield f"  afterwards: {line}"

    def as_json(self) -> dict[str, Any]:
        """As one JSON document."""
        return {
            "command": self.command,
            "title": self.title,
            "does": self.does,
            "may_lose": self.may_lose,
            "loses_data": self.loses_data,
            "expected": {
                "rpo": {"text": self.rpo.text, "source": self.rpo.source},
                "rto": {"text": self.rto.text, "source": self.rto.source},
            },
            "steps": [{"name": step.name, "text": step.text} for step in self.steps],
            "afterwards": list(self.afterwards),
        }
