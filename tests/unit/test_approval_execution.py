"""The approval workflow, executed by moto's interpreter: each branch, with a function that answers as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.sns.models import sns_backends
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

from lib.workflow.approval_definition import approval_definition
from tests.unit.executions import end_of, without_pauses

REGION = "us-east-1"
ACCOUNT = "123456789012"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:payment-processor-dev:live"
PENDING = {"status": "PENDING_APPROVAL", "amount": "5000.00", "currency": "EUR"}


class FakeFunction:
    """Answers the tasks of the workflow; `faults` maps a task to errors that come before its answer."""

    def __init__(self, *, decide: Callable[[str], None], faults: dict[str, list[str]]) -> None:
        self._decide = decide
        self._faults = {task: list(errors) for task, errors in faults.items()}
        self.answers: dict[str, dict[str, str]] = {}
        self.called: list[str] = []
        self.payloads: list[dict[str, str]] = []

    def invoke(self, **parameters: Any) -> dict[str, Any]:
        assert parameters["FunctionName"] == FUNCTION
        payload = json.loads(parameters["Payload"])
        self.payloads.append(payload)
        self.called.append(payload["task"])
        if self._faults.get(payload["task"]):
            error = {"errorType": self._faults[payload["task"]].pop(0), "errorMessage": "as told"}
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": BytesIO(json.dumps(error).encode())}
        if payload["task"] == "request-approval":
            threading.Timer(0.05, self._decide, [payload["task_token"]]).start()
        answer = self.answers.get(payload["task"], {})
        return {"StatusCode": 200, "Payload": BytesIO(json.dumps(answer).encode())}


class Workflow:
    """A deployed state machine, and one execution of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._client = boto3.client("stepfunctions", region_name=REGION)
        self.topic = boto3.client("sns", region_name=REGION).create_topic(Name="payment-alerts-dev")["TopicArn"]
        self.decision: object = {"approved": True, "approver": "Ada"}
        self.approval_seconds: int | None = None

    def run(
        self, faults: dict[str, list[str]] | None = None, *, check_pending: dict[str, str] = PENDING
    ) -> tuple[str, FakeFunction]:
        """Execute it to its end; return how it ended and the function it called."""
        function = FakeFunction(decide=self._decide, faults=faults or {})
        function.answers["check-pending"] = check_pending
        self._monkeypatch.setattr(lambda_eval_utils, "boto_client_for", lambda **_: function)
        definition = approval_definition(
            partition="aws", function_arn=FUNCTION, topic_arn=self.topic, approval_hours=24
        )
        if self.approval_seconds:
            definition["States"]["RequestApproval"]["TimeoutSeconds"] = self.approval_seconds
        machine = self._client.create_state_machine(
            name="payment-approval-dev", definition=json.dumps(definition), roleArn=f"arn:aws:iam::{ACCOUNT}:role/x"
        )
        execution = self._client.start_execution(
            stateMachineArn=machine["stateMachineArn"],
            name="event-1",
            input=json.dumps({"payment_id": "p-1", "event_id": "event-1"}),
        )["executionArn"]
        return end_of(self._client, execution), function

    def _decide(self, token: str) -> None:
        if self.decision is not None:
            self._client.send_task_success(taskToken=token, output=json.dumps(self.decision))


@pytest.fixture
def workflow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workflow]:
    without_pauses(monkeypatch)
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield Workflow(monkeypatch)


def test_an_approved_payment_is_charged_and_published(workflow: Workflow) -> None:
    ended, function = workflow.run()
    assert ended == "PaymentCommitted"
    assert function.called == ["check-pending", "request-approval", "charge", "publish"]
    assert {payload["payment_id"] for payload in function.payloads} == {"p-1"}
    ((_, notice, subject, *_),) = sns_backends[ACCOUNT][REGION].topics[workflow.topic].sent_notifications
    assert subject == "A payment waits for approval"
    assert notice.startswith("Payment p-1 of 5000.00 EUR waits for approval.")
    assert "approval/p-1; without an answer it is rejected after 24 hours" in notice


@pytest.mark.parametrize("decision", [{"approved": False, "approver": "Ada"}, {}, "yes", {"approved": "true"}])
def test_anything_but_a_clear_approval_rejects_the_payment(workflow: Workflow, decision: object) -> None:
    workflow.decision = decision
    ended, function = workflow.run()
    assert ended == "PaymentRejected"
    assert function.called == ["check-pending", "request-approval", "cancel"]


def test_a_payment_that_nobody_answers_for_is_rejected_in_time(workflow: Workflow) -> None:
    workflow.decision, workflow.approval_seconds = None, 1
    ended, function = workflow.run()
    assert ended == "PaymentRejected"
    assert function.called == ["check-pending", "request-approval", "cancel"]
    assert function.payloads[-1]["reason"] == "not approved"


def test_a_payment_that_was_decided_before_is_left_alone(workflow: Workflow) -> None:
    ended, function = workflow.run(check_pending={**PENDING, "status": "COMMITTED"})
    assert (ended, function.called) == ("AlreadyDecided", ["check-pending"])


def test_transient_errors_are_tried_again_and_do_not_show(workflow: Workflow) -> None:
    ended, function = workflow.run({"charge": ["LedgerUnavailableError"] * 3, "publish": ["OutboxNotEmptyError"]})
    assert ended == "PaymentCommitted"
    assert (function.called.count("charge"), function.called.count("publish")) == (4, 2)


@pytest.mark.parametrize(("errors", "charges"), [(["PaymentNotPendingError"], 1), (["LedgerUnavailableError"] * 9, 9)])
def test_a_charge_that_fails_for_good_is_taken_back(workflow: Workflow, errors: list[str], charges: int) -> None:
    ended, function = workflow.run({"charge": errors})
    assert ended == "PaymentNotCharged"
    assert function.called == ["check-pending", "request-approval", *["charge"] * charges, "cancel"]


def test_a_payment_that_cannot_even_be_looked_at_is_taken_back(workflow: Workflow) -> None:
    ended, function = workflow.run({"check-pending": ["KeyError"]})
    assert (ended, function.called) == ("PaymentNotCharged", ["check-pending", "cancel"])


def test_a_compensation_that_fails_too_is_told(workflow: Workflow) -> None:
    ended, function = workflow.run({"charge": ["KeyError"], "cancel": ["LedgerUnavailableError"] * 13})
    assert (ended, function.called.count("cancel")) == ("CompensationFailed", 13)


def test_a_charged_payment_ends_well_although_its_events_wait_for_the_relay(workflow: Workflow) -> None:
    ended, function = workflow.run({"publish": ["OutboxNotEmptyError"] * 9})
    assert (ended, "cancel" in function.called) == ("LeftToTheRelay", False)


def test_a_notice_that_cannot_be_sent_does_not_stop_the_approval(workflow: Workflow) -> None:
    workflow.topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:gone"
    ended, _ = workflow.run()
    assert ended == "PaymentCommitted"
