"""Refuses a plan that would remove something that holds data, unless that was asked for by its address."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from tap.adoption.kinds import KINDS
from tap.terraform_events import PlannedChange

# What a plan can do that ends a resource; "forget" leaves it in AWS, out of the state.
_ENDING = ("delete", "replace", "forget")


class DataLossError(RuntimeError):
    """A plan would remove something that holds data; nothing was changed."""


def ending(changes: Iterable[PlannedChange]) -> set[str]:
    """The addresses of what a plan would end."""
    return {change.address for change in changes if change.action in _ENDING}


def refuse_data_loss(
    changes: Iterable[PlannedChange], allowed: Collection[str], plan_json: Callable[[], Mapping[str, Any]]
) -> None:
    """Raise `DataLossError` unless everything that would end holds no data or is `allowed` by its address.

    An Aurora instance holds none: the cluster's volume outlives it
    (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Overview.StorageReliability.html).
    """
    refused = [
        change
        for change in changes
        if change.action in _ENDING
        and change.address not in allowed
        and change.resource_type in KINDS
        and KINDS[change.resource_type].holds_data
    ]
    if not refused:
        return
    paths = _replace_paths(plan_json())
    lines = "".join(f"\n- {change.action} {change.address}{_because(change, paths)}" for change in refused)
    options = " ".join(f"--replace {change.address}" for change in refused)
    raise DataLossError(
        f"this would remove what holds data, so nothing was changed:{lines}\n"
        f"Undo the change of the inputs that causes it; or, if the data may go, add {options}"
    )


def _because(change: PlannedChange, paths: Mapping[str, str]) -> str:
    reason = paths.get(change.address) or change.reason.replace("_", " ")
    return f" (because of {reason})" if reason else ""


def _replace_paths(plan: Mapping[str, Any]) -> dict[str, str]:
    """The arguments that force a replacement, by address."""
    return {
        change["address"]: ", ".join(".".join(map(str, path)) for path in change["change"]["replace_paths"])
        for change in plan.get("resource_changes", ())
        if change["change"].get("replace_paths")
    }
