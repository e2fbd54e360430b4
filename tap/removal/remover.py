"""What a remover is made of: how one resource type is read right now, and how a resource of it is removed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tap.account import Account
from tap.inventory.resource import Resource, belongs_to, environment_tags, resource_type

# The codes of AWS's services for "there is no such thing": InvalidVpcID.NotFound, NoSuchEntity, QueueDoesNotExist ...
GONE = re.compile(r"NotFound|NoSuch(?!TagSet)|Non[eE]xistent|DoesNotExist|^404$")
Tags = Mapping[str, str]


class ResourceGoneError(LookupError):
    """The resource does not exist any more."""


class StillInUseError(Exception):
    """Something that goes away by itself still uses the resource; the message names it."""


class RemovalRefusedError(Exception):
    """Something that waiting does not change keeps the resource; the message says the remedy."""


class GoesWithError(Exception):
    """AWS removes the resource together with the one whose ARN is `owner`, and only so."""

    def __init__(self, owner: str) -> None:
        super().__init__(f"AWS removes it with {owner}")
        self.owner = owner


@dataclass(frozen=True)
class Reading:
    """What AWS says of a resource right now: its tags, the ARNs of what it is part of, and its description.

    `gone`: it is deleted, and AWS goes on showing it with its tags, which still speak for its parts.
    """

    tags: Tags = field(default_factory=dict)
    owners: frozenset[str] = frozenset()
    details: Mapping[str, Any] = field(default_factory=dict)
    gone: bool = False


@dataclass(frozen=True)
class Remover:
    """`read` raises `ResourceGoneError`, or the service's own error, for what does not exist.

    `remove` starts the removal; it need not wait for its end. It raises `RemovalRefusedError`, `StillInUseError`,
    `GoesWithError` or the service's own error.
    """

    read: Callable[[Scope, Resource], Reading]
    remove: Callable[[Scope, Resource, Reading], object]


@dataclass(frozen=True)
class Scope:
    """Where removals take place: the account, and the suffix of the one environment that they may touch."""

    account: Account
    suffix: str
    removers: Mapping[str, Remover] = field(default_factory=dict, repr=False)

    def client(self, service: str, resource: Resource) -> Any:
        """The client of a service in the resource's Region."""
        return self.account.client(service, resource.region or None)

    def ours(self, arn: str) -> bool:
        """Whether another resource, which a removal would change, is of this environment too; read right now.

        One that is gone by now, such as a group that is removed at the same time, is nobody else's.
        """
        other = Resource(arn, resource_type(arn))
        try:
            return belongs_to(self.removers[other.type].read(self, other).tags, self.suffix)
        except ResourceGoneError:
            return True
        except ClientError as error:
            if is_gone(error):
                return True
            raise


def is_gone(error: ClientError) -> bool:
    """Whether the error says that the resource asked for does not exist."""
    return bool(GONE.search(error.response["Error"]["Code"]))


def names_another(tags: Tags, suffix: str) -> bool:
    """Whether any tag says that a resource is of another environment than `suffix`, or of somebody else's."""
    return any(tags.get(name, value) != value for name, value in environment_tags(suffix).items())


def as_tags(tags: Mapping[str, str] | Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    """The tags of an answer: a mapping, or a list of `Key` and `Value`, `key` and `value`, `TagKey` and `TagValue`."""
    if isinstance(tags, Mapping):
        return dict(tags)
    lowered = ({name.lower().removeprefix("tag"): value for name, value in tag.items()} for tag in tags or ())
    return {tag["key"]: tag["value"] for tag in lowered}


def paged(client: Any, operation: str, output: str, **parameters: Any) -> Iterator[Any]:
    """All entries of `output`, of all pages of a listing."""
    if client.can_paginate(operation):
        for page in client.get_paginator(operation).paginate(**parameters):
            yield from page.get(output) or ()
        return
    token: str | None = ""
    while token is not None:
        page = getattr(client, operation)(**parameters, **({"NextToken": token} if token else {}))
        yield from page.get(output) or ()
        token = page.get("NextToken")


def only(found: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The one description in an answer. Raises `ResourceGoneError` where it is empty."""
    if not found:
        raise ResourceGoneError
    return found[0]


def sibling(resource: Resource, rest: str, service: str | None = None) -> str:
    """The ARN with another last part, `rest`, in the resource's partition, Region and account."""
    _, partition, own, region, account, _ = resource.arn.split(":", 5)
    return f"arn:{partition}:{service or own}:{region}:{account}:{rest}"
