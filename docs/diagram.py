"""The generated parts of docs/architecture.md, from the synthesized stacks: `python -m docs.diagram [--check]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence

from docs.containers import container_stacks, containers
from docs.folded import folded
from docs.graph import GraphBuilder
from docs.markers import ROOT, run
from docs.mermaid import drawn, flowchart, flowchart_of_regions
from docs.outputs import outputs, with_each_setting
from docs.resources import Resource, read_resources, regions
from docs.synthesis import Document, synthesize
from docs.two_regions import TWO_REGION_KINDS

PAGE = ROOT / "docs" / "architecture.md"
TWO_REGIONS = {"ARCHITECTURE": "multi-region"}


def architecture(document: Document) -> dict[str, str]:
    """Return what is generated of the stack in one Region. Raises `DocumentationError`."""
    resources = read_resources(document)
    graph = GraphBuilder(resources).build()
    return {
        "diagram": drawn(flowchart(graph)),
        "subnets": "\n".join(_subnets(resources)),
        "folded": "\n".join(folded(resources, graph)),
    }


def two_regions(document: Document, others: Mapping[str, Document]) -> dict[str, str]:
    """Return what is generated of the stack in two Regions; `others` as `outputs` takes them.

    Raises:
        DocumentationError: nobody has said how a type is drawn.
    """
    resources = read_resources(document)
    graph = GraphBuilder(resources, TWO_REGION_KINDS).build()
    return {
        "two-regions": drawn(flowchart_of_regions(graph, regions(document))),
        "two-regions-folded": "\n".join(folded(resources, graph)),
        "two-regions-outputs": outputs(document, others),
    }


def generate() -> dict[str, str]:
    """Return all generated parts of the page. Raises `DocumentationError`."""
    return (
        architecture(synthesize())
        | two_regions(synthesize(TWO_REGIONS), with_each_setting(TWO_REGIONS))
        | containers(*container_stacks())
    )


def _subnets(resources: dict[str, Resource]) -> Iterator[str]:
    yield "| tier | zone | addresses |"
    yield "|---|---|---|"
    for resource in resources.values():
        if resource.type == "aws_subnet":
            subnet = resource.arguments
            yield f"| {subnet['tags']['Tier']} | {subnet['availability_zone']} | {subnet['cidr_block']} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or compare it with `--check`. Returns the exit code."""
    return run("docs.diagram", PAGE, generate, arguments)


if __name__ == "__main__":
    sys.exit(main())
