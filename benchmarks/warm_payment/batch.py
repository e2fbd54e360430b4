"""What a worker is asked to do, and what it measures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

FLOOR, ANSWER, WHOLE = "floor", "answer", "whole"
"""Times until a bare transaction is committed, a payment is answered, the work after its answer is done as well."""


class Kind(StrEnum):
    """`FLOOR`: bare transactions. `HELD`: payments, with all work after the answers at the end, which is not measured.
    `WHOLE`: payments, each with the work after its answer. `TURNS`: as many of either, `WHOLE` and `FLOOR` by turns."""

    FLOOR = "floor"
    HELD = "held"
    WHOLE = "whole"
    TURNS = "turns"

    @property
    def has_floor(self) -> bool:
        return self in (Kind.FLOOR, Kind.TURNS)

    @property
    def has_payments(self) -> bool:
        return self is not Kind.FLOOR


@dataclass(frozen=True)
class Batch:
    """Seconds, by what was measured; begin and end on the computer's clock, which all its processes share."""

    times: dict[str, list[float]]
    began: float
    ended: float
