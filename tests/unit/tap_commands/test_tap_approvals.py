"""`tap approvals`: what is pending, and what a decision hands to the workflow."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tap.approvals import Approvals
from tap.environment import Environment
from tests.unit.tap_commands.conftest import REGION, Tap, payment_answer
from tests.unit.tap_commands.payment_api import FakePaymentApi

DEFINITION = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
NAME = "payment-approval-test"
ROLE = "arn:aws:iam::123456789012:role/payment-approval-test"


def wait_for_approval(payment_id: str, *, token: str | None = None) -> None:
    """Starts an execution as the function does, and keeps its token as soon as it waits for a person."""
    boto3.client("stepfunctions", region_name=REGION).start_execution(
        stateMachineArn=state_machine(), name=f"event-{payment_id}", input=json.dumps({"payment_id": payment_id})
    )
    if token:
        boto3.client("dynamodb", region_name=REGION).put_item(
            TableName="payment-sessions-test",
            Item={
                "session_id": {"S": f"approval/{payment_id}"},
                "payment_id": {"S": payment_id},
                "task_token": {"S": token},
            },
        )


def state_machine() -> str:
    """The environment's, made the first time beside one that is none of it."""
    workflow = boto3.client("stepfunctions", region_name=REGION)
    found = {machine["name"]: machine["stateMachineArn"] for machine in workflow.list_state_machines()["stateMachines"]}
    if NAME not in found:
        for name in ("another", NAME):
            created = workflow.create_state_machine(name=name, definition=json.dumps(DEFINITION), roleArn=ROLE)
            found[name] = created["stateMachineArn"]
    return found[NAME]


@pytest.fixture
def decisions(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the workflow is told; moto does not execute it here."""
    told: list[dict[str, Any]] = []
    client = environment.client("stepfunctions")
    monkeypatch.setattr(client, "send_task_success", lambda **parameters: told.append(parameters))
    monkeypatch.setattr(Environment, "find", lambda **_options: environment)
    return told


@pytest.mark.usefixtures("environment")
def test_pending_approvals_are_listed_oldest_first_without_accounts(tap: Tap, api: FakePaymentApi) -> None:
    wait_for_approval("first", token="token-1")
    wait_for_approval("second")
    api.will_answer(202, payment_answer("second", amount="250000.00"))
    api.will_break()
    ended = tap("approvals", "list", "--json")
    assert ended.code == 0
    first, second = json.loads(ended.out)
    assert first.pop("since") <= second.pop("since")
    assert first == {"payment_id": "first", "amount": None, "currency": None, "waits_for_a_person": True}
    assert second == {"payment_id": "second", "amount": "250000.00", "currency": "EUR", "waits_for_a_person": False}
    assert [asked.path for asked in api.asked] == ["/payments/second", "/payments/first"]


@pytest.mark.usefixtures("environment")
def test_the_list_is_also_printed_for_people(tap: Tap, api: FakePaymentApi) -> None:
    wait_for_approval("first", token="token-1")
    api.will_answer(202, payment_answer("first"))
    shown = tap("approvals", "list")
    assert shown.code == 0
    assert "first" in shown.out
    assert "12.50" in shown.out


def test_a_long_list_is_read_to_its_end(environment: Environment, api: FakePaymentApi) -> None:
    """Step Functions gives at most 100 executions at once unless it is asked for more."""
    workflow = boto3.client("stepfunctions", region_name=REGION)
    arn = state_machine()
    for number in range(101):
        workflow.start_execution(stateMachineArn=arn, input=json.dumps({"payment_id": f"payment-{number}"}))
        api.will_answer(202, payment_answer(f"payment-{number}"))
    assert workflow.list_executions(stateMachineArn=arn)["nextToken"]
    assert len(Approvals(environment).pending()) == 101


@pytest.mark.usefixtures("environment")
def test_an_environment_without_the_workflow(tap: Tap) -> None:
    ended = tap("approvals", "list")
    assert ended.code == 3
    assert "deploy it with APPROVAL_THRESHOLD set" in ended.err


@pytest.mark.usefixtures("environment")
def test_nothing_pending(tap: Tap) -> None:
    wait_for_approval("first")
    workflow = boto3.client("stepfunctions", region_name=REGION)
    for machine in workflow.list_state_machines()["stateMachines"]:
        for execution in workflow.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]:
            workflow.stop_execution(executionArn=execution["executionArn"])
    ended = tap("approvals", "list")
    assert (ended.code, ended.out, ended.err) == (0, "", "no payment waits for approval\n")
    assert json.loads(tap("approvals", "list", "--json").out) == []


def test_an_approval_reaches_the_workflow(tap: Tap, api: FakePaymentApi, decisions: list[dict[str, Any]]) -> None:
    wait_for_approval("first", token="token-1")
    api.will_answer(202, payment_answer("first", status="PENDING_APPROVAL"))
    api.will_answer(200, payment_answer("first"))
    ended = tap("approvals", "approve", "first", "--approver", "ada", "--json")
    assert ended.code == 0
    assert decisions == [{"taskToken": "token-1", "output": '{"approved": true, "approver": "ada"}'}]
    printed = json.loads(ended.out)
    assert (printed["decision"], printed["http_status"]) == ("approved", 200)


def test_a_refusal_names_the_caller_unless_told(tap: Tap, api: FakePaymentApi, decisions: list[dict[str, Any]]) -> None:
    wait_for_approval("first", token="token-1")
    api.will_answer(409, {"valid": False, "reason": "Payment rejected", "payment_id": "first"})
    ended = tap("approvals", "refuse", "first")
    assert ended.code == 0
    caller = boto3.client("sts", region_name=REGION).get_caller_identity()["Arn"].rsplit(":", 1)[-1]
    assert json.loads(decisions[0]["output"]) == {"approved": False, "approver": caller}
    assert "Payment rejected" in ended.out


def test_a_workflow_that_does_not_end_in_time(tap: Tap, api: FakePaymentApi, decisions: list[dict[str, Any]]) -> None:
    wait_for_approval("first", token="token-1")
    api.will_answer(202, payment_answer("first"))
    ended = tap("approvals", "approve", "first", "--wait", "0")
    assert ended.code == 1
    assert len(decisions) == 1
    assert "look again with `tap payment show first`" in ended.err


def test_a_payment_that_waits_for_nobody(tap: Tap, decisions: list[dict[str, Any]]) -> None:
    ended = tap("approvals", "approve", "unknown", "--approver", "ada")
    assert (ended.code, decisions) == (1, [])
    assert "payment 'unknown' waits for no approval in environment 'test'" in ended.err


@pytest.mark.parametrize(("code", "expected"), [("TaskTimedOut", 1), ("TaskDoesNotExist", 1), ("AccessDenied", 3)])
def test_an_approval_that_came_too_late(
    tap: Tap, environment: Environment, monkeypatch: pytest.MonkeyPatch, code: str, expected: int
) -> None:
    def refuse(**_parameters: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "too late"}}, "SendTaskSuccess")

    wait_for_approval("first", token="token-1")
    monkeypatch.setattr(environment.client("stepfunctions"), "send_task_success", refuse)
    monkeypatch.setattr(Environment, "find", lambda **_options: environment)
    ended = tap("approvals", "approve", "first", "--approver", "ada")
    assert ended.code == expected
    assert ("its time has passed" if expected == 1 else "too late") in ended.err
