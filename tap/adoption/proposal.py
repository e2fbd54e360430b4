"""What a deploy would do, with everything that exists already taken over instead of made once more."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from tap.account import Account
from tap.adoption.children import find_child, is_child
from tap.adoption.data_loss import refuse_data_loss
from tap.adoption.imports import remove_imports, write_imports
from tap.adoption.kinds import KINDS
from tap.adoption.matching import Adoption, match, orphans
from tap.adoption.ownership import refuse_foreign
from tap.adoption.planned import PlannedCreate, planned_creates
from tap.adoption.settling import Condition, settle, takes_time
from tap.adoption.tainted import judge
from tap.inventory.finder import FoundEnvironment
from tap.inventory.resource import Resource
from tap.inventory.states import State
from tap.terraform import Plan, Terraform

# Parts are found once what they belong to is: an API, its function's alias, the integration, the route.
ROUNDS = 8


@dataclass(frozen=True)
class Surroundings:
    """What there is of the environment: its resources and its state, read anew with each call."""

    account: Account
    find: Callable[[], FoundEnvironment]
    read_state: Callable[[], State | None]


@dataclass(frozen=True)
class Proposal:
    """A plan, and what it takes over.

    `broken` resources are in its way and never worked; it has no use for `strays`, which the state does not know.
    """

    plan: Plan
    adoptions: tuple[Adoption, ...] = ()
    strays: tuple[Resource, ...] = ()
    broken: tuple[Resource, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return self.plan.empty and not self.strays


class Proposer:
    """Plans what is in Terraform's folder; `replaceable` addresses may go although they hold data.

    `tell` is given what it finds and does that nobody asked for; `untainted` lists what lost its taint.
    """

    def __init__(
        self,
        terraform: Terraform,
        suffix: str,
        surroundings: Surroundings,
        *,
        replaceable: Collection[str] = (),
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.terraform = terraform
        self.suffix = suffix
        self.surroundings = surroundings
        self.untainted: list[str] = []
        self._asked_for = frozenset(replaceable)
        self._replaceable = set(replaceable)
        self._tell = tell

    def propose(self, in_the_way: Collection[str] = ()) -> Proposal:
        """Plan. Changes nothing but taints. `in_the_way`: addresses that AWS says exist, whether they are found or not.

        Raises `DataLossError`, `AmbiguousError`, `ForeignResourceError`, `UnsettledError`, `TerraformError` and its
        like, `InventoryError` and botocore's errors.
        """
        remove_imports(self.terraform.directory)
        # The state is read last: what another run has made by then is in it.
        resources = self.surroundings.find().resources
        state = self.surroundings.read_state()
        self._untaint(state)
        found = orphans(resources, state, self.surroundings.account)
        if found:
            self._tell(f"resources of environment {self.suffix!r} that its state does not list: {len(found)}")
        try:
            proposal = self._adopt(self._settled_plan(state), found, state, in_the_way)
        finally:
            remove_imports(self.terraform.directory)
        plan = proposal.plan
        refuse_data_loss(plan.changes, self._replaceable, lambda: self.terraform.plan_json(plan))
        return proposal

    def _untaint(self, state: State | None) -> None:
        if state is None:
            return
        verdict = judge(state, self.surroundings.account, replace=self._asked_for)
        self._replaceable.update(verdict.replaceable)
        for address in verdict.sound:
            self._tell(f"{address} was left tainted by an interrupted run; it is sound, so it stays")
            self.terraform.untaint(address)
            self.untainted.append(address)

    def _settled_plan(self, state: State | None) -> Plan:
        """A plan; made again when something that an interrupted destroy had begun to remove was still to be seen."""
        plan = self.terraform.plan()
        created = {change.address for change in plan.changes if change.action == "create"}
        if not created or state is None:
            return plan
        listed = [each for each in state.managed if takes_time(each.type) and each.address not in created and each.id]
        account = self.surroundings.account
        conditions = [settle(account.in_region(state.region_of(each)), each.type, str(each.id)) for each in listed]
        return self.terraform.plan() if Condition.GONE in conditions else plan

    def _adopt(
        self, plan: Plan, found: Sequence[Resource], state: State | None, in_the_way: Collection[str]
    ) -> Proposal:
        """Plan again with what exists taken over, until nothing that would be created exists."""
        adoptions: list[Adoption] = []
        broken: list[Resource] = []
        left = list(found)
        known = bool(found) or bool(in_the_way) or (state is not None and not state.is_empty)
        for _ in range(ROUNDS):
            if not known or not _may_exist(plan):
                break
            creates = planned_creates(self.terraform.plan_json(plan))
            more, useless, gone = self._existing(creates, left)
            if not adoptions:
                more += self._by_name(creates, set(in_the_way) - {adoption.address for adoption in more})
            broken += useless
            used = [*useless, *gone, *(adoption.resource for adoption in more)]
            left = [resource for resource in left if resource not in used]
            if not more:
                break
            adoptions += more
            self._tell("taken over, since it exists: " + ", ".join(adoption.address for adoption in more))
            write_imports(self.terraform.directory, adoptions)
            plan = self.terraform.plan()
        if adoptions:
            parts = {adoption.address for adoption in adoptions if adoption.part}
            refuse_foreign(self.terraform.plan_json(plan), self.suffix, parts)
        return Proposal(plan, tuple(adoptions), tuple(left), tuple(broken))

    def _existing(
        self, creates: list[PlannedCreate], left: Sequence[Resource]
    ) -> tuple[list[Adoption], list[Resource], list[Resource]]:
        """What exists of what is to be created: what can be used, what is broken, what went in the meantime."""
        account = self.surroundings.account
        planned = {create.address: create for create in creates}
        by_condition: dict[Condition, list[Adoption]] = {condition: [] for condition in Condition}
        for adoption in match(left, creates, account):
            create = planned[adoption.address]
            if takes_time(create.type):
                self._tell(f"{adoption.address}: waiting until AWS has made it")
            by_condition[settle(account.in_region(create.region), create.type, adoption.id)].append(adoption)
        ready = by_condition[Condition.READY]
        taken = {adoption.address for adoption in ready}
        children = ((each, find_child(account, each, creates)) for each in creates if each.address not in taken)
        ready += [Adoption(each.address, id_, part=True) for each, id_ in children if id_ is not None]
        return ready, _resources(by_condition[Condition.BROKEN]), _resources(by_condition[Condition.GONE])

    def _by_name(self, creates: Iterable[PlannedCreate], addresses: Collection[str]) -> list[Adoption]:
        """What AWS says exists and the finder does not see: AWS's tagging API lags behind by up to minutes."""
        wanted = [create for create in creates if create.address in addresses and create.type in KINDS]
        account = self.surroundings.account
        places = ((create, account.in_region(create.region)) for create in wanted)
        ids = [(create, KINDS[create.type].import_id_by_name(create, there)) for create, there in places]
        return [Adoption(create.address, id_) for create, id_ in ids if id_ is not None]


def _may_exist(plan: Plan) -> bool:
    """Whether the plan creates anything of a type that could be there already."""
    return any(
        change.action == "create" and (change.resource_type in KINDS or is_child(change.resource_type))
        for change in plan.changes
    )


def _resources(adoptions: Iterable[Adoption]) -> list[Resource]:
    return [adoption.resource for adoption in adoptions if adoption.resource]
