"""What a plan's JSON says of what it would create."""

from __future__ import annotations

from tap.adoption.planned import planned_creates
from tests.unit.tap_adoption.planning import change


def provider(alias: str, region: str) -> dict[str, object]:
    return {"name": "aws", "alias": alias, "expressions": {"region": {"constant_value": region}}}


CONFIGURATION = {
    "provider_config": {
        "aws.primary": provider("primary", "eu-west-1"),
        "aws.secondary": provider("secondary", "eu-north-1"),
        "aws": {"name": "aws"},
    },
    "root_module": {
        "resources": [
            {"address": "aws_sqs_queue.a", "provider_config_key": "aws.primary"},
            {"address": "aws_sqs_queue.b", "provider_config_key": "aws.secondary"},
            {"address": "aws_sqs_queue.c", "provider_config_key": "aws"},
        ]
    },
}


def test_each_is_in_the_region_of_its_provider() -> None:
    changes = [change(f"aws_sqs_queue.{name}", name=name) for name in "abc"]
    creates = planned_creates({"resource_changes": changes, "configuration": CONFIGURATION})
    assert {create.value("name"): create.region for create in creates} == {
        "a": "eu-west-1",
        "b": "eu-north-1",
        "c": None,
    }


def test_without_a_configuration_no_region_is_known() -> None:
    (create,) = planned_creates({"resource_changes": [change("aws_sqs_queue.a", name="a")]})
    assert create.region is None
