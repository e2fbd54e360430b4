"""What is shown of the two Regions of an environment, and of the copies of its data there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from boto3 import Session
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from tap.account import Account
from tap.inspection.health import Health
from tap.inspection.regions import Place, RegionView, places_of, view
from tap.inspection.replication import Copy, copies_of
from tests.unit.tap_inspection.environments import REGION, found, queue, resource, tags

OTHER = "us-west-2"
BOTH = tags(SecondaryRegion=OTHER)
CLUSTER = resource("arn:aws:rds::123456789012:global-cluster:payment-global-pr-1", tags=BOTH)
TABLE, REPLICA = (
    resource(f"arn:aws:dynamodb:{region}:123456789012:table/payment-sessions-pr-1", tags=BOTH)
    for region in (REGION, OTHER)
)


@pytest.fixture
def account() -> Account:
    return Account(Session("AKIATEST", "secret", region_name=REGION))


@pytest.fixture
def stubbed(account: Account) -> Iterator[Callable[[str, str], Stubber]]:
    with ExitStack() as stack:
        yield lambda service, region: stack.enter_context(Stubber(account.client(service, region)))


def global_database(*members: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"GlobalClusters": [{"Status": "available", "GlobalClusterMembers": list(members), **others}]}


def member(region: str, writes: bool, **others: str) -> dict[str, Any]:
    return {"DBClusterArn": f"arn:aws:rds:{region}:123456789012:cluster:c", "IsWriter": writes, **others}


def test_an_environment_has_one_place_or_two() -> None:
    assert places_of(found(queue()), REGION) == [Place(REGION)]
    assert places_of(found(queue(tags=BOTH)), REGION) == [Place(REGION, "primary"), Place(OTHER, "secondary")]


def test_a_region_says_its_role_and_where_its_api_is(account: Account, stubbed: Callable[[str, str], Stubber]) -> None:
    names = ["/payment/pr-1/region/role", "/payment/pr-1/api/endpoint"]
    said = [{"Name": names[0], "Value": "primary"}, {"Name": names[1], "Value": "https://api"}]
    alarm = {"AlarmName": "payment-service-secondary-pr-1", "StateValue": "OK"}
    stubbed("ssm", OTHER).add_response("get_parameters", {"Parameters": said}, {"Names": names})
    stubbed("cloudwatch", OTHER).add_response(
        "describe_alarms",
        {"CompositeAlarms": [alarm]},
        {"AlarmTypes": ["CompositeAlarm"], "AlarmNames": ["payment-service-secondary-pr-1"]},
    )
    promoted = view(account, "pr-1", Place(OTHER, "secondary"))
    assert promoted == RegionView(Place(OTHER, "secondary"), Health.OK, "primary", "https://api")
    assert promoted.as_json() == {
        "region": OTHER,
        "deployed_as": "secondary",
        "role": "primary",
        "api": "https://api",
        "health": "ok",
    }


def test_the_only_region_is_not_asked_for_a_role(account: Account, stubbed: Callable[[str, str], Stubber]) -> None:
    stubbed("cloudwatch", REGION).add_response("describe_alarms", {"CompositeAlarms": []})
    assert view(account, "pr-1", Place(REGION)).as_json()["role"] is None


def test_copies_of_the_ledger_and_of_the_sessions(account: Account, stubbed: Callable[[str, str], Stubber]) -> None:
    members = member(REGION, True), member(OTHER, False, SynchronizationStatus="pending-resync")
    stubbed("rds", REGION).add_response("describe_global_clusters", global_database(*members))
    described = {"TableStatus": "ACTIVE", "Replicas": [{"RegionName": OTHER, "ReplicaStatus": "CREATING"}]}
    stubbed("dynamodb", REGION).add_response("describe_table", {"Table": described})
    assert copies_of(account, found(TABLE, REPLICA, CLUSTER, queue())) == [
        Copy("payment-global-pr-1", REGION, "writes", "available"),
        Copy("payment-global-pr-1", OTHER, "follows", "pending-resync"),
        Copy("payment-sessions-pr-1", REGION, "replica", "ACTIVE"),
        Copy("payment-sessions-pr-1", OTHER, "replica", "CREATING"),
    ]


def test_a_failover_is_the_state_of_all(account: Account, stubbed: Callable[[str, str], Stubber]) -> None:
    members = member(REGION, False), member(OTHER, True)
    answer = global_database(*members, FailoverState={"Status": "failing-over"})
    stubbed("rds", REGION).add_response("describe_global_clusters", answer)
    assert {one.state for one in copies_of(account, found(CLUSTER))} == {"failing-over"}


def test_what_is_gone_by_now_has_no_copies(account: Account, stubbed: Callable[[str, str], Stubber]) -> None:
    rds, dynamodb = stubbed("rds", REGION), stubbed("dynamodb", REGION)
    rds.add_client_error("describe_global_clusters", "GlobalClusterNotFoundFault")
    dynamodb.add_response("describe_table", {"Table": {"TableStatus": "ACTIVE"}})
    assert copies_of(account, found(TABLE, CLUSTER)) == []
    rds.add_client_error("describe_global_clusters", "AccessDenied")
    with pytest.raises(ClientError):
        copies_of(account, found(CLUSTER))
