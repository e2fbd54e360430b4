"""The architecture as a graph: resources collapsed to nodes and boxes, references to arrows."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from docs.errors import DocumentationError
from docs.kinds import KINDS, Fold, Group, Kind, LeftOut, Node, Tier
from docs.resources import Resource

# Labels of arrows to these types, whoever refers to them.
VERBS_BY_TARGET = {"aws_sqs_queue": "undelivered", "aws_sns_topic": "notifies"}
# Not arrows: boxes show what is in a VPC or subnet, and a key's own label shows what it encrypts.
CONTAINERS = ("aws_vpc", "aws_subnet")
KEY = "aws_kms_key"
SUBNET = "aws_subnet"
# An address of the left type is in the subnets of the one of the right type that it names.
PLACED_WITH = (("aws_rds_cluster", "aws_db_subnet_group"), ("aws_rds_cluster_instance", "aws_rds_cluster"))
# A policy with this refers to the queue that a function takes messages from; the event source mapping is the arrow.
RECEIVES = "sqs:ReceiveMessage"
# These refer to keys without being encrypted by them.
NOT_ENCRYPTED = ("aws_kms_alias", "aws_iam_policy")


@dataclass(frozen=True)
class Box:
    """A node of the graph: one resource, several of a type, or a tier of subnets."""

    id: str
    group: Group
    resources: tuple[Resource, ...]
    tier: str | None = None

    @property
    def type(self) -> str:
        return self.resources[0].type

    @property
    def title(self) -> str:
        kind = kind_of(self.type)
        return kind.title if isinstance(kind, Node) else "Subnets"


@dataclass
class Graph:
    """Boxes by id, arrows with their labels, what each key encrypts (titles, counted), and folded addresses by box."""

    boxes: dict[str, Box] = field(default_factory=dict)
    arrows: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    encrypts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    folded: dict[str, str] = field(default_factory=dict)


def kind_of(type_: str) -> Kind:
    """Return how a type is drawn.

    Raises:
        DocumentationError: nobody has said so yet.
    """
    if type_ not in KINDS:
        raise DocumentationError(
            f"resource type {type_} is neither shown in the diagram nor folded: add it to KINDS in docs/kinds.py"
        )
    return KINDS[type_]


class GraphBuilder:
    """Collapses resources to a graph."""

    def __init__(self, resources: dict[str, Resource]) -> None:
        self._resources = resources
        self._users: dict[str, set[str]] = defaultdict(set)
        for resource in resources.values():
            for address in resource.all_references():
                self._users[address].add(resource.address)

    def build(self) -> Graph:
        """Return the graph. Raises `DocumentationError` for a type without a kind or without what it folds into."""
        graph = Graph()
        members: dict[str, list[Resource]] = defaultdict(list)
        for resource in self._resources.values():
            kind = kind_of(resource.type)
            if isinstance(kind, Node | Tier):
                members[self._id(resource)].append(resource)
            elif isinstance(kind, Fold):
                graph.folded[resource.address] = self._shown_as(resource)
        for id_, found in members.items():
            kind = kind_of(found[0].type)
            group = kind.group if isinstance(kind, Node) else Group.VPC
            graph.boxes[id_] = Box(id_, group, tuple(found), self._tier(found[0]))
        for resource in self._resources.values():
            self._draw(resource, graph)
        return graph

    def _id(self, resource: Resource) -> str:
        kind = kind_of(resource.type)
        if isinstance(kind, Tier):
            return f"{resource.arguments['tags']['Tier']}_subnets"
        return resource.type.removeprefix("aws_") if isinstance(kind, Node) and kind.together else resource.id

    def _owner(self, resource: Resource, fold: Fold) -> Resource:
        near = resource.references[fold.by] if fold.by else resource.all_references() | self._users[resource.address]
        for type_ in fold.into:
            for address in sorted(near):
                if self._resources[address].type == type_:
                    return self._resources[address]
        raise DocumentationError(
            f"{resource.address} refers to none of {', '.join(fold.into)}, nor they to it: "
            "say in docs/kinds.py what it belongs to"
        )

    def _shown_as(self, resource: Resource) -> str:
        kind = kind_of(resource.type)
        while isinstance(kind, Fold):
            resource = self._owner(resource, kind)
            kind = kind_of(resource.type)
        return self._id(resource)

    def _tier(self, resource: Resource) -> str | None:
        """Return the subnets that a resource is in: its own, or those of the subnet group or cluster that it names."""
        near = [self._resources[address] for address in sorted(resource.all_references())]
        tiers = {self._id(neighbor) for neighbor in near if neighbor.type == SUBNET}
        if len(tiers) == 1:
            return tiers.pop()
        named = [neighbor for neighbor in near if (resource.type, neighbor.type) in PLACED_WITH]
        return self._tier(named[0]) if named else None

    def _draw(self, resource: Resource, graph: Graph) -> None:
        kind = kind_of(resource.type)
        if isinstance(kind, LeftOut | Tier):
            return
        addresses = sorted(resource.all_references())
        for key in (self._resources[address] for address in addresses if self._resources[address].type == KEY):
            if resource.type not in NOT_ENCRYPTED:
                graph.encrypts[key.id][self._encrypted_title(resource, graph)] += 1
        for argument, found in resource.references.items():
            if argument != "depends_on" and (kind.edges is None or argument in kind.edges):
                for address in sorted(found):
                    self._arrow(resource, kind, self._resources[address], graph)

    def _encrypted_title(self, resource: Resource, graph: Graph) -> str:
        # Logs have another key than what writes them.
        if resource.type == "aws_cloudwatch_log_group":
            return "log group"
        return graph.boxes[self._shown_as(resource)].title

    def _arrow(self, resource: Resource, kind: Node | Fold, target: Resource, graph: Graph) -> None:
        if target.type in (*CONTAINERS, KEY) or isinstance(kind_of(target.type), LeftOut):
            return
        if target.type == "aws_sqs_queue" and RECEIVES in str(resource.arguments.get("policy")):
            return
        ends = (self._shown_as(resource), self._shown_as(target))
        if ends[0] == ends[1]:
            return
        verb = VERBS_BY_TARGET.get(target.type) or kind.verb.format_map(resource.arguments)
        arrow = graph.arrows[ends[::-1] if isinstance(kind, Node) and kind.reverse else ends]
        if verb:
            arrow.add(verb)
