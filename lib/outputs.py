"""Terraform outputs: what an operator or a test needs to find the environment's parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from cdktf import TerraformOutput
from constructs import Construct

Outputs = Mapping[str, str | Sequence[str]]


class HasOutputs(Protocol):
    """A part of a stack of which operators and tests need to know something."""

    def outputs(self) -> Outputs: ...


def add_outputs(scope: Construct, outputs: Outputs) -> None:
    """Add one output for each name, in snake_case."""
    for name, value in outputs.items():
        TerraformOutput(scope, name, value=value)
