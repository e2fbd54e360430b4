"""One resource described by its service: with which operation, and what names it there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tap.account import Account
from tap.inventory.listing import exists
from tap.inventory.resource import Resource


def rest(resource: Resource) -> str:
    """What follows the kind in the ARN: all of a name with slashes or colons in it."""
    tail = resource.arn.split(":", 5)[5]
    return tail.split(":" if ":" in tail.partition("/")[0] else "/", 1)[-1]


def parameter_name(parameter: Resource) -> str:
    """The name of an SSM parameter: its ARN leaves a leading slash out, which every name with a slash has."""
    path = rest(parameter)
    return f"/{path}" if "/" in path else path


@dataclass(frozen=True)
class OneDescribed:
    """The operation that describes one resource, and the parameter that names it, with the part of the ARN for it.

    `several`: the parameter takes a list. `beside`: what else the operation has to be given. `gone` tells from the
    answer that there is no such resource, or that it is described though it is deleted.
    """

    service: str
    operation: str
    parameter: str
    value: Callable[[Resource], str] = rest
    gone: Callable[[Any], bool] = lambda answer: False  # noqa: ARG005
    several: bool = False
    beside: Callable[[Resource], Mapping[str, object]] = lambda resource: {}  # noqa: ARG005

    def exists(self, account: Account, resource: Resource) -> bool:
        """Whether the resource exists. Raises `InventoryError`."""
        value = self.value(resource)
        named: dict[str, object] = {self.parameter: [value] if self.several else value, **self.beside(resource)}
        answer = exists(account, self.service, self.operation, region=resource.region or None, **named)
        return answer is not None and not self.gone(answer)


def arn_of(resource: Resource) -> str:
    return resource.arn


def testing_plan_name(resource: Resource) -> str:
    """The name of a plan that tests restores, which has no hyphens; in the ARN an id follows it."""
    return resource.name.partition("-")[0]
