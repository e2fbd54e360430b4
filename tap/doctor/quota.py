"""A quota of Service Quotas, with how it is counted in the design and in the account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tap.doctor.design import Design
from tap.doctor.usage import Usage

Need = Callable[[Design], Counter[str]]


@dataclass(frozen=True)
class Quota:
    """One quota of Service Quotas; `is_global`: it is kept in the partition's first Region.

    `per_environment`: each environment has the whole of it to itself.
    """

    service: str
    code: str
    name: str
    needed: Need
    used: Usage
    is_global: bool = False
    per_environment: bool = False


def of(*types: str) -> Need:
    """Counts resources of these types."""
    return lambda design: Counter({"": design.count(*types)})


def number(count: Callable[[Design], int]) -> Need:
    """Counts what the design itself counts."""
    return lambda design: Counter({"": count(design)})
