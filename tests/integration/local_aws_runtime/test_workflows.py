"""State machines are executed: tasks, retries, catches, choices, approval by token, timeouts, permissions."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws

from .approval_machine import Machine

FAST = 10


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A local AWS whose state machines wait a tenth of the time."""
    with ExitStack() as running:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LOCAL_AWS_WAIT_SPEED", str(FAST))
            started = running.enter_context(LocalAws.started(tmp_path_factory.mktemp("workflows")))
        yield started


@pytest.fixture
def fast(aws: LocalAws, connected: Any) -> Any:
    return connected(aws)


def test_an_approved_payment_is_charged(fast: Any, until: Any) -> None:
    machine = Machine(fast)
    execution = machine.start()
    token = machine.token(until)
    assert machine.client.describe_execution(executionArn=execution)["status"] == "RUNNING"
    answer = {"approved": True, "approver": "ann"}
    machine.client.send_task_success(taskToken=token, output=json.dumps(answer))
    ended = machine.end(execution, until)
    assert ended["status"] == "SUCCEEDED"
    output = json.loads(ended["output"])
    assert output["ask"] == answer
    assert output["charge"]["Payload"] == {"done": "charge"}
    assert machine.tasks() == ["check", "ask", "charge"]
    assert json.loads(fast.message(machine.notices)["Body"])["Message"] == "p1"
    history = machine.history(execution)
    assert (history[0], history[-1]) == ("ExecutionStarted", "ExecutionSucceeded")
    assert "TaskSubmitted" in history
    with pytest.raises(machine.client.exceptions.TaskTimedOut):
        machine.client.send_task_success(taskToken=token, output="{}")


def test_a_refused_payment_is_cancelled(fast: Any, until: Any) -> None:
    machine = Machine(fast)
    execution = machine.start()
    machine.client.send_task_success(taskToken=machine.token(until), output='{"approved": false}')
    assert machine.end(execution, until)["status"] == "SUCCEEDED"
    assert machine.tasks() == ["check", "ask", "cancel"]


def test_a_failed_task_token_is_caught_with_its_cause(fast: Any, until: Any) -> None:
    machine = Machine(fast)
    execution = machine.start()
    machine.client.send_task_failure(taskToken=machine.token(until), error="Refused", cause="too much")
    ended = machine.end(execution, until)
    assert json.loads(ended["output"])["error"] == {"Error": "Refused", "Cause": "too much"}


def test_no_answer_in_time_cancels(fast: Any, until: Any) -> None:
    machine = Machine(fast)
    started = time.monotonic()
    execution = machine.start()
    token = machine.token(until)
    ended = machine.end(execution, until)
    assert time.monotonic() - started >= 20 / FAST
    assert json.loads(ended["output"])["error"]["Error"] == "States.Timeout"
    assert machine.tasks() == ["check", "ask", "cancel"]
    with pytest.raises(machine.client.exceptions.TaskTimedOut):
        machine.client.send_task_success(taskToken=token, output='{"approved": true}')


def test_an_error_of_the_function_is_retried_by_its_name_after_a_wait(fast: Any, until: Any) -> None:
    machine = Machine(fast)
    started = time.monotonic()
    execution = machine.start(fail="check", times=2)
    machine.client.send_task_success(taskToken=machine.token(until), output='{"approved": true}')
    assert time.monotonic() - started >= (2 + 4) / FAST
    assert machine.end(execution, until)["status"] == "SUCCEEDED"
    assert machine.tasks() == ["check", "check", "check", "ask", "charge"]


def test_what_fails_after_all_retries_is_undone_and_fails_the_execution(fast: Any, until: Any) -> None:
    machine = Machine(fast)
    execution = machine.start(fail="charge")
    machine.client.send_task_success(taskToken=machine.token(until), output='{"approved": true}')
    ended = machine.end(execution, until)
    assert (ended["status"], ended["error"]) == ("FAILED", "LedgerUnavailableError")
    assert json.loads(ended["cause"])["errorMessage"] == "no ledger"
    assert machine.tasks() == ["check", "ask", "charge", "charge", "charge", "undo"]
    assert machine.history(execution)[-1] == "ExecutionFailed"


def test_an_execution_may_only_do_what_its_role_allows(fast: Any, until: Any) -> None:
    machine = Machine(fast, "sns:Publish")
    ended = machine.end(machine.start(), until)
    assert (ended["status"], ended["error"]) == ("FAILED", "Lambda.AccessDeniedException")
    assert "not authorized to perform: lambda:InvokeFunction" in ended["cause"]
    assert machine.tasks() == []


def test_the_same_name_starts_one_execution(fast: Any, until: Any) -> None:
    machine = Machine(fast)
    execution = machine.start("event-1")
    assert machine.start("event-1") == execution
    with pytest.raises(machine.client.exceptions.ExecutionAlreadyExists):
        machine.start("event-1", payment_id="p2")
    machine.client.send_task_success(taskToken=machine.token(until), output='{"approved": false}')
    machine.end(execution, until)
    with pytest.raises(machine.client.exceptions.ExecutionAlreadyExists):
        machine.start("event-1")
    assert len(machine.events("check")) == 1


def test_many_executions_run_at_once(fast: Any, until: Any) -> None:
    machine = Machine(fast)
    executions = [machine.start() for _ in range(10)]
    assert until(lambda: len(machine.events("ask")) == 10, 20)
    for event in machine.events("ask"):
        machine.client.send_task_success(taskToken=event["task_token"], output='{"approved": true}')
    assert {machine.end(execution, until)["status"] for execution in executions} == {"SUCCEEDED"}


def test_an_execution_can_be_stopped(fast: Any, until: Any) -> None:
    machine = Machine(fast)
    execution = machine.start()
    machine.token(until)
    machine.client.stop_execution(executionArn=execution, error="Stopped", cause="by hand")
    ended = machine.client.describe_execution(executionArn=execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "Stopped", "by hand")
    time.sleep(20 / FAST + 0.5)
    assert machine.client.describe_execution(executionArn=execution)["status"] == "ABORTED"
    assert machine.tasks() == ["check", "ask"]


def test_wrong_tokens_outputs_and_roles_are_refused(fast: Any, until: Any) -> None:
    machine = Machine(fast)
    with pytest.raises(machine.client.exceptions.InvalidToken):
        machine.client.send_task_success(taskToken="none", output="{}")
    machine.start()
    with pytest.raises(machine.client.exceptions.InvalidOutput):
        machine.client.send_task_success(taskToken=machine.token(until), output="no json")
    with pytest.raises(ClientError) as refused:
        machine.client.create_state_machine(
            name="other", definition='{"StartAt": "a", "States": {"a": {"Type": "Succeed"}}}', roleArn=fast.role()
        )
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


def test_a_definition_is_validated_and_versions_are_kept(fast: Any) -> None:
    machine = Machine(fast)
    client, good = machine.client, '{"StartAt": "a", "States": {"a": {"Type": "Succeed"}}}'
    assert client.validate_state_machine_definition(definition=good)["result"] == "OK"
    wrong = client.validate_state_machine_definition(definition='{"StartAt": "a"}')
    assert (wrong["result"], wrong["diagnostics"][0]["severity"]) == ("FAIL", "ERROR")
    assert client.list_state_machine_versions(stateMachineArn=machine.arn)["stateMachineVersions"] == []
    version = client.publish_state_machine_version(stateMachineArn=machine.arn)["stateMachineVersionArn"]
    (listed,) = client.list_state_machine_versions(stateMachineArn=machine.arn)["stateMachineVersions"]
    assert listed["stateMachineVersionArn"] == version == f"{machine.arn}:1"
    client.delete_state_machine_version(stateMachineVersionArn=version)
    assert client.list_state_machine_versions(stateMachineArn=machine.arn)["stateMachineVersions"] == []
