"""The approval of a payment as an Amazon States Language document; imports nothing, so that tests can execute it.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from __future__ import annotations

from typing import Any

State = dict[str, Any]

PENDING = "PENDING_APPROVAL"
# A call of the function ends after its own 30 s; this is for calls that got lost.
TASK_TIMEOUT_SECONDS = 60
# Errors that another attempt can mend: Lambda's own, and the ledger's while it fails over. Each task may be repeated.
# https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
TRANSIENT_ERRORS = (
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "LedgerUnavailableError",
)
# Four minutes at most, longer than a failover of the database takes.
PATIENCE = {"IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 8, "MaxDelaySeconds": 60, "JitterStrategy": "FULL"}
# An hour at most: what is taken back must not be given up early.
LAST_PATIENCE = {**PATIENCE, "IntervalSeconds": 5, "MaxAttempts": 12, "MaxDelaySeconds": 600}
SHORT_PATIENCE = {**PATIENCE, "MaxAttempts": 3}


def approval_definition(*, partition: str, function_arn: str, topic_arn: str, approval_hours: int) -> State:
    """Return the state machine: its input is `{"payment_id", "event_id"}`, and no account is ever in it."""
    call = _FunctionCalls(partition, function_arn)
    return {
        "Comment": "A payment above the threshold: a person approves it, then it is charged and published",
        "StartAt": "CheckPending",
        "States": {
            "CheckPending": {
                **call.task("check-pending", next_="StillPending", on_failure="CompensatePayment"),
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
            "RequestApproval": call.approval(approval_hours * 3600),
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
            "Charge": call.task("charge", next_="Publish", on_failure="CompensatePayment"),
            # The relay publishes within a minute or two what is left in the outbox.
            "Publish": call.task(
                "publish", next_="PaymentCommitted", on_failure="LeftToTheRelay", also_transient="OutboxNotEmptyError"
            ),
            "RejectPayment": call.cancel("not approved", next_="PaymentRejected"),
            "CompensatePayment": call.cancel("not charged", next_="PaymentNotCharged"),
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
        self._resource = f"arn:{partition}:states:::lambda:invoke"
        self._function_arn = function_arn

    def task(self, task: str, *, next_: str, on_failure: str, also_transient: str | None = None) -> State:
        """Return a call that goes on to `next_`, or to `on_failure` after every attempt failed."""
        errors = [*TRANSIENT_ERRORS, "States.Timeout", *([also_transient] if also_transient else [])]
        return {
            **self._call(self._resource, {"task": task}),
            "TimeoutSeconds": TASK_TIMEOUT_SECONDS,
            "ResultPath": None,
            "Retry": [{"ErrorEquals": errors, **PATIENCE}],
            "Catch": [_catch("States.ALL", on_failure)],
            "Next": next_,
        }

    def cancel(self, reason: str, *, next_: str) -> State:
        """Return the compensation: a pending payment is rejected, a committed one is reversed."""
        return {
            **self._call(self._resource, {"task": "cancel", "reason": reason}),
            "TimeoutSeconds": TASK_TIMEOUT_SECONDS,
            "ResultPath": None,
            "Retry": [{"ErrorEquals": ["States.ALL"], **LAST_PATIENCE}],
            "Catch": [_catch("States.ALL", "CompensationFailed")],
            "Next": next_,
        }

    def approval(self, timeout_seconds: int) -> State:
        """Return the wait for a person's answer; a timeout is one, and not tried again."""
        return {
            **self._call(
                f"{self._resource}.waitForTaskToken", {"task": "request-approval", "task_token.$": "$$.Task.Token"}
            ),
            "TimeoutSeconds": timeout_seconds,
            "ResultPath": "$.decision",
            "Retry": [{"ErrorEquals": list(TRANSIENT_ERRORS), **PATIENCE}],
            "Catch": [_catch("States.Timeout", "RejectPayment"), _catch("States.ALL", "CompensatePayment")],
            "Next": "Approved",
        }

    def _call(self, resource: str, payload: dict[str, str]) -> State:
        return {
            "Type": "Task",
            "Resource": resource,
            "Parameters": {
                "FunctionName": self._function_arn,
                "Payload": {**payload, "payment_id.$": "$.payment_id"},
            },
        }


def _notify(partition: str, topic_arn: str, approval_hours: int) -> State:
    """Return the notice. A payment whose notice failed can still be approved, so it waits like any other."""
    text = (
        "Payment {} of {} {} waits for approval. Its task token is in the session table under approval/{}; "
        f"without an answer it is rejected after {approval_hours} hours."
    )
    fields = "$.payment_id, $.payment.amount, $.payment.currency, $.payment_id"
    return {
        "Type": "Task",
        "Resource": f"arn:{partition}:states:::sns:publish",
        "Parameters": {
            "TopicArn": topic_arn,
            "Subject": "A payment waits for approval",
            "Message.$": f"States.Format('{text}', {fields})",
        },
        "TimeoutSeconds": TASK_TIMEOUT_SECONDS,
        "ResultPath": None,
        "Retry": [{"ErrorEquals": ["States.ALL"], **SHORT_PATIENCE}],
        "Catch": [_catch("States.ALL", "RequestApproval")],
        "Next": "RequestApproval",
    }


def _catch(error: str, next_: str) -> State:
    return {"ErrorEquals": [error], "ResultPath": "$.failure", "Next": next_}
