"""Which of all environments' resources still exist, with few calls."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from tap.account import Account
from tap.inventory.existence_checks import existing
from tap.inventory.listers.databases import is_automated_of
from tap.inventory.resource import Resource, suffix_of

LINGERING = frozenset({"ec2:natgateway", "kms:key", "rds:cluster", "route53:hostedzone", "secretsmanager:secret"})
"""Types that AWS is known to return for hours or days: looked at even where everything else says that they exist."""


def existing_of_all(account: Account, resources: Sequence[Resource], vouched: Collection[str]) -> list[Resource]:
    """Those of the resources that exist, with the calls that are worth it for a list.

    Where a state (`vouched`) or a role, which IAM itself listed, speaks for an environment, only what lingers for hours
    is asked for. Everything is where neither does: such an environment was destroyed just now, or half of it was.

    Raises `InventoryError`.
    """
    alive = {*vouched, *by_suffix(one for one in resources if one.type == "iam:role")}
    sure, doubtful = _split(resources, lambda one: suffix_of(one.tags) in alive)
    lingering, believed = _split(sure, lambda one: one.type in LINGERING)
    there = [*believed, *existing(account, [*lingering, *doubtful])]
    arns = {one.arn for one in there}
    return [one for one in there if not is_automated_of(one, arns)]


def by_suffix(resources: Iterable[Resource]) -> dict[str, list[Resource]]:
    """The resources of each environment that has some."""
    found: dict[str, list[Resource]] = {}
    for resource in resources:
        found.setdefault(suffix_of(resource.tags) or "", []).append(resource)
    return found


def _split(resources: Iterable[Resource], wanted: Callable[[Resource], bool]) -> tuple[list[Resource], list[Resource]]:
    chosen: list[Resource] = []
    others: list[Resource] = []
    for resource in resources:
        (chosen if wanted(resource) else others).append(resource)
    return chosen, others
