"""Publishing: in batches on the bus, as executions of the workflow; what failed is told by its absence."""

import json
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from payments import clients
from payments.events import APPROVAL_REQUESTED, PaymentEvent
from payments.publisher import Publisher
from tests.unit.payment_system.payment_account import BUS, REGION, STATE_MACHINE_ARN
from tests.unit.payment_system.sample_payments import event_about, valid_payment

Output = Callable[[], list[dict[str, Any]]]
FACTS = [event_about(valid_payment(f"pay-{number}")) for number in range(12)]
REQUEST = event_about(valid_payment("big"), APPROVAL_REQUESTED)


@pytest.fixture(scope="module")
def made_clients() -> tuple[Any, Any]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "testing")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        return clients.events(REGION), clients.stepfunctions(REGION)


@pytest.fixture
def bus(made_clients: tuple[Any, Any]) -> Iterator[Stubber]:
    with Stubber(made_clients[0]) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def workflows(made_clients: tuple[Any, Any]) -> Iterator[Stubber]:
    with Stubber(made_clients[1]) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def publisher(bus: Stubber, workflows: Stubber) -> Publisher:
    return publisher_with(bus, lambda: workflows.client)


def publisher_with(
    bus: Stubber, workflows: Callable[[], Any], state_machine_arn: str | None = STATE_MACHINE_ARN
) -> Publisher:
    return Publisher(events=cast("Any", bus.client), bus=BUS, workflows=workflows, state_machine_arn=state_machine_arn)


def expect_put(bus: Stubber, events: list[PaymentEvent], failing: dict[int, str] | None = None) -> None:
    """Each of `events` is expected as an entry; those at the numbers of `failing` are answered with its codes."""
    codes = failing or {}
    bus.add_response(
        "put_events",
        {
            "FailedEntryCount": len(codes),
            "Entries": [
                {"ErrorCode": codes[number], "ErrorMessage": "no"} if number in codes else {"EventId": f"e{number}"}
                for number in range(len(events))
            ],
        },
        {
            "Entries": [
                {
                    "EventBusName": BUS,
                    "Source": "payment.ledger",
                    "DetailType": event.event_type,
                    "Detail": event.detail,
                }
                for event in events
            ]
        },
    )


def expect_start(workflows: Stubber, error: str = "") -> None:
    if error:
        workflows.add_client_error("start_execution", service_error_code=error)
        return
    workflows.add_response(
        "start_execution",
        {"executionArn": f"{STATE_MACHINE_ARN}:{REQUEST.event_id}", "startDate": 0},
        {
            "stateMachineArn": STATE_MACHINE_ARN,
            "name": REQUEST.event_id,
            "input": json.dumps({"payment_id": "big", "event_id": REQUEST.event_id}),
        },
    )


def ids(events: list[PaymentEvent]) -> set[str]:
    return {event.event_id for event in events}


def test_event_tells_of_the_payment_without_its_accounts() -> None:
    assert json.loads(FACTS[0].detail) == {
        "event_id": FACTS[0].event_id,
        "payment_id": "pay-0",
        "amount": "12.50",
        "currency": "EUR",
        "payer": "payer-reference",
        "payee": "payee-reference",
        "region": "eu-west-1",
        "recorded_at": "2026-01-02T03:04:05.000Z",
    }


@pytest.mark.usefixtures("bus", "workflows")
def test_nothing_is_sent_when_nothing_waits(publisher: Publisher) -> None:
    assert publisher.publish([]) == set()


def test_bus_gets_ten_events_at_once(publisher: Publisher, bus: Stubber) -> None:
    expect_put(bus, FACTS[:10])
    expect_put(bus, FACTS[10:])
    assert publisher.publish(FACTS) == ids(FACTS)


def test_events_that_the_bus_refused_one_by_one_are_not_among_those_sent(
    publisher: Publisher, bus: Stubber, output: Output
) -> None:
    expect_put(bus, FACTS[:10], {1: "ThrottlingException", 3: "InternalFailure", 4: "InternalFailure"})
    expect_put(bus, FACTS[10:])
    assert publisher.publish(FACTS) == ids([event for event in FACTS if event not in (FACTS[1], FACTS[3], FACTS[4])])
    (logged,) = output()
    assert (logged["message"], logged["error"]) == (
        "events wait in the outbox",
        ["InternalFailure", "ThrottlingException"],
    )


def test_bus_that_cannot_be_reached_is_not_asked_again(publisher: Publisher, bus: Stubber, output: Output) -> None:
    expect_put(bus, FACTS[:10])
    bus.add_client_error("put_events", service_error_code="InternalException")
    assert publisher.publish([*FACTS, *FACTS]) == ids(FACTS[:10])
    assert output()[0]["error"] == "InternalException"


def test_approval_is_asked_for_by_an_execution_named_after_the_event(publisher: Publisher, workflows: Stubber) -> None:
    expect_start(workflows)
    assert publisher.publish([REQUEST]) == {REQUEST.event_id}


def test_approval_that_was_asked_for_before_counts_as_sent(publisher: Publisher, workflows: Stubber) -> None:
    expect_start(workflows, "ExecutionAlreadyExists")
    assert publisher.publish([REQUEST]) == {REQUEST.event_id}


def test_fault_of_the_workflow_does_not_keep_events_from_the_bus(
    publisher: Publisher, bus: Stubber, workflows: Stubber
) -> None:
    expect_start(workflows, "StateMachineDoesNotExist")
    expect_put(bus, FACTS[:2])
    assert publisher.publish([FACTS[0], REQUEST, FACTS[1]]) == ids(FACTS[:2])


def test_fault_of_the_bus_does_not_keep_approvals_from_being_asked_for(
    publisher: Publisher, bus: Stubber, workflows: Stubber
) -> None:
    bus.add_client_error("put_events", service_error_code="InternalException")
    expect_start(workflows)
    assert publisher.publish([FACTS[0], REQUEST]) == {REQUEST.event_id}


def test_network_that_is_away_is_a_fault_like_any_other(bus: Stubber) -> None:
    def no_workflows() -> Any:
        raise EndpointConnectionError(endpoint_url="https://states.eu-west-1.amazonaws.com")

    expect_put(bus, FACTS[:1])
    assert publisher_with(bus, no_workflows).publish([REQUEST, FACTS[0]]) == ids(FACTS[:1])


def test_approval_waits_in_an_environment_without_workflow_and_holds_up_nothing(
    bus: Stubber, workflows: Stubber, output: Output
) -> None:
    publisher = publisher_with(bus, lambda: workflows.client, state_machine_arn=None)
    expect_put(bus, FACTS[:1])
    assert publisher.publish([REQUEST, FACTS[0]]) == ids(FACTS[:1])
    assert output()[0]["error"] == "the environment has no approval workflow"
