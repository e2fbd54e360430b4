"""What a saved plan wants to create, and what it takes over, from Terraform's JSON.

Format: https://developer.hashicorp.com/terraform/internals/json-format#change-representation
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PlannedCreate:
    """A resource that the plan would create; `values` holds the arguments that are known before it exists.

    `region` is that of its provider, None where the plan does not say.
    """

    address: str
    type: str
    values: Mapping[str, Any] = field(hash=False)
    region: str | None = None

    def value(self, path: str) -> str | None:
        """The text at `path`, such as `name` or `tags.Name`; None where it is not known."""
        found: Any = self.values
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found if isinstance(found, str) else None

    def values_of(self, *names: str) -> tuple[str, ...] | None:
        """The texts of these arguments, or None unless all are known."""
        found = [self.value(name) for name in names]
        return None if None in found else tuple(str(value) for value in found)


@dataclass(frozen=True)
class PlannedImport:
    """A resource that the plan takes over, with the tags that it carries in AWS; None for a type without tags."""

    address: str
    id: str
    tags: Mapping[str, str] | None = field(hash=False)


def planned_creates(plan: Mapping[str, Any]) -> list[PlannedCreate]:
    """Everything that the plan (`Terraform.plan_json`) would create; not what it would replace."""
    regions = _regions(plan.get("configuration", {}))
    return [
        PlannedCreate(
            change["address"], change["type"], change["change"]["after"] or {}, regions.get(change["address"])
        )
        for change in plan.get("resource_changes", ())
        if change["mode"] == "managed" and change["change"]["actions"] == ["create"]
    ]


def _regions(configuration: Mapping[str, Any]) -> dict[str, str]:
    """The Region of each resource's provider, by address."""
    options = {key: one.get("expressions", {}) for key, one in configuration.get("provider_config", {}).items()}
    regions = {key: one.get("region", {}).get("constant_value") for key, one in options.items()}
    resources = configuration.get("root_module", {}).get("resources", ())
    found = {one["address"]: regions.get(one["provider_config_key"]) for one in resources}
    return {address: region for address, region in found.items() if region}


def planned_imports(plan: Mapping[str, Any]) -> list[PlannedImport]:
    """Everything that the plan takes over."""
    return [
        PlannedImport(
            change["address"],
            str(change["change"]["importing"].get("id", "")),
            (change["change"]["before"] or {}).get("tags_all"),
        )
        for change in plan.get("resource_changes", ())
        if change["change"].get("importing")
    ]
