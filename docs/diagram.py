"""The architecture diagram in docs/architecture.md, from the synthesized stack: `python -m docs.diagram [--check]`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence

from docs.graph import Box, Graph, GraphBuilder, kind_of
from docs.kinds import Group, LeftOut, Node
from docs.markers import ROOT, run
from docs.resources import Resource, read_resources
from docs.synthesis import Document, shown, synthesize

PAGE = ROOT / "docs" / "architecture.md"
INDENT = "    "


def architecture(document: Document) -> dict[str, str]:
    """Return the generated parts of the page: the diagram, and what was folded into its nodes."""
    resources = read_resources(document)
    graph = GraphBuilder(resources).build()
    return {
        "diagram": "```mermaid\n" + shown("\n".join(_mermaid(graph))) + "\n```",
        "folded resources": "\n".join(_folded_table(resources, graph)),
    }


def _mermaid(graph: Graph) -> Iterator[str]:
    yield "flowchart TB"
    for group in Group:
        boxes = [box for box in graph.boxes.values() if box.group is group]
        if boxes:
            yield from _group(group, boxes, graph)
    for (source, target), verbs in sorted(graph.arrows.items()):
        label = f"|{_quoted(', '.join(sorted(verbs)))}|" if verbs else ""
        yield f"{INDENT}{source} -->{label} {target}"


def _group(group: Group, boxes: Sequence[Box], graph: Graph) -> Iterator[str]:
    yield f"{INDENT}subgraph {group.name.lower()}_group [{_quoted(_group_title(group, boxes))}]"
    for box in boxes:
        if _type(box) == "aws_vpc":
            continue
        if _type(box) == "aws_subnet":
            yield f"{INDENT * 2}subgraph {box.id} [{_quoted(_tier_title(box))}]"
            for inner in boxes:
                if inner.tier == box.id:
                    yield f"{INDENT * 3}{_node(inner, graph)}"
            yield f"{INDENT * 2}end"
        elif box.tier is None:
            yield f"{INDENT * 2}{_node(box, graph)}"
    yield f"{INDENT}end"


def _group_title(group: Group, boxes: Sequence[Box]) -> str:
    for box in boxes:
        if _type(box) == "aws_vpc":
            vpc = box.resources[0].arguments
            return f"VPC {vpc['tags']['Name']}, {vpc['cidr_block']}"
    return group.value


def _tier_title(box: Box) -> str:
    subnets = [resource.arguments for resource in box.resources]
    places = ", ".join(f"{subnet['availability_zone']} {subnet['cidr_block']}" for subnet in subnets)
    return f"{subnets[0]['tags']['Tier'].capitalize()} subnets: {places}"


def _node(box: Box, graph: Graph) -> str:
    first = box.resources[0]
    kind = kind_of(first.type)
    assert isinstance(kind, Node)
    lines = [f"{len(box.resources)} {kind.title}" if kind.together else kind.title]
    if first.type == "aws_route53_zone":
        lines = ["Private Route 53 zone" if "vpc" in first.arguments else "Public Route 53 zone"]
    for detail in kind.details:
        lines.append(", ".join(_detail(resource, detail) for resource in box.resources))
    if first.id in graph.encrypts:
        lines[0] += f" of the {first.id.removesuffix('_key')} data"
        lines.append("encrypts " + ", ".join(sorted(_name(graph.boxes[id_]) for id_ in graph.encrypts[first.id])))
    return f"{box.id}[{_quoted('<br/>'.join(lines))}]"


def _detail(resource: Resource, detail: str) -> str:
    # A service name such as com.amazonaws.us-east-1.s3 says nothing but its last part.
    value = str(resource.arguments[detail])
    return value.rpartition(".")[2] if detail == "service_name" else value


def _name(box: Box) -> str:
    kind = kind_of(_type(box))
    return kind.title if isinstance(kind, Node) else box.id


def _folded_table(resources: dict[str, Resource], graph: Graph) -> Iterator[str]:
    yield "| resource type | count | drawn as part of |"
    yield "|---|---|---|"
    folded = {address: graph.boxes[box] for address, box in graph.folded.items()}
    counts = Counter(resources[address].type for address in folded)
    for type_, count in sorted(counts.items()):
        into = sorted({_owner_name(box) for address, box in folded.items() if resources[address].type == type_})
        yield f"| `{type_}` | {count} | {', '.join(into)} |"
    for resource in resources.values():
        kind = kind_of(resource.type)
        if isinstance(kind, LeftOut):
            yield f"| `{resource.type}` | 1 | nothing: {kind.reason} |"


def _owner_name(box: Box) -> str:
    return "subnets" if _type(box) == "aws_subnet" else _name(box)


def _type(box: Box) -> str:
    return box.resources[0].type


def _quoted(text: str) -> str:
    """Return a Mermaid string; a quotation mark would end it, so it is written as its entity."""
    return '"' + text.replace('"', "#quot;") + '"'


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or compare it with `--check`. Returns the exit code."""
    return run("docs.diagram", PAGE, lambda: architecture(synthesize()), arguments)


if __name__ == "__main__":
    sys.exit(main())
