from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest

from docs import diagram
from docs.boxes import Graph
from docs.container_kinds import CONTAINER_KINDS
from docs.containers import containers
from docs.errors import DocumentationError
from docs.graph import GraphBuilder
from docs.kinds import KINDS, Group, Kind
from docs.resources import read_resources, regions
from docs.synthesis import Document
from docs.two_regions import TWO_REGION_KINDS

VARIANTS = [
    "default_stack",
    "stack_without_nat",
    "stack_with_owned_domain",
    "two_region_stack",
    "two_regions_with_every_option",
    "container_stack",
    "containers_with_every_option",
]
ID = r"[a-z][a-z0-9_]*"
BOX = re.compile(rf'({ID})\["[^"]*"\]')
SUBGRAPH = re.compile(rf'subgraph ({ID}) \["[^"]*"\]')
ARROW = re.compile(rf'({ID}) <?-->(?:\|"[^"|]+"\|)? ({ID})')
# Words that Mermaid's flowchart grammar takes for its own: https://mermaid.js.org/syntax/flowchart.html
MERMAID_WORDS = {"end", "default", "graph", "subgraph", "flowchart", "class", "click", "style", "direction", "href"}


@pytest.fixture(params=VARIANTS)
def stack(request: pytest.FixtureRequest) -> Document:
    document: Document = request.getfixturevalue(request.param)
    return document


def parts(document: Document) -> dict[str, str]:
    """Return what is generated of a stack."""
    if runs_containers(document):
        return containers(document, {}, document)
    return diagram.two_regions(document, {}) if regions(document) else diagram.architecture(document)


def graph_of(document: Document) -> Graph:
    return GraphBuilder(read_resources(document), kinds_of(document)).build()


def kinds_of(document: Document) -> Mapping[str, Kind]:
    if runs_containers(document):
        return CONTAINER_KINDS
    return TWO_REGION_KINDS if regions(document) else KINDS


def runs_containers(document: Document) -> bool:
    return "aws_ecs_service" in document["resource"]


def diagram_lines(document: Document) -> list[str]:
    fence, *lines, end = next(iter(parts(document).values())).splitlines()
    assert (fence, end) == ("```mermaid", "```")
    return [line.strip() for line in lines]


def test_the_page_does_not_depend_on_the_order_of_the_document(stack: Document) -> None:
    def reverse(value: Any) -> Any:
        return {key: reverse(value[key]) for key in reversed(value)} if isinstance(value, dict) else value

    assert parts(reverse(stack)) == parts(stack)


def test_every_resource_is_in_a_box_or_folded_into_one_or_left_out_with_a_reason(stack: Document) -> None:
    graph = graph_of(stack)
    drawn = {resource.address for box in graph.boxes.values() for resource in box.resources}
    assert drawn | set(graph.folded) | set(graph.left_out) == set(read_resources(stack))
    assert set(graph.folded.values()) <= set(graph.boxes)
    assert all(graph.left_out.values())


def test_every_kind_is_needed_by_one_of_the_stacks(request: pytest.FixtureRequest) -> None:
    used = {resource.type for name in VARIANTS for resource in read_resources(request.getfixturevalue(name)).values()}
    assert set(KINDS) | set(CONTAINER_KINDS) == used


def test_a_new_resource_type_is_refused_with_the_remedy(default_stack: Document) -> None:
    document = deepcopy(default_stack)
    document["resource"]["aws_kinesis_stream"] = {"platform": {"name": "payment-platform"}}
    with pytest.raises(DocumentationError, match=r"aws_kinesis_stream is neither .* add it to KINDS in docs/kinds\.py"):
        diagram.architecture(document)


def test_a_resource_that_belongs_to_nothing_is_refused_with_the_remedy(default_stack: Document) -> None:
    document = deepcopy(default_stack)
    document["resource"]["aws_iam_role"]["stray"] = {"name": "payment-stray"}
    with pytest.raises(DocumentationError, match=r"aws_iam_role\.stray refers to none .* docs/kinds\.py"):
        diagram.architecture(document)


def test_the_diagram_is_a_well_formed_flowchart(stack: Document) -> None:
    first, *lines = diagram_lines(stack)
    assert first == "flowchart TB"
    defined: list[str] = []
    open_subgraphs = 0
    for line in lines:
        if found := SUBGRAPH.fullmatch(line) or BOX.fullmatch(line):
            defined.append(found[1])
            open_subgraphs += line.startswith("subgraph")
        elif line == "end":
            open_subgraphs -= 1
            assert open_subgraphs >= 0
        else:
            arrow = ARROW.fullmatch(line)
            assert arrow, f"not a line of a flowchart: {line}"
            assert open_subgraphs == 0
            assert {arrow[1], arrow[2]} <= set(defined)
            assert arrow[1] != arrow[2]
    assert open_subgraphs == 0
    assert len(defined) == len(set(defined))
    assert not MERMAID_WORDS & set(defined)


def test_a_reader_can_take_the_diagram_in(stack: Document) -> None:
    lines = diagram_lines(stack)
    assert 20 <= sum(bool(BOX.fullmatch(line)) for line in lines) <= 40
    assert sum(bool(ARROW.fullmatch(line)) for line in lines) <= 64


def test_the_arrows_tell_how_a_payment_travels(default_stack: Document) -> None:
    lines = diagram_lines(default_stack)
    for arrow in (
        'api -->|"invokes"| function',
        'event_bus -->|"invokes"| function',
        'event_bus -->|"undelivered"| events_dead_letters',
        "function --> sessions_table",
        'migrations -->|"TCP 3306"| database_cluster',
        'relay_schedule -->|"invokes"| function',
        'replay_queue -->|"invokes"| function',
        'replay_queue -->|"undelivered"| replay_dead_letters',
        "function --> ssm_parameter",
        'function -->|"TCP 3306"| database_cluster',
        'private_subnets -->|"outbound"| nat_gateway_a',
        'backup_plan -->|"backs up"| database_cluster',
        'cloudwatch_metric_alarm -->|"notifies"| alerts_topic',
    ):
        assert arrow in lines


def test_the_arrows_tell_how_a_payment_comes_to_a_container(container_stack: Document) -> None:
    lines = diagram_lines(container_stack)
    for arrow in (
        'zone -->|"names"| balancer',
        'web_acl -->|"guards"| balancer',
        'balancer -->|"TCP 8080"| service',
        'service -->|"TCP 5432"| database_cluster',
        "service --> sessions_table",
        "service --> event_bus",
        'event_bus -->|"delivers"| replay_queue',
        'replay_queue -->|"is taken by"| service',
        "image_build_project --> image_repository",
        'backup_plan -->|"backs up"| database_cluster',
        'backup_plan -->|"backs up"| sessions_table',
        'api_health_check -->|"asks"| balancer',
    ):
        assert arrow in lines


def test_what_codedeploy_does_is_drawn_with_blue_green_alone(
    container_stack: Document, containers_with_every_option: Document
) -> None:
    arrow = 'deployments -->|"deploys"| service'
    assert arrow not in diagram_lines(container_stack)
    assert arrow in diagram_lines(containers_with_every_option)


def test_containers_stand_in_their_subnets_and_what_serves_deploys_outside(container_stack: Document) -> None:
    boxes = graph_of(container_stack).boxes
    assert {id_: box.tier for id_, box in boxes.items() if box.tier} == {
        "balancer": "public_subnets",
        "nat_gateway_a": "public_subnets",
        "service": "private_subnets",
        "migrations": "private_subnets",
        "validation": "private_subnets",
        "recovery": "private_subnets",
        "database_cluster": "isolated_subnets",
    }
    assert (boxes["image_builder"].group, boxes["validation"].group) == (Group.DELIVERY, Group.VPC)


def test_workloads_stand_in_their_subnets(default_stack: Document) -> None:
    graph = GraphBuilder(read_resources(default_stack)).build()
    tiers = {id_: box.tier for id_, box in graph.boxes.items() if box.tier}
    assert tiers == {
        "nat_gateway_a": "public_subnets",
        "function": "private_subnets",
        "migrations": "private_subnets",
        "recovery": "private_subnets",
        "database_cluster": "isolated_subnets",
        "database_instance_0": "isolated_subnets",
        "database_instance_1": "isolated_subnets",
    }


def test_the_suffix_is_shown_as_a_placeholder(stack: Document) -> None:
    text = "\n".join(parts(stack).values())
    assert "payment-sessions-{s}" in text
    assert "documented" not in text


def test_what_spans_two_regions_stands_outside_their_boxes(two_region_stack: Document) -> None:
    boxes = graph_of(two_region_stack).boxes.values()
    assert {box.id for box in boxes if box.role is None} == {
        "global_cluster",
        "ledger_master_secret",
        "ledger_user_secret",
        "sessions_table",
        "zone",
    }
    text = "\n".join(diagram_lines(two_region_stack))
    before, primary, secondary = re.split(r"subgraph (?:primary|secondary)_region .*", text)
    assert 'sessions_table["DynamoDB table<br/>payment-sessions-{s}<br/>replica in us-west-2"]' in before
    assert 'primary_database_cluster["Aurora cluster<br/>aurora-mysql<br/>payment-primary-{s}"]' in primary
    assert 'secondary_database_cluster["Aurora cluster<br/>aurora-mysql<br/>payment-secondary-{s}"]' in secondary
    assert "Primary Region us-east-1" in text
    assert 'secondary_vpc_group ["VPC 10.1.0.0/16, payment-vpc-us-west-2-{s}"]' in secondary


def test_the_arrows_tell_what_leads_from_region_to_region(two_region_stack: Document) -> None:
    lines = diagram_lines(two_region_stack)
    for arrow in (
        "global_cluster --> primary_database_cluster",
        "global_cluster --> secondary_database_cluster",
        'primary_database_key -->|"is copied"| secondary_database_key',
        'primary_backup_plan -->|"copies"| secondary_backup_vault',
        'primary_event_bus <-->|"forwards"| secondary_event_bus',
        'primary_function <-->|"invokes"| primary_event_bus',
        "secondary_function --> sessions_table",
        "secondary_function --> ledger_user_secret",
        "secondary_function --> secondary_ssm_parameter",
        'zone -->|"decides by"| secondary_api_health_check',
        'secondary_api_health_check -->|"asks"| secondary_api',
    ):
        assert arrow in lines


def test_nothing_of_one_region_is_folded_into_the_other(two_regions_with_every_option: Document) -> None:
    resources = read_resources(two_regions_with_every_option)
    graph = graph_of(two_regions_with_every_option)
    for address, box in graph.folded.items():
        assert graph.boxes[box].role in (resources[address].role, None), address
