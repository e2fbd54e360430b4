"""What a search is begun with: what carries an environment's tags, in every Region, and which states are stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tap.account import Account
from tap.inventory.listers.global_clusters import environment_global_clusters
from tap.inventory.listers.roles import FoundRole, environment_roles
from tap.inventory.listing import at_once
from tap.inventory.regions import SECONDARY_REGION, TaggedSearch
from tap.inventory.resource import Resource, suffix_of
from tap.inventory.state import State
from tap.inventory.states import StateStore
from tap.inventory.stored_state import StoredState


@dataclass(frozen=True)
class Answers:
    """Resources and roles with tags, and states; `state` is that of the one environment that was looked for."""

    resources: tuple[Resource, ...]
    roles: tuple[FoundRole, ...]
    stored: tuple[StoredState, ...]
    state: State | None


def ask(
    account: Account,
    states: StateStore,
    guessed_region: str | None,
    suffix: str | None = None,
    *,
    known: State | None = None,
    earlier: Sequence[Resource] = (),
) -> Answers:
    """Ask for all environments, or for one; for all at once, but for Regions that only the answers name.

    Raises `InventoryError`.
    """
    tagged = TaggedSearch(account, suffix, guessed_region)
    tasks: list[Any] = [
        partial(environment_roles, account),
        partial(environment_global_clusters, account),
        partial(_stored, states, suffix),
        *(partial(tagged.ask, region) for region in tagged.first),
    ]
    roles, clusters, stored, *_ = at_once(tasks)
    mine = [role for role in roles if suffix in (None, suffix_of(role.resource.tags))]
    untagged = [one for one in clusters if suffix in (None, suffix_of(one.tags))]
    untagged += [role.resource for role in mine]
    state = states.read_stored(stored[0]) if suffix and stored else None
    named = _other_regions(account.region, (one.tags for one in (*tagged.found, *untagged, *earlier)))
    tagged.ask_also({*named, *(region for one in (state, known) if one for region in _regions(account.region, one))})
    resources = {one.arn: one for one in (*tagged.found, *untagged)}
    return Answers(tuple(resources.values()), tuple(mine), tuple(stored), state)


def _stored(states: StateStore, suffix: str | None) -> list[StoredState]:
    if suffix is None:
        return states.list()
    found = states.find(suffix)
    return [found] if found else []


def _other_regions(home: str, tags: Iterable[Mapping[str, str]]) -> set[str]:
    """The other Regions of environments that are at home here."""
    return {one[SECONDARY_REGION] for one in tags if SECONDARY_REGION in one and one.get("HomeRegion") == home}


def _regions(home: str, state: State) -> Iterator[str]:
    """The Regions of the resources of a state, if it is at home here."""
    if state.home_region == home:
        yield from state.regions
        yield from _other_regions(home, [state.default_tags])
