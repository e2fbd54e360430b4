"""Deploys the environment of a `Deployment`, whatever an earlier run has left behind."""

from __future__ import annotations

from collections.abc import Callable, Collection

from tap.adoption.account_services import refuse_occupied
from tap.adoption.ownership import refuse_other_architecture, refuse_other_place
from tap.adoption.proposal import Proposal, Proposer, Surroundings
from tap.adoption.rollout import Outcome, Rollout
from tap.deployment import Deployment
from tap.inventory.finder import Finder, FoundEnvironment
from tap.removal.sweep import Sweeper


class Deploying:
    """First `propose`, then `carry_out`. `replaceable` addresses may go although they hold data; `tell` is given notes.

    Both raise as `Proposer.propose` does; `propose` also `tap.deployment.SynthesisError`, `OtherPlaceError`,
    `OtherArchitectureError` and `OccupiedError`.
    """

    def __init__(
        self, deployment: Deployment, *, replaceable: Collection[str] = (), tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._deployment = deployment
        self._suffix = deployment.settings.environment_suffix
        surroundings = Surroundings(deployment.account, self._find, lambda: deployment.states.read(self._suffix))
        self._proposer = Proposer(deployment.terraform, self._suffix, surroundings, replaceable=replaceable, tell=tell)

    @property
    def untainted(self) -> list[str]:
        """Addresses of what an interrupted run left tainted and is sound."""
        return self._proposer.untainted

    def propose(self) -> Proposal:
        """Synthesize, and plan with what exists taken over."""
        deployment = self._deployment
        deployment.synthesize()
        settings = deployment.settings
        secondary = settings.secondary_region if settings.in_two_regions else None
        state = deployment.states.read(self._suffix)
        refuse_other_place(state, deployment.account, self._suffix, secondary)
        refuse_occupied(deployment.account, settings, state)
        deployment.terraform.init()
        return self._proposer.propose()

    def carry_out(self, proposal: Proposal) -> Outcome:
        """Deploy it, and sweep what is of no use.

        At the end the state is read anew: a resource that others were attached to after it was made (a role, a cluster)
        would else count as changed outside of Terraform.
        """
        outcome = Rollout(self._proposer, Sweeper(self._deployment.account)).carry_out(proposal)
        self._deployment.terraform.apply_refresh()
        return outcome

    def _find(self) -> FoundEnvironment:
        deployment, settings = self._deployment, self._deployment.settings
        finder = Finder(deployment.account, deployment.states, settings.secondary_region)
        found = finder.environment(self._suffix)
        refuse_other_architecture(found, settings.architecture)
        return found
