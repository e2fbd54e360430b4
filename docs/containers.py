"""The generated parts of docs/architecture.md about the container architecture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docs.container_kinds import CONTAINER_KINDS
from docs.errors import DocumentationError
from docs.folded import folded
from docs.graph import GraphBuilder
from docs.mermaid import drawn, flowchart
from docs.outputs import outputs, with_settings
from docs.resources import read_resources
from docs.synthesis import Document, synthesize
from lib.architecture_defaults import with_defaults
from lib.settings import Settings

# The architecture has no domain of its own to begin with: one that is owned, and the zone that delegates to it.
CONTAINERS = {"ARCHITECTURE": "containers", "DOMAIN": "a-company.org", "PARENT_ZONE_ID": "Z0123456789"}
STANDBY = {**CONTAINERS, "STANDBY_REGION": "us-east-2"}
TOKENS = {"API_JWT_ISSUER": "https://login.a-company.org", "API_JWT_AUDIENCE": "payments"}
# What changes the outputs, each tried alone.
OUTPUT_SETTINGS = {
    "DEPLOYMENT_STRATEGY=blue-green": {"DEPLOYMENT_STRATEGY": "blue-green"},
    "API_AUTHORIZATION=JWT": {"API_AUTHORIZATION": "JWT", **TOKENS},
    "DB_AUTHENTICATION=secret": {"DB_AUTHENTICATION": "secret"},
}
# Inputs that no other architecture looks at.
OWN_INPUTS = (
    "standby_region",
    "deployment_strategy",
    "service_min_tasks",
    "service_max_tasks",
    "service_cpu",
    "service_memory_mb",
    "waf_rate_limit",
    "canary_runtime",
)


def containers(document: Document, others: Mapping[str, Document], standby: Document) -> dict[str, str]:
    """Return what is generated of the container stack; `others` as `outputs` takes them, `standby` with two Regions.

    Raises:
        DocumentationError: nobody has said how a type is drawn.
    """
    resources = read_resources(document)
    graph = GraphBuilder(resources, CONTAINER_KINDS).build()
    return {
        "containers": drawn(flowchart(graph)),
        "containers-folded": "\n".join(folded(resources, graph)),
        "containers-inputs": inputs(Settings.model_json_schema()),
        "containers-outputs": outputs(document, others),
        "containers-standby-outputs": outputs(standby, {}),
    }


def container_stacks() -> tuple[Document, dict[str, Document], Document]:
    """Return the stacks that `containers` takes. Raises `DocumentationError`."""
    return synthesize(CONTAINERS), with_settings(OUTPUT_SETTINGS, CONTAINERS), synthesize(STANDBY)


def inputs(schema: Mapping[str, Any]) -> str:
    """Return the table of the inputs that are the architecture's own, or have another default in it.

    Raises:
        DocumentationError: an input of its own is no input any more.
    """
    fields = schema["properties"]
    if missing := [name for name in OWN_INPUTS if name not in fields]:
        raise DocumentationError(f"no such input: {', '.join(missing)}; mend OWN_INPUTS in docs/containers.py")
    asked: tuple[dict[str, str], ...] = (
        {},
        {"environment_class": "production"},
        {"standby_region": STANDBY["STANDBY_REGION"]},
    )
    columns = [with_defaults({"architecture": "containers", **more}) for more in asked]
    changed = [name for name in fields if name in columns[0] and name != "architecture"]
    rows = [
        f"| `{name.upper()}` | {' | '.join(_default(name, fields, column) for column in columns)} "
        f"| {fields[name]['description']} |"
        for name in dict.fromkeys((*OWN_INPUTS, *changed))
    ]
    head = "| variable | default | in `production` | with a standby Region | what it is |"
    return "\n".join([head, "|---|---|---|---|---|", *rows])


def _default(name: str, fields: Mapping[str, Any], column: Mapping[str, Any]) -> str:
    asked = "" if name == "standby_region" else column.get(name, fields[name].get("default"))
    return f"`{asked}`" if asked not in (None, "") else ""
