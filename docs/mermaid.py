"""Writes a graph as a Mermaid flowchart, which GitHub draws. Syntax: https://mermaid.js.org/syntax/flowchart.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docs.graph import Box, Graph, kind_of
from docs.kinds import Group, Node
from docs.resources import Resource

INDENT = "    "


def flowchart(graph: Graph) -> Iterator[str]:
    """Return the lines of the flowchart: every box within its group, then the arrows."""
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
        if box.type == "aws_subnet":
            yield f"{INDENT * 2}subgraph {box.id} [{_quoted(_tier_title(box))}]"
            for inner in boxes:
                if inner.tier == box.id:
                    yield f"{INDENT * 3}{_node(inner, graph)}"
            yield f"{INDENT * 2}end"
        elif box.type != "aws_vpc" and box.tier is None:
            yield f"{INDENT * 2}{_node(box, graph)}"
    yield f"{INDENT}end"


def _group_title(group: Group, boxes: Sequence[Box]) -> str:
    for box in boxes:
        if box.type == "aws_vpc":
            vpc = box.resources[0].arguments
            return f"VPC {vpc['cidr_block']}, {vpc['tags']['Name']}"
    return group.value


def _tier_title(box: Box) -> str:
    subnets = [resource.arguments for resource in box.resources]
    zones = ", ".join(subnet["availability_zone"][-1] for subnet in subnets)
    return f"{subnets[0]['tags']['Tier'].capitalize()} subnets in zones {zones}"


def _node(box: Box, graph: Graph) -> str:
    kind = kind_of(box.type)
    assert isinstance(kind, Node)
    lines = [f"{len(box.resources)} {kind.title}" if kind.together else kind.title]
    if box.id in graph.encrypts:
        lines[0] += f": {box.id.removesuffix('_key')}"
        counts = sorted(graph.encrypts[box.id].items(), key=lambda item: item[0].lower())
        lines.append("encrypts " + ", ".join(name if count == 1 else f"{name} ({count})" for name, count in counts))
    for detail in kind.details:
        lines.append(", ".join(_detail(resource, detail) for resource in box.resources))
    return f"{box.id}[{_quoted('<br/>'.join(lines))}]"


def _detail(resource: Resource, detail: str) -> str:
    # A service name such as com.amazonaws.us-east-1.s3 says nothing but its last part.
    value = str(resource.arguments[detail])
    return value.rpartition(".")[2] if detail == "service_name" else value


def _quoted(text: str) -> str:
    """Return a Mermaid string; a quotation mark would end it, so it is written as its entity."""
    return '"' + text.replace('"', "#quot;") + '"'
