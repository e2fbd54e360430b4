"""What a run leaves: all that the invariants compare, and its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.integration.payment_faults import invariants
from tests.integration.payment_faults.deliveries import ACCOUNT_MARK, Delivery
from tests.integration.payment_faults.faults import Faults
from tests.integration.payment_faults.faulty_service import Mode
from tests.integration.payment_faults.invariants import Ledger
from tests.integration.payment_faults.load import Load


@dataclass(kw_only=True)
class Run:
    """`deliveries` are those that must get a final answer. Texts and secrets are those of all Regions."""

    seed: int
    deliveries: list[Delivery]
    load: Load
    faults: Faults
    ledger: Ledger
    events: list[dict[str, Any]]
    sessions: dict[str, str]
    texts: dict[str, str]
    secrets: set[str]
    dynamodb_met: Counter[Mode]
    events_met: Counter[Mode]
    seconds: float

    def violations(self) -> Iterator[str]:
        answers = self.load.answers
        yield from (f"the load failed: {failure}" for failure in self.load.failures)
        yield from (f"a fault could not be brought about: {failure}" for failure in self.faults.failures)
        yield from invariants.acknowledged_payments(answers, self.ledger)
        yield from invariants.balance(self.ledger)
        yield from invariants.same_answers(answers, self.ledger, self.sessions)
        yield from invariants.final_answers(answers, self.ledger)
        yield from invariants.publications(self.events, self.ledger)
        yield from invariants.nothing_stuck(self.ledger, self.deliveries, answers)
        yield from invariants.private_texts(self.texts, [ACCOUNT_MARK, *self.secrets])

    def report(self) -> str:
        counts, payments = self.load.counts, len(self.ledger.rows)
        lines = [
            f"PAYMENT_FAULT_SEED={self.seed}",
            f"{payments} payments, {len(self.deliveries) - payments} deliveries of one that was sent already,"
            f" {counts.workers} worker processes, {counts.relays} relays",
            f"killed: {counted(counts.kills)}; answers to a commit lost: {counts.lost_commits};"
            f" work after an answer cut short: {counts.cut_short}",
            f"faults: {counted(self.faults.happened)}",
            f"requests to DynamoDB: {counted(self.dynamodb_met)}, to EventBridge: {counted(self.events_met)}",
            f"retries: {counts.retries.total()}: {counted(counts.retries)}",
            f"published: {len(self.events)} times, {len({event['event_id'] for event in self.events})} events;"
            f" sessions: {len(self.sessions)}",
            f"slowest answer {counts.slowest_answer:.1f} s; {self.seconds:.0f} s in all",
        ]
        return "\n".join(lines)


def counted(counter: Counter[str] | Counter[Mode]) -> str:
    """A counter in words."""
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items())) or "none"
