"""What exists of an environment held against what its Terraform state lists."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tap.inventory.found import FoundEnvironment
from tap.inventory.resource import Evidence, Resource
from tap.inventory.states import State, StateResource
from tap.removal.preview import beside
from tap.terraform_drift import Drift

EXPIRES_AT = "ExpiresAt"
_TAG_ATTRIBUTES = frozenset({"tags", "tags_all"})


@dataclass(frozen=True)
class WrongTags:
    """A resource whose tags differ from those that the environment was deployed with: by tag, None for one missing."""

    address: str
    arn: str
    expected: Mapping[str, str | None] = field(hash=False)
    found: Mapping[str, str | None] = field(hash=False)


@dataclass(frozen=True)
class Verification:
    """What was found; every part is empty for a clean environment."""

    drifted: tuple[Drift, ...] = ()
    """In state and in AWS, and not the same."""
    vanished: tuple[Drift, ...] = ()
    """In the state and no longer in AWS."""
    wrong_tags: tuple[WrongTags, ...] = ()
    leftovers: tuple[Resource, ...] = ()
    """In AWS and not in the state."""

    @property
    def has_drift(self) -> bool:
        """Whether the state says something else than AWS does."""
        return bool(self.drifted or self.vanished or self.wrong_tags)

    @property
    def clean(self) -> bool:
        return not self.has_drift and not self.leftovers

    def as_json(self) -> dict[str, Any]:
        """As one JSON document."""
        return {
            "clean": self.clean,
            "drift": [
                {"address": one.address, "type": one.resource_type, "attributes": list(one.attributes)}
                for one in self.drifted
            ],
            "vanished": [{"address": one.address, "type": one.resource_type} for one in self.vanished],
            "wrong_tags": [
                {"address": one.address, "arn": one.arn, "expected": dict(one.expected), "found": dict(one.found)}
                for one in self.wrong_tags
            ],
            "leftovers": [{"type": one.type, "arn": one.arn, "evidence": str(one.evidence)} for one in self.leftovers],
        }

    def findings(self) -> Iterator[tuple[str, str, str]]:
        """In words: what it is, which resource, and how."""
        for one in self.drifted:
            yield "drift", one.address, f"differs in {', '.join(one.attributes)}"
        for one in self.vanished:
            yield "vanished", one.address, "in the state, no longer in AWS"
        for tags in self.wrong_tags:
            for name, value in tags.expected.items():
                yield "wrong tag", tags.address, f"{name}: {tags.found[name]!r} instead of {value!r}"
        for resource in self.leftovers:
            yield "leftover", resource.arn, "in AWS, not in the state"


def verify(found: FoundEnvironment, state: State | None, drift: Collection[Drift]) -> Verification:
    """Compare; `drift` is what a refresh-only plan of the state found (`drift_of`).

    Tags that AWS was asked for here are judged here: when an environment ends is what its tags say, whatever the state
    says.
    """
    tagged = dict(_tagged(found, state)) if state else {}
    addresses = {known.address for known in tagged.values()}
    changed = (one for one in drift if one.action != "delete")
    judged = (_without_tags(one) if one.address in addresses else one for one in changed)
    wrong = (_wrong_tags(resource, known, found.expires_at) for resource, known in tagged.items())
    return Verification(
        drifted=tuple(one for one in judged if one.attributes),
        vanished=tuple(one for one in drift if one.action == "delete"),
        wrong_tags=tuple(one for one in wrong if one),
        leftovers=tuple(_leftovers(found, state)),
    )


def _without_tags(drift: Drift) -> Drift:
    return replace(drift, attributes=tuple(name for name in drift.attributes if name not in _TAG_ATTRIBUTES))


def _tagged(found: FoundEnvironment, state: State) -> Iterator[tuple[Resource, StateResource]]:
    """What carries the environment's tags in AWS, with what the state knows of it."""
    # A topic's policy and a secret's version have the ARN of what they are for, and no tags.
    managed = [resource for resource in state.managed if resource.tags and not resource.deposed]
    by_id = {text: resource for resource in managed for text in (*resource.arns, resource.id) if text}
    for resource in found.resources:
        known = by_id.get(resource.arn) or by_id.get(resource.name)
        # The same name in another Region is another resource.
        same = known is not None and (resource.arn in known.arns or known.region in (None, resource.region))
        if known is not None and same and resource.evidence is Evidence.TAGS:
            yield resource, known


def _wrong_tags(resource: Resource, known: StateResource, expires_at: datetime | None) -> WrongTags | None:
    # Tags of AWS's own are not Terraform's matter.
    there = {name: value for name, value in resource.tags.items() if not name.startswith("aws:")}
    expected = dict(known.tags)
    if expires_at is not None:
        expected[EXPIRES_AT] = expires_at.isoformat()
    names = sorted(
        name
        for name in expected.keys() | there.keys()
        if expected.get(name) != there.get(name) and not _is_time(there.get(name), name, expires_at)
    )
    if not names:
        return None
    return WrongTags(
        known.address,
        resource.arn,
        {name: expected.get(name) for name in names},
        {name: there.get(name) for name in names},
    )


def _is_time(text: str | None, name: str, time: datetime | None) -> bool:
    """Whether the tag is the end of the environment, in whatever way the time is written."""
    if name != EXPIRES_AT or text is None or time is None:
        return False
    try:
        return datetime.fromisoformat(text) == time
    except (ValueError, TypeError):
        return False


def _leftovers(found: FoundEnvironment, state: State | None) -> Iterator[Resource]:
    """What the state does not list, but for parts of what it lists: a cluster's snapshots, a function's interfaces."""
    unlisted = {resource.arn: resource for resource in beside(found.resources, state)}
    listed = {resource.arn for resource in found.resources} - unlisted.keys()
    listed |= {arn for resource in (state.managed if state else ()) for arn in resource.arns}
    for resource in unlisted.values():
        owner, seen = resource.owner, {resource.arn}
        while owner in unlisted and owner not in seen:
            seen.add(owner)
            owner = unlisted[owner].owner
        if owner not in listed:
            yield resource
