"""What is read from a Terraform state, and what is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.settings import load_settings
from tap.inventory.errors import InventoryError
from tap.inventory.state import State
from tap.inventory.state_file import parse_state

TAGS = load_settings(environment_suffix="pr-1", aws_region="eu-west-1").tags
SECRET = "hunter2-hunter2"


def instance(**attributes: Any) -> dict[str, Any]:
    return {"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}


def block(type_: str, *instances: dict[str, Any], name: str = "one", **others: Any) -> dict[str, Any]:
    return {"mode": "managed", "type": type_, "name": name, "instances": list(instances), **others}


def parsed(*blocks: dict[str, Any], **document: Any) -> State:
    whole = {"version": 4, "serial": 3, "lineage": "l", "outputs": {}, "resources": list(blocks), **document}
    return parse_state(json.dumps(whole), "here")


def test_a_resource_says_what_it_is() -> None:
    arn = "arn:aws:sqs:eu-west-1:123456789012:payment-replay-pr-1"
    (queue,) = parsed(block("aws_sqs_queue", instance(arn=arn, id="https://q", name="payment-replay-pr-1"))).resources
    assert (queue.address, queue.arn, queue.id, queue.name) == (
        "aws_sqs_queue.one",
        arn,
        "https://q",
        "payment-replay-pr-1",
    )
    assert not queue.tainted
    assert not queue.deposed


def provided(alias: str, type_: str, name: str, **attributes: Any) -> dict[str, Any]:
    provider = 'provider["registry.terraform.io/hashicorp/aws"]' + (f".{alias}" if alias else "")
    return block(type_, instance(**attributes), name=name, provider=provider)


def test_each_provider_works_where_its_resources_are() -> None:
    queue = "arn:aws:sqs:{}:123456789012:q"
    state = parsed(
        provided("primary", "aws_sqs_queue", "a", arn=queue.format("eu-west-1")),
        provided("primary", "aws_nat_gateway", "b", id="nat-1"),
        provided("secondary", "aws_sqs_queue", "c", arn=queue.format("eu-north-1")),
        provided("secondary", "aws_nat_gateway", "d", id="nat-2"),
        provided("secondary", "aws_iam_role", "e", arn="arn:aws:iam::123456789012:role/r"),
    )
    assert state.providers == {"primary": "eu-west-1", "secondary": "eu-north-1"}
    places = [state.region_of(resource) for resource in state.resources]
    assert places == ["eu-west-1", "eu-west-1", "eu-north-1", "eu-north-1", "eu-north-1"]
    there = [resource.address for resource in state.in_region("eu-north-1").resources]
    assert there == ["aws_sqs_queue.c", "aws_nat_gateway.d", "aws_iam_role.e"]
    assert state.regions == {"eu-west-1": 1, "eu-north-1": 1}


def test_a_provider_whose_resources_do_not_tell_is_where_the_tags_say() -> None:
    tags = {**TAGS, "SecondaryRegion": "eu-north-1"}
    role = {"arn": "arn:aws:iam::123456789012:role/r", "tags_all": tags}
    state = parsed(*(provided(alias, "aws_iam_role", alias, **role) for alias in ("primary", "secondary")))
    assert state.providers == {"primary": "eu-west-1", "secondary": "eu-north-1"}
    unknown = parsed(provided("", "aws_eip", "a", id="eip"))
    assert unknown.providers == {"": None}
    assert unknown.region_of(unknown.resources[0]) is None


@pytest.mark.parametrize("replica", [{"region_name": "eu-north-1"}, {"region": "eu-north-1"}])
def test_replicas_of_a_table_or_a_secret_have_arns_in_their_regions(replica: dict[str, str]) -> None:
    arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/t"
    (table,) = parsed(block("aws_dynamodb_table", instance(arn=arn, replica=[replica]))).managed
    assert table.arns == (arn, "arn:aws:dynamodb:eu-north-1:123456789012:table/t")
    (alone,) = parsed(block("aws_dynamodb_table", instance(arn=arn, replica=[]))).managed
    assert alone.arns == (arn,)
    (gateway,) = parsed(block("aws_nat_gateway", instance(id="nat-1"))).managed
    assert gateway.arns == ()


@pytest.mark.parametrize(
    ("others", "instance_", "address"),
    [
        ({}, {"index_key": 0}, "aws_eip.one[0]"),
        ({}, {"index_key": "a"}, 'aws_eip.one["a"]'),
        ({"module": "module.net"}, {}, "module.net.aws_eip.one"),
        ({"mode": "data"}, {}, "data.aws_eip.one"),
    ],
)
def test_addresses_are_terraforms_own(others: dict[str, Any], instance_: dict[str, Any], address: str) -> None:
    (resource,) = parsed(block("aws_eip", {**instance(), **instance_}, **others)).resources
    assert resource.address == address


def test_tainted_and_replaced_instances_are_told() -> None:
    state = parsed(block("aws_eip", {**instance(), "status": "tainted"}, {**instance(), "deposed": "1a2b"}))
    assert [(one.tainted, one.deposed) for one in state.resources] == [(True, False), (False, True)]


def test_a_state_of_data_sources_alone_is_empty() -> None:
    assert parsed(block("aws_region", instance(), mode="data")).is_empty
    assert not parsed(block("aws_eip", instance())).is_empty
    assert parse_state(b"", "here").is_empty


def test_what_is_sensitive_is_left_out_and_nothing_is_shown() -> None:
    hidden = {
        **instance(secret_string=SECRET, id="s"),
        "sensitive_attributes": [[{"type": "get_attr", "value": "secret_string"}]],
    }
    outputs = {"password": {"value": SECRET, "sensitive": True}, "url": {"value": "https://x"}}
    state = parsed(block("aws_secretsmanager_secret_version", hidden), outputs=outputs)
    assert state.outputs == {"url": "https://x"}
    assert state.resources[0].attributes == {"id": "s"}
    assert "https://x" not in repr(state)
    assert "aws_secretsmanager" not in repr(state)


def test_default_tags_are_those_that_no_resource_gives_itself() -> None:
    named = [{"Name": name} for name in ("a", "b", "c")]
    blocks = [block("aws_eip", instance(tags=own, tags_all={**TAGS, **own})) for own in named]
    assert parsed(*blocks).default_tags == TAGS


def test_a_tag_that_all_resources_have_of_their_own_is_no_default() -> None:
    own = {"Team": "x"}
    assert parsed(block("aws_eip", instance(tags=own, tags_all={**TAGS, **own}))).default_tags == TAGS


def test_an_interrupted_change_of_tags_does_not_hide_them() -> None:
    changed = {**TAGS, "ExpiresAt": "2030-01-01T00:00:00+00:00"}
    blocks = [block("aws_eip", instance(tags_all=tags)) for tags in (TAGS, TAGS, changed)]
    assert parsed(*blocks, block("aws_route", instance(id="r"))).default_tags == TAGS
    untagged = block("aws_backup_vault", instance(tags_all=None))
    assert parsed(block("aws_eip", instance(tags_all=TAGS)), untagged, untagged).default_tags == TAGS


def test_the_home_region_is_that_of_the_tags_or_of_most_resources() -> None:
    def queue(region: str, **attributes: Any) -> dict[str, Any]:
        return block("aws_sqs_queue", instance(arn=f"arn:aws:sqs:{region}:123456789012:q", **attributes))

    role = block("aws_iam_role", instance(arn="arn:aws:iam::123456789012:role/r"))
    assert parsed(queue("eu-west-1", tags_all=TAGS), queue("us-east-1"), queue("us-east-1")).home_region == "eu-west-1"
    state = parsed(queue("eu-west-1"), queue("us-east-1"), queue("eu-west-1"), role)
    assert state.home_region == "eu-west-1"
    assert state.regions == {"eu-west-1": 2, "us-east-1": 1}
    assert parsed(role).home_region is None


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        '"text"',
        "{}",
        '{"version": 3, "serial": 1, "lineage": ""}',
        '{"version": 4, "serial": "x", "lineage": ""}',
        '{"version": 4, "serial": 1, "lineage": "", "resources": [{"type": "aws_eip"}]}',
        '{"version": 4, "serial": 1, "lineage": "", "resources": [7]}',
        '{"version": 4, "serial": 1, "lineage": "", "outputs": {"a": 1}}',
        f'{{"version": 4, "password": "{SECRET}"',
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_state_is_named_and_not_shown(text: str | bytes) -> None:
    with pytest.raises(InventoryError, match=r"^s3://states/payment/x\.tfstate") as caught:
        parse_state(text, "s3://states/payment/x.tfstate")
    assert SECRET not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(st.fixed_dictionaries({}, optional={"serial": JSON, "lineage": JSON, "outputs": JSON, "resources": JSON}))
def test_any_document_is_read_or_refused(document: dict[str, Any]) -> None:
    try:
        state = parse_state(json.dumps({"version": 4, **document}), "here")
    except InventoryError:
        return
    assert state.is_empty == (not state.managed)
    assert isinstance(state.default_tags, dict)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"mode": st.sampled_from(["managed", "data"]), "type": st.text(), "name": st.text()},
            optional={"instances": st.lists(JSON, max_size=3), "module": JSON},
        ),
        max_size=3,
    )
)
def test_any_resources_are_read_or_refused(blocks: list[dict[str, Any]]) -> None:
    try:
        state = parsed(*blocks)
    except InventoryError:
        return
    assert all(isinstance(one.address, str) for one in state.resources)
    assert isinstance(state.home_region, str | None)
