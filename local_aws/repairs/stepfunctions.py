"""Repairs of Step Functions: executions act with the permissions of their role; waits can be made shorter."""

import os
import sys
import time
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.utils import boto_client
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend, stepfunctions_parser_backends

from local_aws.calls import Call
from local_aws.registry import Output, Plain, installs, patch, repairs
from local_aws.role_client import role_client

SPEED = float(os.environ.get("LOCAL_AWS_WAIT_SPEED", "1"))
"""How fast the waits of state machines pass: retries, Wait states, and the time in which a task token is answered."""


@installs
def call_with_roles() -> None:
    """moto's executions call other services with any permissions, and in several threads with one unsafe session."""
    import moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_factory  # noqa: F401

    plain = boto_client.boto_client_for
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.stepfunctions.") and getattr(module, "boto_client_for", None) is plain:
            vars(module)["boto_client_for"] = role_client


@installs
def speed_waits_up() -> None:
    """Makes waits as much shorter as LOCAL_AWS_WAIT_SPEED says."""
    plain_wait: Any = WaitFunction._wait_interval
    plain_token: Any = StateTaskServiceCallback._wait_for_task_token_timeout

    def sleep(seconds: float) -> None:
        time.sleep(seconds / SPEED)

    def wait_interval(function: Any, env: Any, wait_seconds: float) -> None:
        plain_wait(function, env, wait_seconds / SPEED)

    def wait_for_token(service: Any, timeout_seconds: float, callback_endpoint: Any) -> Any:
        return plain_token(service, timeout_seconds / SPEED, callback_endpoint)

    vars(retrier_decl)["time"] = SimpleNamespace(sleep=sleep)
    patch(WaitFunction, _wait_interval=wait_interval)
    patch(StateTaskServiceCallback, _wait_for_task_token_timeout=wait_for_token)


@installs
def name_and_end_executions() -> None:
    """moto calls executions without a name None, and goes on with them after a reset."""
    plain_start, plain_reset = StepFunctionsParserBackend.start_execution, StepFunctionsParserBackend.reset

    def start_execution(
        backend: Any, state_machine_arn: str, name: str | None = None, execution_input: str | None = None, *rest: Any
    ) -> Any:
        return plain_start(backend, state_machine_arn, name or str(uuid.uuid4()), execution_input or "{}", *rest)

    def reset(backend: Any) -> None:
        for execution in backend._get_executions():
            if execution.status == "RUNNING":
                with suppress(AttributeError):
                    execution.stop(datetime.now(UTC), "", "The local AWS was reset.")
        plain_reset(backend)

    patch(StepFunctionsParserBackend, start_execution=start_execution, reset=reset)


@installs
def end_stopped_executions() -> None:
    """moto lets a stopped execution wait on for its task, and then calls it failed."""
    plain_stop, plain_terminated = Execution.stop, BaseExecutionWorkerCommunication.terminated

    def stop(execution: Any, stop_date: datetime, error: str | None, cause: str | None) -> None:
        if execution.exec_status is ExecutionStatus.RUNNING:
            execution.exec_status, execution.stop_date = ExecutionStatus.ABORTED, stop_date
            execution.error, execution.cause = error or None, cause or None
            plain_stop(execution, stop_date, error, cause)

    def terminated(communication: Any) -> None:
        if communication.execution.exec_status is ExecutionStatus.RUNNING:
            plain_terminated(communication)

    patch(Execution, stop=stop)
    patch(BaseExecutionWorkerCommunication, terminated=terminated)


@repairs("stepfunctions", "StopExecution")
def keep_reason(call: Call, plain: Plain) -> Output:
    """moto drops why an execution was stopped."""
    output = plain()
    backend = stepfunctions_parser_backends[call.account_id][call.region]
    execution: Any = backend.describe_execution(call.params["executionArn"])
    execution.error, execution.cause = call.params.get("error"), call.params.get("cause")
    return output
