"""`python -m tap` against the deployed environment, as an operator calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from lib.payment_events import DETAIL_TYPE, SOURCE
from tap.toolchain import ROOT
from tests.integration.deployed import Deployed

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_sqs.client import SQSClient

COMMAND_SECONDS = 300
EVENT_SECONDS = 60
PAY = ("pay", "--amount", "12.50", "--currency", "EUR", "--payer", "DE-PAYER-0001", "--payee", "FR-PAYEE-0002")


@dataclass(frozen=True)
class Ended:
    """How a command ended; `result` is what it printed as JSON, None if nothing."""

    code: int
    result: Any
    err: str


Tap = Callable[..., Ended]


@pytest.fixture
def tap(deployed: Deployed) -> Tap:
    credentials = deployed.session.get_credentials()
    assert credentials is not None
    frozen = credentials.get_frozen_credentials()
    variables = {
        "AWS_ACCESS_KEY_ID": frozen.access_key or "",
        "AWS_SECRET_ACCESS_KEY": frozen.secret_key or "",
        "AWS_REGION": deployed.outputs["aws_region"],
        "ENVIRONMENT_SUFFIX": deployed.outputs["environment_suffix"],
        "NO_PROXY": "127.0.0.1,localhost",
    }
    if frozen.token:
        variables["AWS_SESSION_TOKEN"] = frozen.token
    if deployed.endpoint_url:
        variables["AWS_ENDPOINT_URL"] = deployed.endpoint_url
    outside = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}

    def run(*arguments: str) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", "tap", *arguments, "--json"],
            cwd=ROOT,
            env={**outside, **variables},
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        return Ended(done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr)

    return run


def new_id() -> str:
    return f"tap-{uuid.uuid4()}"


def payment_event(payment_id: str) -> dict[str, Any]:
    return {
        "payment_id": payment_id,
        "amount": "7.00",
        "currency": "EUR",
        "payer_account": "DE-PAYER-0001",
        "payee_account": "FR-PAYEE-0002",
    }


def test_a_payment_is_taken_once_whatever_is_repeated(tap: Tap) -> None:
    payment_id = new_id()
    first = tap(*PAY, "--payment-id", payment_id)
    assert first.code == 0, first
    assert first.result["http_status"] == 200
    assert first.result["answer"]["amount"] == "12.50"
    assert tap(*PAY, "--payment-id", payment_id).result == first.result
    assert tap("payment", "show", payment_id).result == first.result


def test_another_payment_with_the_same_id_is_refused(tap: Tap) -> None:
    payment_id = new_id()
    tap(*PAY, "--payment-id", payment_id)
    ended = tap(*PAY, "--amount", "13.00", "--payment-id", payment_id)
    assert (ended.code, ended.result["http_status"]) == (1, 409)
    assert ended.result["answer"]["reason"] == "payment_id was used for another payment"


def test_a_bad_payment_says_why(tap: Tap) -> None:
    ended = tap(*PAY, "--amount", "1.005")
    assert (ended.code, ended.result["http_status"]) == (1, 400)
    assert ended.result["answer"]["reason"] == "Invalid amount"


def test_an_environment_that_is_not_there(tap: Tap) -> None:
    ended = tap("payment", "show", "order-1", "--suffix", "not-deployed")
    assert (ended.code, ended.result) == (3, None)
    assert "no environment 'not-deployed'" in ended.err


def test_dead_letters_are_replayed_and_twice_is_safe(deployed: Deployed, tap: Tap) -> None:
    sqs: SQSClient = deployed.client("sqs")
    payment_id = new_id()
    event = {"source": SOURCE, "detail-type": DETAIL_TYPE, "detail": payment_event(payment_id)}
    for queue in ("event_dead_letter_queue_url", "function_dead_letter_queue_url"):
        sqs.send_message(QueueUrl=deployed.outputs[queue], MessageBody=json.dumps(event))
    shown = tap("replay", "dead-letters", "--dry-run")
    assert [letter["payment_id"] for letter in shown.result].count(payment_id) == 2
    ended = tap("replay", "dead-letters")
    assert ended.code == 0, ended
    assert ended.result["moved"] >= 2
    assert (ended.result["failed"], ended.result["came_back"], ended.result["still_waiting"]) == (0, 0, 0)
    assert tap("payment", "show", payment_id).result["answer"]["amount"] == "7.00"
    again = tap("replay", "dead-letters")
    assert (again.code, again.result["moved"]) == (0, 0)


def test_archived_events_are_replayed_and_change_nothing(deployed: Deployed, tap: Tap) -> None:
    events: EventBridgeClient = deployed.client("events")
    payment_id = new_id()
    begin = datetime.now(UTC) - timedelta(minutes=1)
    entry: Any = {
        "EventBusName": deployed.outputs["event_bus_name"],
        "Source": SOURCE,
        "DetailType": DETAIL_TYPE,
        "Detail": json.dumps(payment_event(payment_id)),
    }
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    deadline = time.monotonic() + EVENT_SECONDS
    while (first := tap("payment", "show", payment_id)).code != 0:
        assert time.monotonic() < deadline, first
    end = datetime.now(UTC) + timedelta(minutes=1)
    ended = tap("replay", "archive", "--from", begin.isoformat(), "--to", end.isoformat())
    assert ended.code == 0, ended
    assert ended.result["state"] == "COMPLETED"
    assert tap("payment", "show", payment_id).result == first.result


def test_an_operator_approves_one_payment_and_refuses_another(deployed: Deployed, tap: Tap) -> None:
    if "approval_state_machine_arn" not in deployed.outputs:
        pytest.skip("the deployment in the account has no approval workflow (APPROVAL_THRESHOLD)")
    approved, refused = new_id(), new_id()
    for payment_id in (approved, refused):
        ended = tap(*PAY, "--amount", "20000.00", "--payment-id", payment_id)
        assert ended.result["http_status"] == 202, ended
    deadline = time.monotonic() + EVENT_SECONDS
    while not {approved, refused} <= {
        one["payment_id"] for one in tap("approvals", "list").result if one["waits_for_a_person"]
    }:
        assert time.monotonic() < deadline
    assert tap("approvals", "approve", approved, "--approver", "alice").code == 0
    assert tap("approvals", "refuse", refused, "--approver", "bob").code == 0
    while tap("payment", "show", approved).result["http_status"] != 200:
        assert time.monotonic() < deadline
    while (last := tap("payment", "show", refused)).result["http_status"] != 409:
        assert time.monotonic() < deadline
    assert last.result["answer"]["reason"] == "Payment rejected"
    assert tap("approvals", "approve", refused).code == 1
