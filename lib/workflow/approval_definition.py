"""The approval of a payment as an Amazon States Language document; imports no provider, so that tests can execute it.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from __future__ import annotations

from lib.workflow.states import (
    LAST_PATIENCE,
    PATIENCE,
    TRANSIENT_ERRORS,
    State,
    call,
    catch,
    notice,
)

PENDING = "PENDING_APPROVAL"
# A call of the function ends after its own 30 s; this is for calls that got lost.
TASK_TIMEOUT_SECONDS = 60


def approval_definition(*, partition: str, function_arn: str, topic_arn: str, approval_hours: int) -> State:
    """Return the state machine: its input is `{"payment_id", "event_id"}`, and no account is ever in it."""
    function = _FunctionCalls(partition, function_arn)
    return {
        "Comment": "A payment above the threshold: a person approves it, then it is charged and published",
        "StartAt": "CheckPending",
        "States": {
            "CheckPending": {
                **function.task("check-pending", next_="StillPending", on_failure="CompensatePayment"),
                "ResultSelector": {
                    "status.$": "$.Payload.status",
                    "amount.$": "$.Payload.amount",
                    "currency.$": "$.Payload.currency",
                },
                "ResultPath": "$.payment",
            },
            "StillPending": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.payment.status", "StringEquals": PENDING, "Next": "NotifyApprovers"}],
                "Default": "AlreadyDecided",
            },
            "NotifyApprovers": _notify(partition, topic_arn, approval_hours),
            "RequestApproval": function.approval(approval_hours * 3600),
            "Approved": {
                "Type": "Choice",
                "Choices": [
                    {
                        "And": [
                            {"Variable": "$.decision.approved", "IsPresent": True},
                            {"Variable": "$.decision.approved", "BooleanEquals": True},
                        ],
                        "Next": "Charge",
                    }
                ],
                "Default": "RejectPayment",
            },
            "Charge": function.task("charge", next_="Publish", on_failure="CompensatePayment"),
            # The relay publishes within a minute or two what is left in the outbox.
            "Publish": function.task(
                "publish", next_="PaymentCommitted", on_failure="LeftToTheRelay", also_transient="OutboxNotEmptyError"
            ),
            "RejectPayment": function.cancel("not approved", next_="PaymentRejected"),
            "CompensatePayment": function.cancel("not charged", next_="PaymentNotCharged"),
            "AlreadyDecided": {"Type": "Succeed"},
            "PaymentCommitted": {"Type": "Succeed"},
            "LeftToTheRelay": {"Type": "Succeed"},
            "PaymentRejected": {"Type": "Succeed"},
            "PaymentNotCharged": {
                "Type": "Fail",
                "Error": "PaymentNotCharged",
                "Cause": "The payment could not be charged and was taken back",
            },
            "CompensationFailed": {
                "Type": "Fail",
                "Error": "CompensationFailed",
                "Cause": "The payment could not be taken back: see what the ledger holds, then repeat the task cancel",
            },
        },
    }


class _FunctionCalls:
    """States that call the payment function."""

    def __init__(self, partition: str, function_arn: str) -> None:
        self._partition = partition
        self._function_arn = function_arn

    def task(self, task: str, *, next_: str, on_failure: str, also_transient: str | None = None) -> State:
        """Return a call that goes on to `next_`, or to `on_failure` after every attempt failed."""
        errors = [*TRANSIENT_ERRORS, "States.Timeout", *([also_transient] if also_transient else [])]
        return {
            **self._call({"task": task}),
            "TimeoutSeconds": TASK_TIMEOUT_SECONDS,
            "ResultPath": None,
            "Retry": [{"ErrorEquals": errors, **PATIENCE}],
            "Catch": [catch("States.ALL", on_failure)],
            "Next": next_,
        }

    def cancel(self, reason: str, *, next_: str) -> State:
        """Return the compensation: a pending payment is rejected, a committed one is reversed."""
        return {
            **self._call({"task": "cancel", "reason": reason}),
            "TimeoutSeconds": TASK_TIMEOUT_SECONDS,
            "ResultPath": None,
            "Retry": [{"ErrorEquals": ["States.ALL"], **LAST_PATIENCE}],
            "Catch": [catch("States.ALL", "CompensationFailed")],
            "Next": next_,
        }

    def approval(self, timeout_seconds: int) -> State:
        """Return the wait for a person's answer; a timeout is one, and not tried again."""
        return {
            **self._call({"task": "request-approval", "task_token.$": "$$.Task.Token"}, wait_for_token=True),
            "TimeoutSeconds": timeout_seconds,
            "ResultPath": "$.decision",
            "Retry": [{"ErrorEquals": list(TRANSIENT_ERRORS), **PATIENCE}],
            "Catch": [catch("States.Timeout", "RejectPayment"), catch("States.ALL", "CompensatePayment")],
            "Next": "Approved",
        }

    def _call(self, payload: dict[str, str], *, wait_for_token: bool = False) -> State:
        payment = {**payload, "payment_id.$": "$.payment_id"}
        return call(self._partition, self._function_arn, payment, wait_for_token=wait_for_token)


def _notify(partition: str, topic_arn: str, approval_hours: int) -> State:
    """Return the notice. A payment whose notice failed can still be approved, so it waits like any other."""
    text = (
        "Payment {} of {} {} waits for approval. Its task token is in the session table under approval/{}; "
        f"without an answer it is rejected after {approval_hours} hours."
    )
    fields = "$.payment_id, $.payment.amount, $.payment.currency, $.payment_id"
    return notice(
        partition,
        topic_arn,
        subject="A payment waits for approval",
        message=f"States.Format('{text}', {fields})",
        next_="RequestApproval",
    )
