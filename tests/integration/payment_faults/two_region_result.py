"""What a run in two Regions leaves beside what every run leaves."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.integration.payment_faults import invariants, strays
from tests.integration.payment_faults.deliveries import Route
from tests.integration.payment_faults.invariants import TAKEN, Answered, Ledger
from tests.integration.payment_faults.outcomes import UNAVAILABLE
from tests.integration.payment_faults.promotions import LOST, Move
from tests.integration.payment_faults.result import Run, counted

RETRIED = {*UNAVAILABLE, *strays.SECONDARY_REASONS, "worker died", "answer lost"}
"""All that a client may meet before its final answer: never a fault inside."""


@dataclass(kw_only=True)
class TwoRegionRun(Run):
    """`ledger`, `events` and `sessions` are those of the Region that has the payments in the end.

    `left_behind` is the other one's ledger, which takes writes of its own; None while that follows, or is away.
    """

    moves: Sequence[Move]
    other_events: list[dict[str, Any]]
    other_sessions: dict[str, str]
    left_behind: Ledger | None

    def violations(self) -> Iterator[str]:
        yield from super().violations()
        found = strays.taken(self.load.strays)
        yield from invariants.acknowledged_payments(found, self.ledger)
        yield from invariants.same_answers([*self.load.answers, *found], self.ledger, self.other_sessions)
        yield from invariants.publications(self.other_events, self.ledger)
        stored = self.ledger.by_id().keys() | self.sessions.keys() | self.other_sessions.keys()
        if self.left_behind:
            yield from invariants.left_behind(self.left_behind, self.ledger)
        yield from strays.refusals(self.load.strays, self.moves, stored)
        for reason in self.load.counts.retries.keys() - RETRIED:
            yield f"a client met {reason}"

    def accepted(self, region: str) -> list[Answered]:
        """The answers to payments that a Region took, in their order."""
        taken = [answered for answered in self.load.answers if answered.status == TAKEN and _region(answered) == region]
        return sorted(taken, key=lambda answered: answered.ended)

    def seconds_to_the_first(self, move: Move) -> float:
        """From a move's beginning, or the loss of the database, to the first payment that the other Region took."""
        times = (answered.ended for answered in self.accepted(move.to))
        return next((ended for ended in times if ended > move.promoted), float("inf")) - move.began

    @property
    def disaster(self) -> Move:
        return next(move for move in self.moves if move.name == LOST)

    def report(self) -> str:
        lines = [super().report(), f"astray: {counted(self.refused())}"]
        for move in self.moves:
            lines.append(
                f"{move.name}: writer in {move.to} after {move.promoted - move.began:.1f} s,"
                f" first payment taken there after {self.seconds_to_the_first(move):.1f} s"
            )
        return "\n".join(lines)

    def refused(self) -> Counter[str]:
        """Statuses of what went astray, by route."""
        return Counter(f"{stray.delivery.route} {stray.status}" for stray in self.load.strays)


def _region(answered: Answered) -> str:
    """The Region that took a payment, which its answer names; none for a question, whose answer may be a session's."""
    return "" if answered.delivery.route is Route.FIND else str(json.loads(answered.body)["region"])
