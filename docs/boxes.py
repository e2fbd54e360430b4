"""What a diagram shows: boxes, and arrows between them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from docs.kinds import Group, Node, Tier
from docs.resources import Resource


@dataclass(frozen=True)
class Box:
    """A node of the graph: one resource, several of a type, or a tier of subnets."""

    id: str
    kind: Node | Tier
    resources: tuple[Resource, ...]
    tier: str | None = None

    @property
    def type(self) -> str:
        return self.resources[0].type

    @property
    def role(self) -> str | None:
        return self.resources[0].role

    @property
    def group(self) -> Group:
        if not isinstance(self.kind, Node):
            return Group.VPC
        return self.kind.outside if self.kind.outside and self.tier is None else self.kind.group

    @property
    def title(self) -> str:
        return self.kind.title if isinstance(self.kind, Node) else "Subnets"


@dataclass
class Graph:
    """Boxes by id, arrows with their labels, what each key encrypts (titles, counted), folded addresses by box, and
    why others are left out."""

    boxes: dict[str, Box] = field(default_factory=dict)
    arrows: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    encrypts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    folded: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
