"""Asynchronous invocations: accepted at once, run later, retried, and in the end sent to a destination
(https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html)."""

import json
import logging
import os
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction

from local_aws.functions.deployed import Target, kept_setting
from local_aws.functions.destination import message_of, send
from local_aws.functions.errors import CutOffError, TooManyRequestsError
from local_aws.functions.invocation import Outcome
from local_aws.functions.schedule import Schedule
from local_aws.functions.service import FunctionService, check_payload

REQUEST_LIMIT = 256 * 1024
"""Bytes of an asynchronous request."""

RETRY_SECONDS = float(os.environ.get("LOCAL_AWS_RETRY_SECONDS", "0.5"))
"""Wait before the first retry; AWS waits a minute. The next wait is twice as long, as in AWS."""

DEFAULT_RETRIES = 2
DEFAULT_MAX_AGE = 6 * 60 * 60
LONGEST_THROTTLE_SECONDS = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Event:
    """One asynchronous invocation; it keeps its request id over all attempts."""

    target: Target
    payload: bytes
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    accepted: float = field(default_factory=time.monotonic)


class AsynchronousInvocations:
    """Lambda's event queue."""

    def __init__(self, service: FunctionService, schedule: Schedule) -> None:
        self._service = service
        self._schedule = schedule

    def accept(self, target: Target, payload: bytes) -> str:
        """Queues the event and returns its request id. Raises what an Invoke call would be refused with."""
        check_payload(payload, REQUEST_LIMIT)
        target.function()
        event = Event(target, payload or b"{}")
        self._schedule.after(0, lambda: self._attempt(event, 1, 0))
        return event.request_id

    def _attempt(self, event: Event, attempt: int, throttles: int) -> None:
        try:
            function, latest = event.target.function(), event.target.latest()
            config = _config(latest)
            if self._too_old(event, config):
                return self._finish(event, function, config, "EventAgeExceeded", attempt - 1, None)
            outcome = self._service.invoke(event.target, event.payload, request_id=event.request_id)
        except (CutOffError, TooManyRequestsError) as error:
            if isinstance(error, TooManyRequestsError) and error.limit == 0:
                return self._finish(event, function, config, "ZeroConcurrency", attempt - 1, None)
            wait = min(RETRY_SECONDS * 2**throttles, LONGEST_THROTTLE_SECONDS)
            return self._schedule.after(wait, lambda: self._attempt(event, attempt, throttles + 1))
        except LambdaClientError as error:
            return log.warning("An event for %s is dropped: %s", event.target.arn, error.message)
        if outcome.result.error is None:
            return self._finish(event, function, config, "Success", attempt, outcome)
        if attempt > config.get("MaximumRetryAttempts", DEFAULT_RETRIES):
            return self._finish(event, function, config, "RetriesExhausted", attempt, outcome)
        return self._schedule.after(
            RETRY_SECONDS * 2 ** (attempt - 1), lambda: self._attempt(event, attempt + 1, throttles)
        )

    def _too_old(self, event: Event, config: dict[str, Any]) -> bool:
        return time.monotonic() - event.accepted > float(config.get("MaximumEventAgeInSeconds", DEFAULT_MAX_AGE))

    def _finish(
        self,
        event: Event,
        function: LambdaFunction,
        config: dict[str, Any],
        condition: str,
        attempts: int,
        outcome: Outcome | None,
    ) -> None:
        failed = condition != "Success"
        outcomes = config.get("DestinationConfig") or {}
        destination = (outcomes.get("OnFailure" if failed else "OnSuccess") or {}).get("Destination")
        if destination:
            record = json.dumps(_record(event, condition, attempts, outcome))
            kind = f"Lambda Function Invocation Result - {'Failure' if failed else 'Success'}"
            if not send(function.role, destination, record, {}, kind):
                self.accept(Target.at(destination), record.encode())
        queue = kept_setting(function, "DeadLetterConfig").get("TargetArn")
        if failed and queue:
            send(function.role, queue, event.payload.decode(), _dead_letter_attributes(event, outcome))


def _config(function: LambdaFunction) -> dict[str, Any]:
    """The event invoke configuration: moto keeps one for all qualifiers, and appends each change."""
    return function.event_invoke_config[-1].config if function.event_invoke_config else {}


def _record(event: Event, condition: str, attempts: int, outcome: Outcome | None) -> dict[str, Any]:
    """An invocation record (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html)."""
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": event.target.arn if event.target.qualifier else f"{event.target.arn}:$LATEST",
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": json.loads(event.payload),
    }
    if outcome:
        context: dict[str, Any] = {"statusCode": 200, "executedVersion": outcome.executed_version}
        if outcome.result.error:
            context["functionError"] = outcome.result.error
        record["responseContext"] = context
        record["responsePayload"] = json.loads(outcome.result.payload)
    return record


def _dead_letter_attributes(event: Event, outcome: Outcome | None) -> dict[str, tuple[str, str]]:
    """Attributes of a dead letter (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html)."""
    message = message_of(outcome.result.payload) if outcome else "Rate Exceeded."
    return {
        "RequestID": ("String", event.request_id),
        "ErrorCode": ("Number", "200" if outcome else "429"),
        "ErrorMessage": ("String", message[:1024] or "-"),
    }
