"""A Terraform state as its file says it, without what is sensitive.

Format 4: https://github.com/hashicorp/terraform/blob/v1.11.4/internal/states/statefile/version4.go
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from tap.inventory.errors import InventoryError

VERSION = 4
ARN_OF_ANOTHER = frozenset({"aws_cloudwatch_event_target", "aws_secretsmanager_secret_version", "aws_sns_topic_policy"})
"""Terraform types whose attribute `arn` is that of what they are for: a target, a secret, a topic."""


@dataclass(frozen=True)
class StoredState:
    """A state that exists: where, how large (bytes) and when it was written last."""

    suffix: str
    architecture: str
    location: str
    size: int
    modified: datetime


@dataclass(frozen=True)
class StateResource:
    """One instance of a resource or data source; `mode` is `managed` or `data`.

    A `deposed` one was replaced and is still to be removed. `attributes` are those that are not sensitive.
    """

    address: str
    type: str
    mode: str
    attributes: Mapping[str, Any] = field(repr=False, hash=False)
    tainted: bool = False
    deposed: bool = False

    @property
    def arn(self) -> str | None:
        """Its own ARN, if the provider keeps one."""
        return None if self.type in ARN_OF_ANOTHER else self._text("arn")

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
        arns = (resource.arn for resource in self.managed)
        parts = (arn.split(":", 5) for arn in arns if arn and arn.count(":") >= 5)
        return Counter(part[3] for part in parts if part[3])

    @property
    def home_region(self) -> str | None:
        """The Region it was deployed to: by its tags, else where most of its resources are; None if it has none."""
        tag = self.default_tags.get("HomeRegion")
        return tag or next((region for region, _ in self.regions.most_common(1)), None)


def parse_state(text: str | bytes, location: str) -> State:
    """The state in a file. An empty file is one that Terraform has locked and not yet written.

    Raises `InventoryError` with the location, and nothing of the contents, for what is no state of version 4.
    """
    if not text.strip():
        return State(0, "")
    try:
        document = json.loads(text)
        if document["version"] != VERSION:
            raise InventoryError(f"{location}: a state of format {VERSION} is needed; run `terraform init` and `apply`")
        outputs = document.get("outputs") or {}
        return State(
            int(document["serial"]),
            str(document["lineage"]),
            {name: output["value"] for name, output in outputs.items() if not output.get("sensitive")},
            tuple(instance for block in document.get("resources") or () for instance in _instances(block)),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InventoryError(
            f"{location} is no Terraform state ({type(error).__name__}): restore it from its backup or an older version"
        ) from None


def _instances(block: Mapping[str, Any]) -> Iterator[StateResource]:
    """The instances of a resource block, with addresses as Terraform writes them."""
    data = "data." if block["mode"] == "data" else ""
    module = f"{block['module']}." if block.get("module") else ""
    for instance in block["instances"]:
        key = instance.get("index_key")
        index = "" if key is None else f"[{json.dumps(key)}]"
        attributes = instance.get("attributes") or {}
        yield StateResource(
            f"{module}{data}{block['type']}.{block['name']}{index}",
            block["type"],
            block["mode"],
            {name: value for name, value in attributes.items() if name not in _sensitive(instance)},
            tainted=instance.get("status") == "tainted",
            deposed=bool(instance.get("deposed")),
        )


def _sensitive(instance: Mapping[str, Any]) -> set[str]:
    """The attributes of which any part is sensitive: the first step of each path."""
    return {path[0]["value"] for path in instance.get("sensitive_attributes") or () if path}


def _text_only(tags: object) -> dict[str, str]:
    if not isinstance(tags, Mapping):
        return {}
    return {str(name): value for name, value in tags.items() if isinstance(value, str)}
