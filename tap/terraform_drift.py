"""What a refresh-only plan found to have changed outside of Terraform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

HISTORY = {"aws_ssm_parameter": frozenset({"version"})}
"""Attributes that only count changes, by type: a value that is as it was before has not drifted."""


@dataclass(frozen=True)
class Drift:
    """One resource that differs from its state: `update` (by these `attributes`) or `delete` (it is gone)."""

    address: str
    resource_type: str
    action: str
    attributes: tuple[str, ...] = ()


def drift_of(plan: Mapping[str, Any]) -> tuple[Drift, ...]:
    """The drift in a plan's JSON (`Terraform.plan_json`), by address.

    Terraform also reports what a provider only writes down in another way (no tags as null, later as an empty map);
    that is no drift (https://developer.hashicorp.com/terraform/internals/json-format#plan-representation).
    """
    return tuple(sorted(_found(plan.get("resource_drift", [])), key=lambda drift: drift.address))


def _found(entries: list[dict[str, Any]]) -> Iterator[Drift]:
    for entry in entries:
        change = entry["change"]
        action = "/".join(change["actions"])
        before, after = change.get("before") or {}, change.get("after") or {}
        names = sorted(before.keys() | after.keys())
        differing = tuple(name for name in names if _written(before.get(name)) != _written(after.get(name)))
        if set(differing) <= HISTORY.get(entry["type"], frozenset()):
            differing = ()
        if action == "delete":
            yield Drift(entry["address"], entry["type"], action)
        elif differing:
            yield Drift(entry["address"], entry["type"], action, differing)


def _written(value: Any) -> Any:
    """The value without what is empty, whichever way that is written."""
    if isinstance(value, dict):
        return {name: kept for name, item in value.items() if (kept := _written(item)) is not None} or None
    if isinstance(value, list):
        return [_written(item) for item in value] or None
    return None if value == "" else value
