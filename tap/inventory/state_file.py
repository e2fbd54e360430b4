"""Reads the file of a Terraform state, without what is sensitive in it.

Format 4: https://github.com/hashicorp/terraform/blob/v1.11.4/internal/states/statefile/version4.go
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tap.inventory.errors import InventoryError
from tap.inventory.state import State, StateResource

VERSION = 4
# provider["registry.terraform.io/hashicorp/aws"].secondary, within a module with that before it.
ALIAS = re.compile(r"\]\.(?P<alias>[\w-]+)$")


def parse_state(text: str | bytes, location: str) -> State:
    """The state in a file. An empty file is one that Terraform has locked and not yet written.

    Raises `InventoryError` with the location, and nothing of the contents, for what is no state of version 4.
    """
    if not text.strip():
        return State(0, "")
    try:
        document = json.loads(text)
        if document["version"] != VERSION:
            raise InventoryError(f"{location}: a state of format {VERSION} is needed; run `terraform init` and `apply`")
        outputs = document.get("outputs") or {}
        return State(
            int(document["serial"]),
            str(document["lineage"]),
            {name: output["value"] for name, output in outputs.items() if not output.get("sensitive")},
            tuple(instance for block in document.get("resources") or () for instance in _instances(block)),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InventoryError(
            f"{location} is no Terraform state ({type(error).__name__}): restore it from its backup or an older version"
        ) from None


def _instances(block: Mapping[str, Any]) -> Iterator[StateResource]:
    """The instances of a resource block, with addresses as Terraform writes them."""
    data = "data." if block["mode"] == "data" else ""
    alias = ALIAS.search(block.get("provider", ""))
    module = f"{block['module']}." if block.get("module") else ""
    for instance in block["instances"]:
        key = instance.get("index_key")
        index = "" if key is None else f"[{json.dumps(key)}]"
        attributes = instance.get("attributes") or {}
        yield StateResource(
            f"{module}{data}{block['type']}.{block['name']}{index}",
            block["type"],
            block["mode"],
            {name: value for name, value in attributes.items() if name not in _sensitive(instance)},
            tainted=instance.get("status") == "tainted",
            deposed=bool(instance.get("deposed")),
            provider=alias["alias"] if alias else "",
        )


def _sensitive(instance: Mapping[str, Any]) -> set[str]:
    """The attributes of which any part is sensitive: the first step of each path."""
    return {path[0]["value"] for path in instance.get("sensitive_attributes") or () if path}
