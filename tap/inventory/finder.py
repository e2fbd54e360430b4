"""Which environments there are in an account and Region, and what belongs to each.

One search for all commands: complete, or an `InventoryError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from tap.account import Account
from tap.inventory.answers import ask
from tap.inventory.existence import by_suffix, existing_of_all
from tap.inventory.existence_checks import existing
from tap.inventory.found import FoundEnvironment, describe
from tap.inventory.listers import LISTERS
from tap.inventory.listers.databases import is_automated_of
from tap.inventory.listers.roles import FoundRole
from tap.inventory.listers.search import Lister, Search
from tap.inventory.listing import at_once
from tap.inventory.resource import Resource, suffix_of
from tap.inventory.state import State
from tap.inventory.states import StateStore
from tap.inventory.stored_state import StoredState

__all__ = ["Finder", "FoundEnvironment"]

SMALL_STATE = 2048
"""Bytes. A state that lists nothing is smaller than a tenth of that; one with a resource may be as small."""


class Finder:
    """The environments that are at home in the Region of `account`, with the states that `states` keeps.

    They are looked for there and, for those in two Regions, in `secondary_region` and in the one that they name.
    `elsewhere`: after a search, the Regions of environments that were seen and are at home in another one.
    """

    def __init__(self, account: Account, states: StateStore, secondary_region: str | None = None) -> None:
        self.account = account
        self.states = states
        self._secondary_region = secondary_region
        self.elsewhere: dict[str, str] = {}

    def all(self) -> list[FoundEnvironment]:
        """All environments, sorted by suffix. What has no tags is left out: `environment` finds it.

        Raises `InventoryError`.
        """
        answers = ask(self.account, self.states, self._secondary_region)
        self.elsewhere = {}
        here = self._at_home(answers.resources)
        states = {one.suffix: (one, state) for one, state in self._states_with_resources(answers.stored, here)}
        found = by_suffix(existing_of_all(self.account, here, states.keys()))
        created = _created(answers.roles)
        return [
            describe(
                suffix,
                found.get(suffix, ()),
                stored=states[suffix][0] if suffix in states else None,
                state=states[suffix][1] if suffix in states else None,
                created=created.get(suffix),
                elsewhere=self.elsewhere.get(suffix),
            )
            for suffix in sorted(found.keys() | states.keys())
        ]

    def environment(
        self, suffix: str, known: State | None = None, earlier: Sequence[Resource] = ()
    ) -> FoundEnvironment:
        """Everything that belongs to one environment; nothing where there is none.

        `known`: its state as it was read before Terraform emptied it; `earlier`: its resources as they were found then.
        What they left behind is recognized by them.

        Raises `InventoryError`.
        """
        answers = ask(self.account, self.states, self._secondary_region, suffix, known=known, earlier=earlier)
        self.elsewhere.pop(suffix, None)
        here, state = self._at_home(answers.resources), answers.state
        if state and not self._is_at_home(suffix, state):
            state = None
        there = existing(self.account, here)
        states = tuple(one for one in (state, known) if one)
        search = Search(self.account, suffix, (*here, *earlier), tuple(there), states)
        parts = at_once(partial(_listed, lister, place) for lister in LISTERS for place in lister.places(search))
        kept = state is not None and not state.is_empty
        return describe(
            suffix,
            _merged(there, [part for found in parts for part in found]),
            stored=answers.stored[0] if kept else None,
            state=state,
            created=_created(answers.roles).get(suffix),
            elsewhere=self.elsewhere.get(suffix),
        )

    def _at_home(self, resources: Iterable[Resource]) -> list[Resource]:
        """The resources of environments of this Region; `elsewhere` learns of the others."""
        here = []
        for resource in resources:
            home = resource.tags.get("HomeRegion") or resource.region or self.account.region
            suffix = suffix_of(resource.tags)
            if home == self.account.region:
                here.append(resource)
            elif suffix:
                self.elsewhere[suffix] = home
        return here

    def _is_at_home(self, suffix: str, state: State) -> bool:
        if state.home_region in (None, self.account.region):
            return True
        self.elsewhere[suffix] = str(state.home_region)
        return False

    def _states_with_resources(
        self, stored: Sequence[StoredState], here: Sequence[Resource]
    ) -> list[tuple[StoredState, State | None]]:
        """The states of this Region that list something.

        Read are only the small ones, which may list nothing, and those of which resources were seen neither here nor
        elsewhere, or both.
        """
        seen = {suffix_of(resource.tags) for resource in here}
        unsure = {one.suffix for one in stored if (one.suffix in seen) == (one.suffix in self.elsewhere)}
        read = [one for one in stored if one.size < SMALL_STATE or one.suffix in unsure]
        states = at_once(partial(self.states.read_stored, one) for one in read)
        found: list[tuple[StoredState, State | None]] = [
            (one, state)
            for one, state in zip(read, states, strict=True)
            if not state.is_empty and self._is_at_home(one.suffix, state)
        ]
        unread = [one for one in stored if one not in read and one.suffix in seen]
        return [*found, *((one, None) for one in unread)]


def _listed(lister: Lister, search: Search) -> list[Resource]:
    return list(lister.find(search))


def _created(roles: Iterable[FoundRole]) -> dict[str, datetime]:
    """When the oldest role of each environment was made."""
    created: dict[str, datetime] = {}
    for role in roles:
        suffix = suffix_of(role.resource.tags) or ""
        created[suffix] = min(role.created, created.get(suffix, role.created))
    return created


def _merged(tagged: Sequence[Resource], parts: Sequence[Resource]) -> list[Resource]:
    """Each resource once: by its own tags where it has them.

    The tagging API returns Aurora's recovery points as the snapshots that they are made of: a lister knows better.
    """
    points = {part.arn: part for part in parts if part.type == "backup:recovery-point"}
    arns = {resource.arn for resource in tagged}
    own = [replace(points[one.arn], tags=one.tags) if one.arn in points else one for one in tagged]
    found = [*own, *{part.arn: part for part in parts if part.arn not in arns}.values()]
    return [one for one in found if not is_automated_of(one, arns)]
