"""What a finder finds of environment pr-1 beside tagged resources."""

from __future__ import annotations

import json
from typing import Any

from tap.inventory.finder import Finder
from tap.inventory.resource import Evidence, Resource, environment_tags, resource_type
from tap.inventory.state import State
from tap.inventory.state_file import parse_state
from tests.unit.tap_inventory.conftest import REGION

ACCOUNT = "123456789012"
TAGS = environment_tags("pr-1")
PAIRS = [{"Key": key, "Value": value} for key, value in TAGS.items()]


def arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def state_with(type_: str, **attributes: Any) -> State:
    block = {"mode": "managed", "type": type_, "name": "a", "instances": [{"attributes": attributes}]}
    return parse_state(json.dumps({"version": 4, "serial": 1, "lineage": "", "resources": [block]}), "here")


def parts(finder: Finder, known: State | None = None, earlier: tuple[Resource, ...] = ()) -> dict[str, Resource]:
    """What is found beside tagged resources, by ARN."""
    found = finder.environment("pr-1", known, earlier).resources
    return {one.arn: one for one in found if one.evidence is not Evidence.TAGS}


def earlier(*arns: str) -> tuple[Resource, ...]:
    return tuple(Resource(one, resource_type(one), TAGS) for one in arns)
