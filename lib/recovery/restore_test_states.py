"""States of the validation of restores: calls of AWS's APIs, results, notices."""

from __future__ import annotations

from lib.recovery.states import TASK_TIMEOUT_SECONDS
from lib.workflow.states import SHORT_PATIENCE, State, catch, notice

ANY_ERROR = [{"ErrorEquals": ["States.ALL"], **SHORT_PATIENCE}]


class AwsCalls:
    """States that call AWS's APIs."""

    def __init__(self, partition: str) -> None:
        self._partition = partition

    def call(self, action: str, parameters: State, *, next_: str, on_failure: str, keep: State | None = None) -> State:
        """Return a call that is tried again whatever went wrong. `keep` has what is kept of the answer, by name."""
        (name, selected) = next(iter(keep.items())) if keep else (None, None)
        kept = {"ResultSelector": selected, "ResultPath": f"$.{name}"} if keep else {"ResultPath": None}
        return {
            "Type": "Task",
            "Resource": f"arn:{self._partition}:states:::aws-sdk:{action}",
            "Parameters": parameters,
            **kept,
            "TimeoutSeconds": TASK_TIMEOUT_SECONDS,
            "Retry": ANY_ERROR,
            "Catch": [catch("States.ALL", on_failure)],
            "Next": next_,
        }


class Notices:
    """Messages to the topic."""

    def __init__(self, partition: str, topic_arn: str, place: str) -> None:
        self._partition = partition
        self._topic_arn = topic_arn
        self._subject = f"Restore test of {place}"

    def tell(self, outcome: str, text: str, *fields: str, next_: str) -> State:
        return notice(
            self._partition,
            self._topic_arn,
            subject=f"{self._subject}: {outcome}",
            message=f"States.Format('{text}', {', '.join(fields)})",
            next_=next_,
        )


def result(status: str, text: str, fields: str, *, next_: str) -> State:
    """Return the state that says what AWS Backup is told; each `{}` of the text is filled from a path."""
    return {
        "Type": "Pass",
        "Parameters": {"status": status, "message.$": f"States.Format('{text}', {fields})"},
        "ResultPath": "$.result",
        "Next": next_,
    }


def failed(error: str, cause: str, *, next_: str) -> State:
    """Return the state that says what is wrong where no call has failed."""
    return {"Type": "Pass", "Result": {"Error": error, "Cause": cause}, "ResultPath": "$.failure", "Next": next_}
