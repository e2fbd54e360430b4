"""The architecture as a graph: resources are collapsed to boxes, references to arrows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from docs.boxes import Box, Graph
from docs.errors import DocumentationError
from docs.kinds import KEYS, KINDS, Fold, Kind, LeftOut, Node, Tier
from docs.resources import Resource

# Labels of arrows to these types, whoever refers to them.
VERBS_BY_TARGET = {
    "aws_sqs_queue": "undelivered",
    "aws_sns_topic": "notifies",
    "aws_route53_health_check": "decides by",
}
# The same for arrows from one Region to the other.
VERBS_ACROSS = {"aws_backup_vault": "copies", "aws_cloudwatch_event_bus": "forwards"}
# Where a reference to a queue means another thing: the verb, and whether the arrow leads from the queue.
QUEUE_USES = {
    ("aws_cloudwatch_event_target", "arn"): ("delivers", False),
    ("aws_ecs_task_definition", "container_definitions"): ("is taken by", True),
}
# Not arrows: boxes show what is in a VPC or subnet, and a key's own label shows what it encrypts.
CONTAINERS = ("aws_vpc", "aws_subnet")
# An address of the left type is in the subnets of the one of the right type that it names.
PLACED_WITH = (("aws_rds_cluster", "aws_db_subnet_group"), ("aws_rds_cluster_instance", "aws_rds_cluster"))
# A policy with this refers to the queue that a function takes messages from; the event source mapping is the arrow.
RECEIVES = "sqs:ReceiveMessage"
# These refer to keys without being encrypted by them.
NOT_ENCRYPTED = ("aws_kms_alias", "aws_kms_replica_key", "aws_iam_policy")


class GraphBuilder:
    """Collapses resources to a graph, by how each type is drawn."""

    def __init__(self, resources: dict[str, Resource], kinds: Mapping[str, Kind] = KINDS) -> None:
        self._resources = resources
        self._kinds = kinds
        self._users: dict[str, set[str]] = defaultdict(set)
        for resource in resources.values():
            for address in resource.all_references():
                self._users[address].add(resource.address)

    def build(self) -> Graph:
        """Return the graph. Raises `DocumentationError` for a type without a kind or without what it folds into."""
        graph = Graph()
        members: dict[str, list[Resource]] = defaultdict(list)
        for resource in self._resources.values():
            kind = self._kind(resource.type)
            if isinstance(kind, Node | Tier):
                members[self._id(resource)].append(resource)
            elif isinstance(kind, Fold):
                graph.folded[resource.address] = self._shown_as(resource)
            else:
                graph.left_out[resource.address] = kind.reason
        for id_, found in members.items():
            kind = self._kind(found[0].type)
            assert isinstance(kind, Node | Tier)
            graph.boxes[id_] = Box(id_, kind, tuple(found), self._tier(found[0]))
        for resource in self._resources.values():
            self._draw(resource, graph)
        return graph

    def _kind(self, type_: str) -> Kind:
        if type_ not in self._kinds:
            raise DocumentationError(
                f"resource type {type_} is neither shown in the diagram nor folded: add it to KINDS in docs/kinds.py"
            )
        return self._kinds[type_]

    def _id(self, resource: Resource) -> str:
        kind = self._kind(resource.type)
        if isinstance(kind, Tier):
            return f"{resource.arguments['tags']['Tier']}_subnets"
        if isinstance(kind, Node) and kind.together:
            return "_".join(filter(None, (resource.role, resource.type.removeprefix("aws_"))))
        return resource.id

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
        kind = self._kind(resource.type)
        while isinstance(kind, Fold):
            resource = self._owner(resource, kind)
            kind = self._kind(resource.type)
        return self._id(resource)

    def _tier(self, resource: Resource) -> str | None:
        """Return the subnets that a resource is in: its own, or those of the subnet group or cluster that it names."""
        near = [self._resources[address] for address in sorted(resource.all_references())]
        tiers = {self._id(neighbor) for neighbor in near if isinstance(self._kind(neighbor.type), Tier)}
        if len(tiers) == 1:
            return tiers.pop()
        named = [neighbor for neighbor in near if (resource.type, neighbor.type) in PLACED_WITH]
        return self._tier(named[0]) if named else None

    def _draw(self, resource: Resource, graph: Graph) -> None:
        kind = self._kind(resource.type)
        if isinstance(kind, LeftOut | Tier):
            return
        addresses = sorted(resource.all_references())
        for key in (self._resources[address] for address in addresses if self._resources[address].type in KEYS):
            if resource.type not in NOT_ENCRYPTED:
                graph.encrypts[key.id][self._encrypted_title(resource, graph)] += 1
        for argument, found in resource.references.items():
            if argument != "depends_on" and (kind.edges is None or argument in kind.edges):
                for address in sorted(found):
                    self._arrow(resource, kind, self._resources[address], graph, argument)

    def _encrypted_title(self, resource: Resource, graph: Graph) -> str:
        # Logs have another key than what writes them.
        if resource.type == "aws_cloudwatch_log_group":
            return "log group"
        kind = KINDS.get(resource.type, self._kind(resource.type))
        return kind.title if isinstance(kind, Node) else graph.boxes[self._shown_as(resource)].title

    def _arrow(self, resource: Resource, kind: Node | Fold, target: Resource, graph: Graph, argument: str) -> None:
        if target.type in CONTAINERS or target.address in graph.left_out:
            return
        if target.type in KEYS and resource.type not in KEYS:
            return
        if target.type == "aws_sqs_queue" and RECEIVES in str(resource.arguments.get("policy")):
            return
        ends = (self._shown_as(resource), self._shown_as(target))
        # A VPC is a box around others, and no end of an arrow, also where it stands for what is folded into it.
        if ends[0] == ends[1] or "aws_vpc" in {graph.boxes[end].type for end in ends}:
            return
        verb, turned = _verb(resource, kind, target), isinstance(kind, Node) and kind.reverse
        if target.type == "aws_sqs_queue":
            verb, turned = QUEUE_USES.get((resource.type, argument), (verb, turned))
        arrow = graph.arrows[ends[::-1] if turned else ends]
        if verb:
            arrow.add(verb)


def _verb(resource: Resource, kind: Node | Fold, target: Resource) -> str:
    across = None not in (resource.role, target.role) and resource.role != target.role
    verbs = VERBS_ACROSS if across else VERBS_BY_TARGET
    return verbs.get(target.type) or kind.verb.format_map(resource.arguments)
