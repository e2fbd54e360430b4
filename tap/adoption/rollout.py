"""A deploy that ends with AWS, the state and the configuration in agreement, also after one that was killed.

Terraform writes a remote state every 20 s while it applies, so that a killed apply leaves resources that the state does
not know (https://github.com/hashicorp/terraform/blob/v1.11.4/internal/backend/local/backend_apply.go). They are taken
into the state where the plan wants to create the same, and swept where it does not.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from tap.adoption.data_loss import ending
from tap.adoption.kinds import KINDS
from tap.adoption.matching import Adoption, orphans
from tap.adoption.proposal import ROUNDS, Proposal, Proposer
from tap.inventory.resource import Resource
from tap.removal.sweep import Sweeper
from tap.terraform_errors import TerraformError
from tap.terraform_events import ChangeSummary, Diagnostic

_EXISTS = re.compile(r"exist|conflict|duplicate|already|in use", re.IGNORECASE)


class LeftoverError(RuntimeError):
    """Everything was deployed, but something that is of no use could not be removed."""


@dataclass
class Outcome:
    """What was done. `kept` are strays that may hold data, which are never swept; `failed` ones could not be."""

    summary: ChangeSummary = field(default_factory=lambda: ChangeSummary("apply"))
    adopted: tuple[Adoption, ...] = ()
    swept: list[Resource] = field(default_factory=list)
    kept: list[Resource] = field(default_factory=list)
    failed: list[tuple[Resource, str]] = field(default_factory=list)


class Rollout:
    """Carries out what a proposer proposes."""

    def __init__(self, proposer: Proposer, sweeper: Sweeper) -> None:
        self._proposer = proposer
        self._sweeper = sweeper

    def carry_out(self, proposal: Proposal) -> Outcome:
        """Apply the proposal, then sweep its strays. What turns out to exist already is taken over.

        Raises as `Proposer.propose` does; `TerraformError` also for what Terraform could not do, `LeftoverError` for
        what is broken, in the way, and cannot be removed.
        """
        outcome = Outcome()
        allowed = ending(proposal.plan.changes)
        self._clear(proposal.broken, outcome)
        for _ in range(ROUNDS):
            outcome.adopted += proposal.adoptions
            if proposal.plan.empty:
                break
            try:
                outcome.summary = self._proposer.terraform.apply(proposal.plan)
                break
            except TerraformError as error:
                proposal = self._proposal_after(error, outcome.adopted, allowed)
        self._sweep(proposal.strays, outcome)
        return outcome

    def _proposal_after(self, error: TerraformError, adopted: Collection[Adoption], allowed: set[str]) -> Proposal:
        """A plan that takes over what stood in the way; raises `error` where nothing new did, or more would end."""
        in_the_way = {diagnostic.address for diagnostic in error.diagnostics if _says_it_exists(diagnostic)}
        if not in_the_way:
            raise error
        proposal = self._proposer.propose(in_the_way)
        new = {adoption.address for adoption in proposal.adoptions} - {adoption.address for adoption in adopted}
        if not new & in_the_way or ending(proposal.plan.changes) - allowed:
            raise error
        return proposal

    def _clear(self, broken: Collection[Resource], outcome: Outcome) -> None:
        """Remove what is in the way of what is to be made."""
        if not broken:
            return
        self._sweep(broken, outcome)
        stuck = [f"{resource.arn}: it may hold data" for resource in outcome.kept]
        stuck += [f"{resource.arn}: {reason}" for resource, reason in outcome.failed]
        if stuck:
            raise LeftoverError("broken, in the way, and not removed: " + "; ".join(stuck) + "; remove it by hand")

    def _sweep(self, strays: Collection[Resource], outcome: Outcome) -> None:
        """Remove what the state still does not know, now that the run is over; what may hold data stays."""
        if not strays:
            return
        surroundings = self._proposer.surroundings
        arns = {resource.arn for resource in strays}
        present = [resource for resource in surroundings.find().resources if resource.arn in arns]
        unknown = orphans(present, surroundings.read_state(), surroundings.account)
        kept = [resource for resource in unknown if _may_hold_data(resource)]
        report = self._sweeper.sweep(self._proposer.suffix, [each for each in unknown if each not in kept])
        outcome.kept += kept
        outcome.swept += report.swept
        outcome.failed += report.failed


def _says_it_exists(diagnostic: Diagnostic) -> bool:
    return bool(diagnostic.address and _EXISTS.search(f"{diagnostic.summary} {diagnostic.detail}"))


def _may_hold_data(resource: Resource) -> bool:
    return any(kind.holds_data and kind.match(resource.arn) for kind in KINDS.values())
