"""What a lister is asked, and what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from lib.availability import partition_of
from tap.account import Account
from tap.inventory.coverage import COVERAGE
from tap.inventory.resource import Evidence, Resource, resource_type
from tap.inventory.state import State, StateResource


@dataclass(frozen=True)
class Search:
    """The search for what belongs to one environment beside what carries its tags.

    `tagged`: what the tagging API returned, deleted ones with it, since some leave parts behind; `existing`: those of
    them that exist; `states`: what Terraform knows, or knew before it destroyed it.
    """

    account: Account
    suffix: str
    tagged: tuple[Resource, ...] = ()
    existing: tuple[Resource, ...] = ()
    states: tuple[State, ...] = ()

    @property
    def regions(self) -> list[str]:
        """The account's own Region, and the others that something of the environment is in."""
        resources = {resource.region for resource in (*self.tagged, *self.existing)}
        states = {self.account.region}.union(*(state.regions for state in self.states))
        return sorted((resources | states) - {""})

    def in_region(self, region: str) -> Search:
        """The part of the search that is in one Region; global resources are in each."""
        return replace(
            self,
            account=self.account.in_region(region),
            tagged=tuple(one for one in self.tagged if one.region in ("", region)),
            existing=tuple(one for one in self.existing if one.region in ("", region)),
            states=tuple(state.in_region(region) for state in self.states),
        )

    @cached_property
    def _owners(self) -> dict[str, set[str]]:
        by_type: dict[str, set[str]] = {}
        for resource in self.tagged:
            by_type.setdefault(resource.type, set()).add(resource.arn)
        for known in self.known:
            coverage, arn = COVERAGE.get(known.type), known.arn or ""
            # No other attribute of a state may make somebody else's resource the environment's.
            if coverage and arn.count(":") >= 5 and resource_type(arn) == coverage.as_:
                by_type.setdefault(coverage.as_, set()).add(arn)
        return by_type

    @cached_property
    def known(self) -> tuple[StateResource, ...]:
        """What the states list."""
        return tuple(resource for state in self.states for resource in state.managed)

    def owners(self, *types: str) -> list[str]:
        """The ARNs of the environment's resources of these types, existing or not, sorted."""
        return sorted(set().union(*(self._owners.get(kind, ()) for kind in types)))

    def exist(self, *types: str) -> bool:
        """Whether a resource of these types with the environment's tags exists."""
        return any(resource.type in types for resource in self.existing)

    def in_state(self, type_: str) -> list[StateResource]:
        """What the states list of a Terraform type."""
        return [resource for resource in self.known if resource.type == type_]

    def arn(self, service: str, rest: str, *, region: str | None = None, account_id: str | None = None) -> str:
        """An ARN in the account and Region, for what AWS lists without."""
        partition = partition_of(self.account.region)
        assert partition is not None  # Regions are validated when they are read.
        place = self.account.region if region is None else region
        return f"arn:{partition.id}:{service}:{place}:{self.account.id if account_id is None else account_id}:{rest}"


def part_of(owner: str, arn: str, type_: str | None = None) -> Resource:
    """A resource that is part of another of the environment's."""
    return Resource(arn, type_ or resource_type(arn), evidence=Evidence.OWNER, owner=owner)


def of_state(arn: str, type_: str | None = None) -> Resource:
    """A resource that only the state speaks for, by its very name or id."""
    return Resource(arn, type_ or resource_type(arn), evidence=Evidence.STATE)


@dataclass(frozen=True)
class Lister:
    """Finds the resources of `type` that belong to an environment; `reason`: why its tags do not tell.

    `find` raises `InventoryError` if AWS does not answer. It is asked in each Region of the environment, unless the
    service `is_global`.
    """

    type: str
    reason: str
    find: Callable[[Search], Iterable[Resource]] = field(repr=False)
    is_global: bool = False

    def places(self, search: Search) -> list[Search]:
        """The searches to ask it with."""
        return [search] if self.is_global else [search.in_region(region) for region in search.regions]
