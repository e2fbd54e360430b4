"""The resources of a Terraform JSON document and what each refers to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docs.synthesis import Document

ADDRESS = re.compile(r"(?:\b(?:data|ephemeral)\.)?\baws_[a-z0-9_]+\.[A-Za-z0-9_-]+")
PARAMETER_PATH = re.compile(r":parameter(/[\w./-]*)")


@dataclass(frozen=True)
class Resource:
    """One block of the document. `type` has the prefix `data.` or `ephemeral.` where it is not a resource.

    `references` maps an argument to the addresses found in it, at any depth.
    """

    address: str
    type: str
    arguments: dict[str, Any]
    references: dict[str, frozenset[str]]

    @property
    def id(self) -> str:
        """The id in the stack, without the type."""
        return self.address.rpartition(".")[2]

    def all_references(self) -> frozenset[str]:
        return frozenset().union(*self.references.values())


def read_resources(document: Document) -> dict[str, Resource]:
    """Return every resource, data source and ephemeral resource by its address, sorted."""
    blocks = {
        f"{prefix}{type_}.{id_}": (f"{prefix}{type_}", arguments)
        for section, prefix in (("resource", ""), ("data", "data."), ("ephemeral", "ephemeral."))
        for type_, members in document.get(section, {}).items()
        for id_, arguments in members.items()
    }
    parameters = {
        arguments["name"]: address for address, (type_, arguments) in blocks.items() if type_ == "aws_ssm_parameter"
    }

    def references(value: object) -> frozenset[str]:
        found: set[str] = set()
        for text in _texts(value):
            found.update(address for address in ADDRESS.findall(text) if address in blocks)
            # A role may read parameters by their path, which names them without referring to them.
            for path in PARAMETER_PATH.findall(text):
                found.update(address for name, address in parameters.items() if name.startswith(path))
        return frozenset(found)

    return {
        address: Resource(
            address,
            type_,
            arguments,
            {argument: references(value) for argument, value in arguments.items() if argument != "//"},
        )
        for address, (type_, arguments) in sorted(blocks.items())
    }


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)
