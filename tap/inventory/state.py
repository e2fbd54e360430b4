"""What a Terraform state says, without what is sensitive (`state_file.parse_state`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

ARN_OF_ANOTHER = frozenset({"aws_cloudwatch_event_target", "aws_secretsmanager_secret_version", "aws_sns_topic_policy"})
"""Terraform types whose attribute `arn` is that of what they are for: a target, a secret, a topic."""
SECONDARY = "secondary"
"""The provider's alias for the other of two Regions."""


@dataclass(frozen=True)
class StateResource:
    """One instance of a resource or data source; `mode` is `managed` or `data`.

    A `deposed` one was replaced and is still to be removed. `attributes` are those that are not sensitive; `provider`
    is the alias of the provider that it is made with, empty for the one without.
    """

    address: str
    type: str
    mode: str
    attributes: Mapping[str, Any] = field(repr=False, hash=False)
    tainted: bool = False
    deposed: bool = False
    provider: str = ""

    @property
    def arn(self) -> str | None:
        """Its own ARN, if the provider keeps one."""
        return None if self.type in ARN_OF_ANOTHER else self._text("arn")

    @property
    def region(self) -> str | None:
        """The Region that its ARN names; None for what is global, or has no ARN."""
        parts = (self.arn or "").split(":", 5)
        return parts[3] or None if len(parts) > 5 else None

    @property
    def replicas(self) -> tuple[str, ...]:
        """The ARNs of its copies in other Regions, of a table or a secret: they are no resources of their own here."""
        copies = self.attributes.get("replica")
        if not self.arn or not self.region or not isinstance(copies, list):
            return ()
        regions = (copy.get("region_name") or copy.get("region") for copy in copies if isinstance(copy, Mapping))
        start, _, rest = self.arn.partition(f":{self.region}:")
        return tuple(f"{start}:{region}:{rest}" for region in regions if isinstance(region, str))

    @property
    def arns(self) -> tuple[str, ...]:
        """Its own ARN and those of its replicas; none if the provider keeps none."""
        return (self.arn, *self.replicas) if self.arn else ()

    @property
    def id(self) -> str | None:
        """Its id as Terraform has it."""
        return self._text("id")

    @property
    def name(self) -> str | None:
        """Its name, if it has one."""
        return self._text("name")

    @property
    def tags(self) -> dict[str, str]:
        """All its tags, the default ones with them."""
        return _text_only(self.attributes.get("tags_all"))

    def _text(self, attribute: str) -> str | None:
        value = self.attributes.get(attribute)
        return value if isinstance(value, str) and value else None


@dataclass(frozen=True)
class State:
    """What Terraform knows of an environment. `outputs` are those that are not sensitive."""

    serial: int
    lineage: str
    outputs: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)
    resources: tuple[StateResource, ...] = field(default=(), repr=False)

    @property
    def managed(self) -> tuple[StateResource, ...]:
        """The resources, without data sources."""
        return tuple(resource for resource in self.resources if resource.mode == "managed")

    @property
    def is_empty(self) -> bool:
        """Whether no resource is left in it."""
        return not self.managed

    @cached_property
    def default_tags(self) -> dict[str, str]:
        """The provider's default tags: those with the same value on more than half of the tagged resources.

        Not on all: an apply that was interrupted has changed some and not others. Tags that only single resources
        give themselves are none.
        """
        tagged = [resource for resource in self.managed if resource.tags]
        values = Counter(pair for resource in tagged for pair in resource.tags.items())
        by_default = {
            pair
            for resource in tagged
            for pair in resource.tags.items()
            if pair[0] not in _text_only(resource.attributes.get("tags"))
        }
        return {
            name: value
            for (name, value), number in values.items()
            if 2 * number > len(tagged) and (name, value) in by_default
        }

    @cached_property
    def regions(self) -> Counter[str]:
        """How many of its resources are in each Region, by their ARNs; global ones are in none."""
        return Counter(resource.region for resource in self.managed if resource.region)

    @property
    def secondary_region(self) -> str | None:
        """The other Region that it was deployed to; None for one Region."""
        return self.default_tags.get("SecondaryRegion")

    @cached_property
    def providers(self) -> dict[str, str | None]:
        """The Region of each provider that its resources are made with, by alias: by their ARNs, else by its tags."""
        found: dict[str, str | None] = {}
        for alias in sorted({resource.provider for resource in self.resources}):
            own = Counter(one.region for one in self.managed if one.provider == alias and one.region)
            tag = self.secondary_region if alias == SECONDARY else self.home_region
            found[alias] = next((region for region, _ in own.most_common(1)), tag)
        return found

    def region_of(self, resource: StateResource) -> str | None:
        """Where one of its resources is: by its ARN, else where its provider works."""
        return resource.region or self.providers.get(resource.provider)

    def in_region(self, region: str) -> State:
        """The part of it that is in a Region, or in none that is known."""
        there = tuple(one for one in self.resources if self.region_of(one) in (None, region))
        return replace(self, resources=there)

    @property
    def home_region(self) -> str | None:
        """The Region it was deployed to: by its tags, else where most of its resources are; None if it has none."""
        tag = self.default_tags.get("HomeRegion")
        return tag or next((region for region, _ in self.regions.most_common(1)), None)


def _text_only(tags: object) -> dict[str, str]:
    if not isinstance(tags, Mapping):
        return {}
    return {str(name): value for name, value in tags.items() if isinstance(value, str)}
