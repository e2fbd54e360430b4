"""What a game day measures: how long payments were not taken, and what became of those that were acknowledged."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from tap.gameday.load import Sent


@dataclass(frozen=True)
class Measurement:
    """One run. RTO: from the fault to the first acknowledgement after which no attempt failed or was slow.

    RPO: from the oldest acknowledgement that was lost to the fault, or to the newest that was lost where that is later.
    `longest_wait`: of one client that went on sending the same payment. `doubled`: payments in the ledger that are not
    booked exactly once. Times in seconds.
    """

    rto: float
    rpo: float
    longest_wait: float
    acknowledged: int
    lost: int
    doubled: int
    refused: int
    unanswered: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measured(sent: Sequence[Sent], *, fault_at: float, present: Collection[str], doubled: int) -> Measurement:
    """The measurement of a run; `present` are the payments that the ledger has at its end."""
    acknowledged = {one.payment_id: one.acknowledged_at for one in sent if one.acknowledged_at is not None}
    lost = [at for payment_id, at in acknowledged.items() if payment_id not in present]
    waits = [
        (one.acknowledged_at or one.troubles[-1]) - one.first_at
        for one in sent
        if max(one.troubles, default=0.0) >= fault_at
    ]
    return Measurement(
        rto=round(_rto(sent, sorted(acknowledged.values()), fault_at), 1),
        rpo=round(max(fault_at, *lost) - min(lost), 1) if lost else 0.0,
        longest_wait=round(max(waits, default=0.0), 1),
        acknowledged=len(acknowledged),
        lost=len(lost),
        doubled=doubled,
        refused=sum(one.refused for one in sent),
        unanswered=len(sent) - len(acknowledged),
    )


def _rto(sent: Sequence[Sent], acknowledgements: Sequence[float], fault_at: float) -> float:
    troubles = [end for one in sent for end in one.troubles if end >= fault_at]
    if not troubles:
        return 0.0
    last = max(troubles)
    return next((at for at in acknowledgements if at >= last), last) - fault_at


@dataclass(frozen=True)
class Target:
    """The most that a scenario may take, in seconds; each is less than that."""

    rto: float
    rpo: float


@dataclass(frozen=True)
class Summary:
    """All runs of a scenario: the median and the worst of each figure."""

    scenario: str
    target: Target
    runs: tuple[Measurement, ...]

    def both(self, name: str) -> tuple[float, float]:
        """Median and worst."""
        values = [float(getattr(run, name)) for run in self.runs]
        return median(values), max(values)

    @property
    def met(self) -> bool:
        """Whether every run is within the targets, and booked nothing twice."""
        rto, rpo, target = self.both("rto")[1], self.both("rpo")[1], self.target
        return rto < target.rto and rpo <= target.rpo and not self.both("doubled")[1]
