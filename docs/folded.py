"""The table of what a diagram does not draw by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from docs.boxes import Graph
from docs.resources import Resource


def folded(resources: dict[str, Resource], graph: Graph) -> Iterator[str]:
    """Return the lines of the table of what is drawn as part of something else, or not at all."""
    yield "| resource type | count | drawn as part of |"
    yield "|---|---|---|"
    owners = {address: graph.boxes[box].title for address, box in graph.folded.items()}
    counts = Counter(resources[address].type for address in owners)
    for type_, count in sorted(counts.items()):
        into = sorted({owner for address, owner in owners.items() if resources[address].type == type_})
        yield f"| `{type_}` | {count} | {', '.join(into)} |"
    for address, reason in graph.left_out.items():
        yield f"| `{resources[address].type}` | 1 | nothing: {reason} |"
