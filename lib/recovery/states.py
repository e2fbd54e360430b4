"""States that recoveries share: tasks of the recovery function, what is told, and how a recovery ends."""

from __future__ import annotations

from collections.abc import Sequence

from lib.workflow.states import PATIENCE, SHORT_PATIENCE, TRANSIENT_ERRORS, State, call, catch, notice

TELL_FAILURE = "TellFailure"
# A call of the function mostly takes seconds; this is for calls that got lost.
TASK_TIMEOUT_SECONDS = 120
# Of the whole ledger: as long as Lambda lets it take.
CHECK_TIMEOUT_SECONDS = 930


def every(seconds: int, *, during: int) -> dict[str, object]:
    """Return how often and for how long something is asked for that comes by itself, in seconds."""
    return {"IntervalSeconds": seconds, "BackoffRate": 1, "MaxAttempts": during // seconds}


class RecoveryStates:
    """Makes the states of one recovery, which `what` names in its notices, such as `Failover of the writer`."""

    def __init__(self, *, partition: str, function_arn: str, topic_arn: str, what: str) -> None:
        self._partition = partition
        self._function_arn = function_arn
        self._topic_arn = topic_arn
        self._what = what

    def task(
        self,
        task: str,
        *,
        next_: str,
        keep: tuple[str, Sequence[str]] | None = None,
        until: tuple[str, dict[str, object]] | None = None,
        on_failure: str = TELL_FAILURE,
        timeout_seconds: int = TASK_TIMEOUT_SECONDS,
        **parameters: object,
    ) -> State:
        """Return a call of the function that goes on to `next_`, or to `on_failure` after every attempt failed.

        `keep` is a name, and the fields of the answer that later states find there. `until` is an error that says "not
        yet", and how often the task is asked then. Parameters whose name ends in `_from` are paths.
        """
        retries = [{"ErrorEquals": [*TRANSIENT_ERRORS, "States.Timeout"], **PATIENCE}]
        if until:
            retries.insert(0, {"ErrorEquals": [until[0]], **until[1]})
        kept: State = {"ResultPath": None}
        if keep:
            name, fields = keep
            kept = {
                "ResultSelector": {f"{field}.$": f"$.Payload.{field}" for field in fields},
                "ResultPath": f"$.{name}",
            }
        return {
            **call(self._partition, self._function_arn, {"task": task, **_with_paths(parameters)}),
            **kept,
            "TimeoutSeconds": timeout_seconds,
            "Retry": retries,
            "Catch": [catch("States.ALL", on_failure)],
            "Next": next_,
        }

    def check_ledger(self, *, next_: str) -> State:
        """Return the check that no payment is without its entries; the recovery fails where one is."""
        return self.task(
            "check-ledger",
            next_=next_,
            keep=("ledger", ("payments", "newest", "outbox_waiting")),
            timeout_seconds=CHECK_TIMEOUT_SECONDS,
            strict=True,
        )

    def check_service(self, *, next_: str) -> State:
        """Return the wait for the service to be well."""
        return self.task("check-service", next_=next_, until=("ServiceUnhealthyError", every(5, during=300)))

    def is_service_well(self, *, next_: str, otherwise: str) -> State:
        """Return the question whether the service is well, which waits for half a minute and not for the ledger."""
        errors = [error for error in TRANSIENT_ERRORS if error != "LedgerUnavailableError"]
        return {
            **self.task("check-service", next_=next_, on_failure=otherwise),
            "Retry": [
                {"ErrorEquals": ["ServiceUnhealthyError"], **every(5, during=30)},
                {"ErrorEquals": errors, **SHORT_PATIENCE},
            ],
        }

    def approval(self, hours: int, *, next_: str, on_timeout: str) -> State:
        """Return the wait for a person's answer; a timeout is one, and not tried again."""
        payload = {
            "task": "request-approval",
            "task_token.$": "$$.Task.Token",
            "execution.$": "$$.Execution.Name",
            "summary.$": "$.summary.text",
        }
        return {
            **call(self._partition, self._function_arn, payload, wait_for_token=True),
            "TimeoutSeconds": hours * 3600,
            "ResultPath": "$.decision",
            "Retry": [{"ErrorEquals": list(TRANSIENT_ERRORS), **PATIENCE}],
            "Catch": [catch("States.Timeout", on_timeout), catch("States.ALL", TELL_FAILURE)],
            "Next": next_,
        }

    def tell(self, outcome: str, text: str, *fields: str, next_: str) -> State:
        """Return a notice; each `{}` of the text is filled from the path of a field."""
        filled = f"States.Format('{text}', {', '.join(fields)})"
        return notice(self._partition, self._topic_arn, subject=f"{self._what}: {outcome}", message=filled, next_=next_)

    def failure(self) -> dict[str, State]:
        """Return how a recovery ends that a person must look at: with a notice, and the error of what failed."""
        text = f"{self._what}, requested by {{}}, failed: {{}}. {{}} Execution: {{}}"
        fields = ("$.requested_by", "$.failure.Error", "$.failure.Cause", "$$.Execution.Id")
        return {
            TELL_FAILURE: self.tell("failed", text, *fields, next_="Failed"),
            "Failed": {"Type": "Fail", "ErrorPath": "$.failure.Error", "CausePath": "$.failure.Cause"},
        }


def is_true(path: str) -> State:
    """Return the rule of a choice that what a path leads to is there and true."""
    return {"And": [{"Variable": path, "IsPresent": True}, {"Variable": path, "BooleanEquals": True}]}


def is_text(path: str, text: str | None = None) -> State:
    """Return the rule of a choice that what a path leads to is there and a text, or this text."""
    is_it = {"Variable": path, "IsString": True} if text is None else {"Variable": path, "StringEquals": text}
    return {"And": [{"Variable": path, "IsPresent": True}, is_it]}


def _with_paths(parameters: dict[str, object]) -> dict[str, object]:
    suffix = "_from"
    return {
        f"{name.removesuffix(suffix)}.$" if name.endswith(suffix) else name: value for name, value in parameters.items()
    }
