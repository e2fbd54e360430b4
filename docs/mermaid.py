"""Writes a graph as a Mermaid flowchart, which GitHub draws. Syntax: https://mermaid.js.org/syntax/flowchart.html"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from docs.boxes import Box, Graph
from docs.kinds import Group, Node
from docs.synthesis import shown

INDENT = "    "


def drawn(lines: Iterable[str]) -> str:
    """Return the flowchart as a block of a page, for any suffix."""
    return "```mermaid\n" + shown("\n".join(lines)) + "\n```"


def flowchart(graph: Graph) -> Iterator[str]:
    """Return the lines of the flowchart: every box within its group, then the arrows."""
    yield "flowchart TB"
    for group in Group:
        boxes = [box for box in graph.boxes.values() if box.group is group]
        if boxes:
            yield from _indented(_group(group, boxes, graph))
    for (source, target), verbs in sorted(graph.arrows.items()):
        yield f"{INDENT}{source} -->{_label(verbs)} {target}"


def flowchart_of_regions(graph: Graph, regions: Mapping[str, str]) -> Iterator[str]:
    """Return the lines of a flowchart with a box for each Region, by its role, and around them what spans them.

    Two opposite arrows are one with two tips: a circle of arrows would move one Region below the other.
    """
    yield "flowchart TB"
    order = [box.id for group in Group for box in graph.boxes.values() if box.group is group]
    yield from _indented(_nodes((box for box in graph.boxes.values() if box.role is None), graph))
    for role, region in regions.items():
        yield from _indented(_region(role, region, graph))
    for (source, target), verbs in sorted(graph.arrows.items()):
        back = graph.arrows.get((target, source))
        if back is None:
            yield f"{INDENT}{source} -->{_label(verbs)} {target}"
        elif order.index(source) < order.index(target):
            yield f"{INDENT}{source} <-->{_label(verbs | back)} {target}"


def _region(role: str, region: str, graph: Graph) -> Iterator[str]:
    boxes = [box for box in graph.boxes.values() if box.role == role]
    in_vpc = [box for box in boxes if box.group is Group.VPC]
    yield f"subgraph {role}_region [{_quoted(f'{role.capitalize()} Region {region}')}]"
    yield from _indented(_nodes((box for box in boxes if box.group is Group.ENTRY), graph))
    yield from _indented(_group(Group.VPC, in_vpc, graph, prefix=f"{role}_"))
    yield from _indented(_nodes((box for box in boxes if box.group not in (Group.ENTRY, Group.VPC)), graph))
    yield "end"


def _group(group: Group, boxes: Sequence[Box], graph: Graph, prefix: str = "") -> Iterator[str]:
    yield f"subgraph {prefix}{group.name.lower()}_group [{_quoted(_group_title(group, boxes))}]"
    for box in boxes:
        if box.type == "aws_subnet":
            yield f"{INDENT}subgraph {box.id} [{_quoted(_tier_title(box))}]"
            yield from _indented(_indented(_nodes((inner for inner in boxes if inner.tier == box.id), graph)))
            yield f"{INDENT}end"
        elif box.type != "aws_vpc" and box.tier is None:
            yield from _indented(_nodes([box], graph))
    yield "end"


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


def _nodes(boxes: Iterable[Box], graph: Graph) -> Iterator[str]:
    for box in boxes:
        assert isinstance(box.kind, Node)
        lines = [f"{len(box.resources)} {box.title}" if box.kind.together else box.title]
        if box.id in graph.encrypts:
            lines[0] += f": {box.id.removesuffix('_key').removeprefix(f'{box.role}_')}"
            counts = sorted(graph.encrypts[box.id].items(), key=lambda item: item[0].lower())
            lines.append("encrypts " + ", ".join(name if count == 1 else f"{name} ({count})" for name, count in counts))
        for detail in box.kind.details:
            shown = [_detail(resource.arguments[detail]) for resource in box.resources if detail in resource.arguments]
            lines += [", ".join(shown)] if shown else []
        yield f"{box.id}[{_quoted('<br/>'.join(lines))}]"


def _detail(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(f"replica in {replica.get('region') or replica['region_name']}" for replica in value)
    # A service name such as com.amazonaws.us-east-1.s3 says nothing but its last part.
    text = str(value)
    return text.rpartition(".")[2] if text.startswith("com.amazonaws.") else text


def _label(verbs: Iterable[str]) -> str:
    return f"|{_quoted(', '.join(sorted(verbs)))}|" if verbs else ""


def _quoted(text: str) -> str:
    """Return a Mermaid string; a quotation mark would end it, so it is written as its entity."""
    return '"' + text.replace('"', "#quot;") + '"'


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"{INDENT}{line}" for line in lines)
