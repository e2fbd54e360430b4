"""Makes sure that nothing of anybody else's is taken over, and that a state is not used where it does not belong."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tap.account import Account
from tap.adoption.planned import planned_imports
from tap.inventory.found import FoundEnvironment
from tap.inventory.resource import belongs_to
from tap.inventory.states import State


class ForeignResourceError(RuntimeError):
    """A resource that a deploy would have taken over belongs to somebody else; nothing was changed."""


class OtherPlaceError(RuntimeError):
    """The environment is in another account or Region than the one that is deployed to; nothing was changed."""


class OtherArchitectureError(RuntimeError):
    """The suffix is that of an environment of another architecture; nothing was changed."""


def refuse_other_architecture(found: FoundEnvironment, architecture: str) -> None:
    """Look at what is there of the suffix: its state, else its tags, say how it was deployed.

    Terraform would keep a second state beside it, and meet the names of the first. Raises `OtherArchitectureError`.
    """
    there = found.state.architecture if found.state else found.architecture
    if found.exists and there not in (None, architecture):
        raise OtherArchitectureError(
            f"environment {found.suffix!r} is deployed as {there}, not as {architecture}: "
            f"run `tap env destroy {found.suffix}` first, or deploy with another suffix, or with ARCHITECTURE={there}"
        )


def refuse_other_place(state: State | None, account: Account, suffix: str, secondary_region: str | None = None) -> None:
    """Look at where the resources of the state are. Terraform would not find them and forget them.

    `secondary_region` is the other Region that is deployed to, if the architecture has two.

    Raises `OtherPlaceError`.
    """
    if state is None or state.is_empty:
        return
    arns = [resource.arn.split(":") for resource in state.managed if resource.arn and resource.arn.count(":") >= 5]
    accounts = {parts[4] for parts in arns if parts[4].isdigit()}
    if accounts and account.id not in accounts:
        raise OtherPlaceError(
            f"the state of {suffix!r} lists resources of account {', '.join(sorted(accounts))}, and these credentials "
            f"are of {account.id}: use the other's credentials, another suffix, or another state (STATE_BUCKET)"
        )
    if state.home_region not in (None, account.region):
        raise OtherPlaceError(
            f"environment {suffix!r} is in Region {state.home_region}, not in {account.region}: set AWS_REGION, or "
            "deploy with another suffix; a suffix is unique in its account"
        )
    if secondary_region and state.secondary_region not in (None, secondary_region):
        raise OtherPlaceError(
            f"environment {suffix!r} is in Region {state.secondary_region} too, not in {secondary_region}: set "
            f"SECONDARY_REGION={state.secondary_region}, or destroy it first (`tap env destroy {suffix}`)"
        )


def refuse_foreign(plan: Mapping[str, Any], suffix: str, parts: Collection[str] = ()) -> None:
    """Look at the tags, as the plan has just read them, of everything that it takes over (`Terraform.plan_json`).

    Addresses of `parts` may lack the tags, which some get only after they were made, and must not have another
    environment's. What has no tags by its type belongs to what it is a part of. Raises `ForeignResourceError`.
    """
    for planned in planned_imports(plan):
        if planned.tags is None or belongs_to(planned.tags, suffix):
            continue
        owner = planned.tags.get("EnvironmentSuffix")
        if planned.address in parts and owner is None:
            continue
        whose = f"has the tags of environment {owner!r}" if owner else "does not have the environment's tags"
        raise ForeignResourceError(
            f"{planned.address}: {planned.id} exists and {whose}, so it is not taken over; rename or remove it, or "
            "deploy with another suffix"
        )
