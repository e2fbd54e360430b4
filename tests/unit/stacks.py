"""Synthesizes a stack in memory, and reads the result."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from cdktf import Testing

from lib.compute.artifacts import Artifacts
from lib.settings import Settings, load_settings
from lib.synth import add_stack

Document = dict[str, Any]


@cache
def artifacts() -> Artifacts:
    """Artifacts of one empty file: what is in them does not matter to the stack."""
    return Artifacts.empty(Path(mkdtemp(prefix="payment-artifacts-")))


@cache
def _document(overrides: tuple[tuple[str, object], ...]) -> str:
    settings = load_settings(**dict(overrides))
    return str(Testing.synth(add_stack(Testing.app(), settings, artifacts())))


def synthesized(**overrides: object) -> Document:
    """Return the Terraform JSON of a stack with these settings, made anew for the caller to change."""
    document: Document = json.loads(_document(tuple(sorted(overrides.items()))))
    return document


def settings(**overrides: object) -> Settings:
    return load_settings(**overrides)


def arguments(document: Document, address: str) -> dict[str, Any]:
    """Return the arguments of one resource, such as `aws_vpc.vpc`."""
    type_, _, id_ = address.partition(".")
    found: dict[str, Any] = document["resource"][type_][id_]
    return found


def of_type(document: Document, type_: str) -> dict[str, dict[str, Any]]:
    """Return the resources of one type by id; none is an empty dict."""
    found: dict[str, dict[str, Any]] = document["resource"].get(type_, {})
    return found


def policies(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the address and the document of every policy written in JSON."""
    for type_, instances in document["resource"].items():
        for id_, resource in instances.items():
            for argument in ("policy", "assume_role_policy"):
                if isinstance(resource.get(argument), str) and resource[argument].startswith("{"):
                    yield f"{type_}.{id_}", json.loads(resource[argument])
