"""The synthesized Terraform JSON, as the checks read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lib.settings import Settings

Document = dict[str, Any]


def resources(document: Document, *types: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield type, address and arguments of each resource, of all types or of those given."""
    for type_, instances in document.get("resource", {}).items():
        if not types or type_ in types:
            for id_, arguments in instances.items():
                yield type_, f"{type_}.{id_}", arguments


def region_of(document: Document, arguments: dict[str, Any], settings: Settings) -> str:
    """Return the Region of a resource, from the provider that its arguments name."""
    for provider in document.get("provider", {}).get("aws", []):
        if arguments.get("provider", "aws") == ".".join(filter(None, ["aws", provider.get("alias")])):
            return str(provider["region"])
    return settings.aws_region
