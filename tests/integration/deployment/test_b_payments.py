"""The deployed package takes payments: over the API, signed, and as events."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest

from lib.payment_events import DETAIL_TYPE, SOURCE
from tests.integration.deployed import Deployed

EVENT_SECONDS = 60
SESSION_SECONDS = 30


@pytest.fixture
def payment() -> dict[str, Any]:
    """A payment that nobody sent before."""
    return {
        "payment_id": f"it-{uuid.uuid4()}",
        "amount": "12.50",
        "currency": "EUR",
        "payer_account": "DE-PAYER-0001",
        "payee_account": "FR-PAYEE-0002",
    }


def session_item(deployed: Deployed, session_id: str) -> dict[str, Any] | None:
    item: dict[str, Any] | None = (
        deployed.client("dynamodb")
        .get_item(TableName=deployed.outputs["sessions_table_name"], Key={"session_id": {"S": session_id}})
        .get("Item")
    )
    return item


def written_session(deployed: Deployed, session_id: str) -> dict[str, Any]:
    """The session's item, which is written once the answer is on its way."""
    deadline = time.monotonic() + SESSION_SECONDS
    while (item := session_item(deployed, session_id)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return item


def test_health_answers(deployed: Deployed) -> None:
    answer = deployed.api.send("GET", "/health")
    assert (answer.status, answer.body["status"]) == (200, "ok")


def test_deep_health_reaches_what_the_function_needs(deployed: Deployed) -> None:
    assert deployed.api.send("GET", "/health/deep").status == 200


def test_a_valid_payment_is_answered_and_kept_as_a_session(deployed: Deployed, payment: dict[str, Any]) -> None:
    answer = deployed.api.send("POST", "/payments", payment)
    assert answer.status == 200
    assert {name: answer.body[name] for name in ("valid", "payment_id", "amount", "currency", "region")} == {
        "valid": True,
        "payment_id": payment["payment_id"],
        "amount": "12.50",
        "currency": "EUR",
        "region": deployed.outputs["aws_region"],
    }
    assert answer.body["validated_at"]
    item = written_session(deployed, payment["payment_id"])
    assert item["status"]["S"] == "COMMITTED"
    assert json.loads(item["answer"]["S"]) == answer.body
    assert int(item["expires_at"]["N"]) > time.time()
    assert payment["payer_account"] not in json.dumps(item)
    assert deployed.api.send("GET", f"/payments/{payment['payment_id']}").body == answer.body


def test_the_same_payment_gets_the_same_answer_and_another_is_a_conflict(
    deployed: Deployed, payment: dict[str, Any]
) -> None:
    first = deployed.api.send("POST", "/payments", payment)
    assert deployed.api.send("POST", "/payments", payment) == first
    assert deployed.api.send("POST", "/payments", {**payment, "amount": "99.00"}).status == 409


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"amount": "0"}, "Invalid amount"), ({"amount": "1000000.01"}, "Amount exceeds limit")],
)
def test_a_bad_payment_is_refused_and_not_stored(
    deployed: Deployed, payment: dict[str, Any], change: dict[str, str], reason: str
) -> None:
    answer = deployed.api.send("POST", "/payments", {**payment, **change})
    assert (answer.status, answer.body["reason"]) == (400, reason)
    assert session_item(deployed, payment["payment_id"]) is None


def test_an_unsigned_request_is_refused(deployed: Deployed, payment: dict[str, Any]) -> None:
    assert deployed.api.send("POST", "/payments", payment, signed=False).status == 403
    assert session_item(deployed, payment["payment_id"]) is None


def test_a_payment_event_reaches_the_function(deployed: Deployed, payment: dict[str, Any]) -> None:
    entry = {
        "EventBusName": deployed.outputs["event_bus_name"],
        "Source": SOURCE,
        "DetailType": DETAIL_TYPE,
        "Detail": json.dumps(payment),
    }
    assert deployed.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    deadline = time.monotonic() + EVENT_SECONDS
    while (item := session_item(deployed, payment["payment_id"])) is None and time.monotonic() < deadline:
        time.sleep(0.2)
    assert item is not None


def test_the_log_names_no_account(deployed: Deployed, payment: dict[str, Any]) -> None:
    deployed.api.send("POST", "/payments", payment)
    events = deployed.client("logs").filter_log_events(logGroupName=deployed.outputs["function_log_group_name"])
    messages = [event["message"] for event in events["events"]]
    assert messages
    assert not [message for message in messages if payment["payer_account"] in message]
