"""The resources of a Terraform JSON document and what each refers to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from docs.synthesis import Document

ADDRESS = re.compile(r"(?:\b(?:data|ephemeral)\.)?\baws_[a-z0-9_]+\.[A-Za-z0-9_-]+")
LOCAL = re.compile(r"\blocal\.(\w+)")
TAG = "aws:ResourceTag/"
PARAMETER_PATH = re.compile(r":parameter(/[\w./-]*)")
ALARM = re.compile(r":alarm:([\w-]+)")


@dataclass(frozen=True)
class Resource:
    """One block of the document. `type` has the prefix `data.` or `ephemeral.` where it is not a resource.

    `references` maps an argument to the addresses found in it, at any depth. `role` is that of its Region where there
    are two, and None for what spans them.
    """

    address: str
    type: str
    arguments: dict[str, Any]
    references: dict[str, frozenset[str]]
    role: str | None

    @property
    def id(self) -> str:
        """The id in the stack, without the type."""
        return self.address.rpartition(".")[2]

    def all_references(self) -> frozenset[str]:
        return frozenset().union(*self.references.values())


def regions(document: Document) -> dict[str, str]:
    """Return the Regions by their role, in the order of the providers; none where there is one Region."""
    providers = document.get("provider", {}).get("aws", [])
    return {provider["alias"]: provider["region"] for provider in providers if "alias" in provider}


def read_resources(document: Document) -> dict[str, Resource]:
    """Return every resource, data source and ephemeral resource by its address, sorted."""
    blocks = {
        f"{prefix}{type_}.{id_}": (f"{prefix}{type_}", arguments)
        for section, prefix in (("resource", ""), ("data", "data."), ("ephemeral", "ephemeral."))
        for type_, members in document.get(section, {}).items()
        for id_, arguments in members.items()
    }
    roles = {address: _role(address, regions(document)) for address in blocks}
    parameters = [
        (roles[address], arguments["name"], address)
        for address, (type_, arguments) in blocks.items()
        if type_ == "aws_ssm_parameter"
    ]

    alarms = {
        (roles[address], arguments["alarm_name"]): address
        for address, (type_, arguments) in blocks.items()
        if type_ == "aws_cloudwatch_metric_alarm"
    }
    tags = _tags(document, blocks)

    def references(value: object, role: str | None) -> frozenset[str]:
        found: set[str] = set()
        for text in _texts(value):
            found.update(address for address in ADDRESS.findall(text) if address in blocks)
            for name in LOCAL.findall(text):
                found.update(references(document["locals"][name], role))
            # A role may read parameters by their path, which names them without referring to them.
            for path in PARAMETER_PATH.findall(text):
                found.update(address for of, name, address in parameters if of == role and name.startswith(path))
            # A rule of the bus names the alarm whose changes it takes.
            found.update(alarms[role, name] for name in ALARM.findall(text))
        return frozenset(found)

    return {
        address: Resource(
            address,
            type_,
            arguments,
            {
                argument: references(value, roles[address]) | _selected(argument, value, tags)
                for argument, value in arguments.items()
                if argument != "//"
            },
            roles[address],
        )
        for address, (type_, arguments) in sorted(blocks.items())
    }


def _tags(document: Document, blocks: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, dict[str, str]]:
    """Return the tags of what has any of its own, those that all have by default too."""
    providers = document.get("provider", {}).get("aws", [])
    default = providers[0]["default_tags"][0]["tags"] if providers else {}
    return {
        address: {**default, **arguments["tags"]} for address, (_, arguments) in blocks.items() if arguments.get("tags")
    }


def _selected(argument: str, value: Any, tags: dict[str, dict[str, str]]) -> frozenset[str]:
    """Return what AWS Backup finds by its tags, which the conditions of a selection name."""
    if argument != "condition":
        return frozenset()
    asked = {test["key"].removeprefix(TAG): test["value"] for part in value for test in part.get("string_equals", ())}
    return frozenset(address for address, found in tags.items() if asked and asked.items() <= found.items())


def _role(address: str, roles: Iterable[str]) -> str | None:
    id_ = address.rpartition(".")[2]
    return next((role for role in roles if id_.startswith(f"{role}_")), None)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)
