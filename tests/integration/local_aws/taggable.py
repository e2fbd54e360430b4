"""A resource of each type that the tagging API returns: how it is made with tags, read by its own service, deleted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.integration.local_aws.conftest import ACCOUNT, REGION, Cloud

Tags = Mapping[str, str]


@dataclass(frozen=True)
class Made:
    """A resource: its ARN, its tags as its own service tells them, and how it is deleted."""

    arn: str
    tags: Callable[[], Tags]
    delete: Callable[[], object]


Make = Callable[[Cloud, Tags], Made]
MAKERS: dict[str, Make] = {}


def maker(name: str) -> Callable[[Make], Make]:
    """Registers the decorated function as what makes a resource of a type."""

    def register(make: Make) -> Make:
        MAKERS[name] = make
        return make

    return register


def pairs(tags: Tags) -> list[dict[str, str]]:
    """Tags as most services take them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def plain(found: Any, key: str = "Key", value: str = "Value") -> Tags:
    """Tags as most services tell them."""
    return {pair[key]: pair[value] for pair in found or ()}


def arn(service: str, resource: str) -> str:
    """The ARN of a resource in the account and Region of the tests."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"
