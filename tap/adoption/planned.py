"""What a saved plan wants to create, and what it takes over, from Terraform's JSON.

Format: https://developer.hashicorp.com/terraform/internals/json-format#change-representation
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PlannedCreate:
    """A resource that the plan would create; `values` holds the arguments that are known before it exists."""

    address: str
    type: str
    values: Mapping[str, Any] = field(hash=False)

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
    return [
        PlannedCreate(change["address"], change["type"], change["change"]["after"] or {})
        for change in plan.get("resource_changes", ())
        if change["mode"] == "managed" and change["change"]["actions"] == ["create"]
    ]


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
