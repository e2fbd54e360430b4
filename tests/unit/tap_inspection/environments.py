"""Found environments and states, made up for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tap.inventory.found import FoundEnvironment, describe
from tap.inventory.resource import Evidence, Resource, environment_tags, resource_type
from tap.inventory.states import State, StateResource, StoredState

NOW = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
REGION = "eu-west-1"
SUFFIX = "pr-1"


def tags(suffix: str = SUFFIX, **others: str) -> dict[str, str]:
    return {
        **environment_tags(suffix),
        "HomeRegion": REGION,
        "Architecture": "single-region",
        "EnvironmentClass": "ephemeral",
        "Owner": "ada",
        **others,
    }


def queue(name: str = "queue", suffix: str = SUFFIX, **others: Any) -> Resource:
    arn = f"arn:aws:sqs:{REGION}:123456789012:payment-{name}-{suffix}"
    return Resource(arn, resource_type(arn), **{"tags": tags(suffix), **others})


def resource(arn: str, **others: Any) -> Resource:
    return Resource(arn, resource_type(arn), **others)


def part(arn: str, owner: str) -> Resource:
    return Resource(arn, resource_type(arn), evidence=Evidence.OWNER, owner=owner)


def known(one: Resource, address: str, **others: Any) -> StateResource:
    """What a state says of a resource that is as it was deployed."""
    attributes = {"arn": one.arn, "id": one.name, "tags": {}, "tags_all": {**one.tags, **others}}
    return StateResource(address, "aws_sqs_queue", "managed", attributes)


def state(*resources: StateResource, outputs: dict[str, Any] | None = None) -> State:
    return State(7, "lineage", outputs or {}, resources)


def stored(suffix: str = SUFFIX) -> StoredState:
    location = f"s3://states/payment/single-region/{suffix}.tfstate"
    return StoredState(suffix, "single-region", location, 100_000, NOW)


def found(*resources: Resource, suffix: str = SUFFIX, with_state: bool = True, **others: Any) -> FoundEnvironment:
    return describe(suffix, resources, stored=stored(suffix) if with_state else None, created=NOW - 26 * HOUR, **others)
