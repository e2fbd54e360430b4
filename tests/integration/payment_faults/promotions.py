"""The operator, who moves the payments from Region to Region by hand while they go on."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from payments.database import CALL_SECONDS, RETRY_SECONDS
from payments.region_role import Role
from payments.switches import TRUSTED_SECONDS
from tests.integration.payment_faults.database_faults import LONG_OUTAGE_SECONDS
from tests.integration.payment_faults.faults import Fault
from tests.integration.payment_faults.load import Dns
from tests.integration.payment_faults.two_regions import Site, TwoRegions
from tests.integration.payment_faults.worker_processes import WorkerProcesses

LOST, RETURNED = "the primary's database was lost", "the database that was left behind came back"


class Promotion(StrEnum):
    """How the secondary cluster becomes the ledger once the primary is lost."""

    FAILOVER = "FailoverGlobalCluster"
    REMOVAL = "RemoveFromGlobalCluster"


@dataclass(frozen=True, kw_only=True)
class Move:
    """One move of the payments, in seconds of the monotonic clock.

    `began` is when the operator began, or when the database was lost; `promoted` when the ledger took writes in the
    Region `to`; `ended` when the API's name led there.
    """

    name: str
    to: str
    began: float
    promoted: float
    ended: float


class Promotions:
    """The moves of a run: planned there and back, then after a disaster. `serving` and `standby` change with each."""

    def __init__(self, regions: TwoRegions, processes: Mapping[str, WorkerProcesses]) -> None:
        """`processes` are the workers by Region."""
        self.serving, self.standby = regions.primary, regions.secondary
        self.dns = Dns(processes[self.serving.region.name], processes[self.standby.region.name])
        self.moves: list[Move] = []
        self._processes = processes

    def plan(self, promotion: Promotion) -> Sequence[Fault]:
        """What happens in a run, in this order."""
        plan: list[Fault] = [self._switch_over, self._switch_over, partial(self._lose_primary, promotion)]
        return [*plan, self._bring_back] if promotion is Promotion.REMOVAL else plan

    def _switch_over(self) -> str:
        """The old Region's role, the database, the new one's role, then DNS, as docs/which-architecture.md has it."""
        began, new, old = time.monotonic(), self.standby, self.serving
        old.give_role(Role.SECONDARY)
        new.ledger.switch_over()
        promoted = time.monotonic()
        return self._lead_to(new, f"switched over to {new.region.name}", began, promoted)

    def _lose_primary(self, promotion: Promotion) -> str:
        """The operator acts only when requests have failed for longer than the function tries."""
        began, new, old = time.monotonic(), self.standby, self.serving
        old.ledger.take_away()
        time.sleep(LONG_OUTAGE_SECONDS)
        self._fence(old)
        if promotion is Promotion.REMOVAL:
            new.ledger.detach()
        else:
            new.ledger.fail_over()
        return self._lead_to(new, LOST, began, time.monotonic())

    def _fence(self, old: Site) -> None:
        """A cluster that was left behind would take writes if it came back: its Region is to take none before."""
        old.give_role(Role.SECONDARY)
        time.sleep(TRUSTED_SECONDS)

    def _lead_to(self, new: Site, name: str, began: float, promoted: float) -> str:
        new.give_role(Role.PRIMARY)
        self.serving, self.standby = new, self.serving
        self.dns.move(self._processes[new.region.name])
        self.moves.append(Move(name=name, to=new.region.name, began=began, promoted=promoted, ended=time.monotonic()))
        return name

    def _bring_back(self) -> str:
        """Not before everything has ended that was begun in that Region while it took itself for the primary."""
        time.sleep(max(0.0, self.moves[-1].ended + RETRY_SECONDS + CALL_SECONDS - time.monotonic()))
        self.standby.ledger.bring_back()
        return RETURNED
