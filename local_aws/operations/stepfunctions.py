"""Step Functions: answers to tasks that wait for a token. moto loses the cause of a failure and takes answers twice.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
"""

import json
from typing import Any

from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackOutcomeFailure, CallbackOutcomeSuccess
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.registry import operation


def _task(call: Call) -> Any:
    """What waits for the token. Raises AwsError where nothing does, or not any more."""
    backend = stepfunctions_parser_backends[call.account_id][call.region]
    for execution in backend._get_executions():
        environment = execution.exec_worker and execution.exec_worker.env
        task = environment and environment.callback_pool_manager.get(call.params["taskToken"])
        if task:
            if task._notify_event.is_set() or execution.status != "RUNNING":
                raise AwsError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
            return task
    raise AwsError("InvalidToken", "Invalid Token: 'Invalid token'")


@operation("stepfunctions", "SendTaskSuccess")
def send_task_success(call: Call) -> None:
    """Ends the task with its output."""
    output = call.params["output"]
    try:
        json.loads(output)
    except ValueError as error:
        raise AwsError("InvalidOutput", f"Invalid Output: '{error}'") from None
    task = _task(call)
    task.notify(CallbackOutcomeSuccess(task.callback_id, output))


@operation("stepfunctions", "SendTaskFailure")
def send_task_failure(call: Call) -> None:
    """Ends the task with an error."""
    task = _task(call)
    task.notify(CallbackOutcomeFailure(task.callback_id, call.params.get("error"), call.params.get("cause")))
