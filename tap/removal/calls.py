"""Readings and removals that are a call or two of a service's API: most types need no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tap.inventory.resource import Resource
from tap.removal.remover import Reading, Scope, as_tags, only, paged

Value = Callable[[Resource], str]
Owners = Callable[[Resource, Any], set[str]]


def by_name(resource: Resource) -> str:
    return resource.name


def by_arn(resource: Resource) -> str:
    return resource.arn


def after_slash(resource: Resource) -> str:
    """What follows the kind in `kind/...`, with its slashes."""
    return resource.arn.split(":", 5)[5].partition("/")[2]


def after_colon(resource: Resource) -> str:
    """What follows the kind in `kind:...`, with its colons."""
    return resource.arn.split(":", 6)[6]


@dataclass(frozen=True)
class ListTags:
    """The call that lists a resource's tags, and the name of its output."""

    operation: str
    parameter: str
    output: str
    value: Value = by_arn

    def of(self, client: Any, resource: Resource) -> Any:
        """The tags as the service gives them, of all pages where it has pages."""
        asked = {self.parameter: self.value(resource)}
        if client.can_paginate(self.operation):
            return list(paged(client, self.operation, self.output, **asked))
        return getattr(client, self.operation)(**asked).get(self.output)


def described(
    service: str,
    operation: str,
    parameter: str,
    output: str = "",
    *,
    value: Value = by_name,
    several: bool = False,
    tags: str | ListTags = "",
    owners: Owners = lambda _resource, _details: set(),
) -> Callable[[Scope, Resource], Reading]:
    """Reads with `operation`, whose `output` is the description, or a list of one with `several`.

    `tags` is the name of the tags in the description or beside it, or the call that lists them.
    """

    def read(scope: Scope, resource: Resource) -> Reading:
        client = scope.client(service, resource)
        asked = [value(resource)] if several else value(resource)
        answer = getattr(client, operation)(**{parameter: asked})
        details = answer[output] if output else answer
        if isinstance(details, list):
            details = only(details)
        beside = details.get(tags) or answer.get(tags) if isinstance(tags, str) else None
        found = beside if isinstance(tags, str) else tags.of(client, resource)
        return Reading(as_tags(found), frozenset(owners(resource, details)), details)

    return read


def deletes(
    service: str, operation: str, parameter: str, *, value: Value = by_name, several: bool = False, **constant: object
) -> Callable[[Scope, Resource, Reading], object]:
    """Removes with one call, `constant` being its other parameters."""

    def remove(scope: Scope, resource: Resource, _: Reading) -> object:
        asked = [value(resource)] if several else value(resource)
        return getattr(scope.client(service, resource), operation)(**{parameter: asked}, **constant)

    return remove
