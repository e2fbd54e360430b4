"""The approval workflow as it is written and deployed: complete, patient, and without account data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lib.workflow.states import TRANSIENT_ERRORS
from tests.unit.stacks import arguments, of_type, policies, synthesized

DEPLOYED = synthesized(approval_threshold=1000, approval_hours=2)
MACHINE = arguments(DEPLOYED, "aws_sfn_state_machine.approval")
DEFINITION: dict[str, Any] = json.loads(MACHINE["definition"])
STATES: dict[str, dict[str, Any]] = DEFINITION["States"]
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}


def successors(state: dict[str, Any]) -> Iterator[str]:
    for part in (state, *state.get("Choices", []), *state.get("Catch", [])):
        yield from (part[key] for key in ("Next", "Default") if key in part)


def test_every_state_is_reachable_and_every_way_ends() -> None:
    seen: set[str] = set()
    waiting = [DEFINITION["StartAt"]]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            following = list(successors(STATES[name]))
            assert bool(following) == (STATES[name]["Type"] not in ("Succeed", "Fail")), name
            waiting += following
    assert seen == set(STATES)


@pytest.mark.parametrize("name", TASKS)
def test_every_task_is_tried_again_with_growing_random_pauses_and_its_failure_is_caught(name: str) -> None:
    task = TASKS[name]
    (retry,) = task["Retry"]
    assert retry["BackoffRate"] > 1
    assert retry["JitterStrategy"] == "FULL"
    assert retry["MaxAttempts"] >= 3
    assert retry["MaxDelaySeconds"] > retry["IntervalSeconds"]
    assert set(TRANSIENT_ERRORS) <= set(retry["ErrorEquals"]) or retry["ErrorEquals"] == ["States.ALL"]
    assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
    assert task["TimeoutSeconds"] == (7200 if name == "RequestApproval" else 60)


def test_an_approval_that_timed_out_is_not_asked_for_again() -> None:
    request = STATES["RequestApproval"]
    assert not {"States.Timeout", "States.ALL"} & set(request["Retry"][0]["ErrorEquals"])
    assert request["Catch"][0] == {
        "ErrorEquals": ["States.Timeout"],
        "ResultPath": "$.failure",
        "Next": "RejectPayment",
    }


def test_a_charge_that_failed_is_taken_back_with_more_patience_than_the_charge_had() -> None:
    charge, compensation = STATES["Charge"], STATES["CompensatePayment"]
    assert charge["Catch"][0]["Next"] == "CompensatePayment"
    assert compensation["Parameters"]["Payload"]["task"] == "cancel"
    assert compensation["Retry"][0]["MaxAttempts"] > charge["Retry"][0]["MaxAttempts"]
    assert STATES[compensation["Next"]]["Type"] == STATES["CompensationFailed"]["Type"] == "Fail"


def test_a_payment_that_was_charged_never_fails_for_its_events() -> None:
    publish = STATES["Publish"]
    assert "OutboxNotEmptyError" in publish["Retry"][0]["ErrorEquals"]
    assert STATES[publish["Catch"][0]["Next"]]["Type"] == "Succeed"


def test_tasks_of_the_function_get_the_payment_by_its_id_alone() -> None:
    payloads = [task["Parameters"]["Payload"] for task in TASKS.values() if "Payload" in task["Parameters"]]
    assert [payload["task"] for payload in payloads] == [
        "check-pending",
        "request-approval",
        "charge",
        "publish",
        "cancel",
        "cancel",
    ]
    for payload in payloads:
        assert set(payload) <= {"task", "payment_id.$", "task_token.$", "reason"}
    kept = {name for name, task in TASKS.items() if task["ResultPath"] is not None}
    assert kept == {"CheckPending", "RequestApproval"}
    assert set(STATES["CheckPending"]["ResultSelector"]) == {"status.$", "amount.$", "currency.$"}


def test_the_state_machine_is_traced_encrypted_and_logs_no_data() -> None:
    assert (MACHINE["name"], MACHINE["type"]) == ("payment-approval-dev", "STANDARD")
    assert MACHINE["tracing_configuration"] == {"enabled": True}
    assert MACHINE["encryption_configuration"]["kms_key_id"] == "${aws_kms_key.operations_key.arn}"
    logging = MACHINE["logging_configuration"]
    assert (logging["level"], logging["include_execution_data"]) == ("ERROR", False)
    group = arguments(DEPLOYED, "aws_cloudwatch_log_group.approval_log_group")
    assert group["name"] == "/aws/vendedlogs/states/payment-approval-dev"
    assert group["kms_key_id"] == "${aws_kms_key.operations_key.arn}"


def test_roles_may_do_what_the_workflow_needs_and_no_more() -> None:
    documents = dict(policies(DEPLOYED))

    def allowed(policy: str) -> dict[str, list[str]]:
        statements = documents[f"aws_iam_policy.{policy}"]["Statement"]
        return {action: statement["Resource"] for statement in statements for action in statement["Action"]}

    assert allowed("approval_function") == {"lambda:InvokeFunction": ["${aws_lambda_alias.function_alias.arn}"]}
    assert allowed("approval_notices")["sns:Publish"] == ["${aws_sns_topic.alerts_topic.arn}"]
    (machine,) = allowed("function_approvals")["states:StartExecution"]
    assert machine.endswith(f":stateMachine:{MACHINE['name']}")
    function = arguments(DEPLOYED, "aws_lambda_function.function")["environment"]["variables"]
    assert function["APPROVAL_STATE_MACHINE_ARN"] == machine
    (trust,) = documents["aws_iam_role.approval_role"]["Statement"]
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": "${data.aws_caller_identity.account.account_id}"}
    key = [statement["Sid"] for statement in documents["aws_kms_key.operations_key"]["Statement"]]
    assert "LogDelivery" in key


def test_a_failed_approval_is_an_alarm() -> None:
    alarm = arguments(DEPLOYED, "aws_cloudwatch_metric_alarm.approval_failures_alarm")
    assert (alarm["metric_name"], alarm["threshold"]) == ("ExecutionsFailed", 0)
    assert alarm["dimensions"] == {"StateMachineArn": "${aws_sfn_state_machine.approval.arn}"}
    assert "approval_state_machine_arn" in DEPLOYED["output"]


def test_without_a_threshold_there_is_no_workflow_and_no_permission_for_one() -> None:
    document = synthesized()
    assert "approval" not in of_type(document, "aws_sfn_state_machine")
    assert "approval_state_machine_arn" not in document["output"]
    granted = [address for address, policy in policies(document) if "states:StartExecution" in json.dumps(policy)]
    # Those that start recoveries and tests of restores, and no function's.
    assert sorted(granted) == ["aws_iam_policy.restore_test_start", "aws_iam_policy.writer_failover_alarm_start"]
    without_nat = of_type(synthesized(nat_gateways="none"), "aws_vpc_endpoint")
    assert "states_endpoint" not in without_nat
    assert "states_endpoint" in of_type(synthesized(nat_gateways="none", approval_threshold=1), "aws_vpc_endpoint")
