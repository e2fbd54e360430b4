"""The architecture diagram in docs/architecture.md, from the synthesized stack: `python -m docs.diagram [--check]`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence

from docs.graph import Graph, GraphBuilder, kind_of
from docs.kinds import LeftOut
from docs.markers import ROOT, run
from docs.mermaid import flowchart
from docs.resources import Resource, read_resources
from docs.synthesis import Document, shown, synthesize

PAGE = ROOT / "docs" / "architecture.md"


def architecture(document: Document) -> dict[str, str]:
    """Return the generated parts of the page. Raises `DocumentationError`."""
    resources = read_resources(document)
    graph = GraphBuilder(resources).build()
    return {
        "diagram": "```mermaid\n" + shown("\n".join(flowchart(graph))) + "\n```",
        "subnets": "\n".join(_subnets(resources)),
        "folded": "\n".join(_folded(resources, graph)),
    }


def _subnets(resources: dict[str, Resource]) -> Iterator[str]:
    yield "| tier | zone | addresses |"
    yield "|---|---|---|"
    for resource in resources.values():
        if resource.type == "aws_subnet":
            subnet = resource.arguments
            yield f"| {subnet['tags']['Tier']} | {subnet['availability_zone']} | {subnet['cidr_block']} |"


def _folded(resources: dict[str, Resource], graph: Graph) -> Iterator[str]:
    yield "| resource type | count | drawn as part of |"
    yield "|---|---|---|"
    owners = {address: graph.boxes[box].title for address, box in graph.folded.items()}
    counts = Counter(resources[address].type for address in owners)
    for type_, count in sorted(counts.items()):
        into = sorted({owner for address, owner in owners.items() if resources[address].type == type_})
        yield f"| `{type_}` | {count} | {', '.join(into)} |"
    for resource in resources.values():
        kind = kind_of(resource.type)
        if isinstance(kind, LeftOut):
            yield f"| `{resource.type}` | 1 | nothing: {kind.reason} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or compare it with `--check`. Returns the exit code."""
    return run("docs.diagram", PAGE, lambda: architecture(synthesize()), arguments)


if __name__ == "__main__":
    sys.exit(main())
