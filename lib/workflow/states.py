"""States that state machines share, as Amazon States Language; imports nothing, so that tests can execute them.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

State = dict[str, Any]

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
# An hour at most: for what must not be given up early.
LAST_PATIENCE = {**PATIENCE, "IntervalSeconds": 5, "MaxAttempts": 12, "MaxDelaySeconds": 600}
SHORT_PATIENCE = {**PATIENCE, "MaxAttempts": 3}
NOTICE_TIMEOUT_SECONDS = 60


def call(partition: str, function_arn: str, payload: Mapping[str, object], *, wait_for_token: bool = False) -> State:
    """Return the beginning of a state that calls a function; with `wait_for_token` it lasts until a person answers."""
    return {
        "Type": "Task",
        "Resource": f"arn:{partition}:states:::lambda:invoke{'.waitForTaskToken' if wait_for_token else ''}",
        "Parameters": {"FunctionName": function_arn, "Payload": dict(payload)},
    }


def notice(partition: str, topic_arn: str, *, subject: str, message: str, next_: str) -> State:
    """Return a message to a topic. What follows does so too when it could not be sent.

    `message` is a path, or a call of an intrinsic function.
    """
    return {
        "Type": "Task",
        "Resource": f"arn:{partition}:states:::sns:publish",
        "Parameters": {"TopicArn": topic_arn, "Subject": subject, "Message.$": message},
        "TimeoutSeconds": NOTICE_TIMEOUT_SECONDS,
        "ResultPath": None,
        "Retry": [{"ErrorEquals": ["States.ALL"], **SHORT_PATIENCE}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.untold", "Next": next_}],
        "Next": next_,
    }


def catch(error: str, next_: str) -> State:
    """Return where an error leads; what it was stands in `$.failure` from then on."""
    return {"ErrorEquals": [error], "ResultPath": "$.failure", "Next": next_}
