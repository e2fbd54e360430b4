"""Deliveries that are tried again when they fail, then given up: by EventBridge's rules and by its scheduler
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html)."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local_aws.functions.schedule import Schedule

DEFAULT_RETRIES = 185
DEFAULT_MAX_AGE = 24 * 60 * 60
RETRY_SECONDS = float(os.environ.get("LOCAL_AWS_RETRY_SECONDS", "0.5"))
"""Wait before the first retry, doubled up to LONGEST_RETRY_SECONDS; AWS's back-off is longer and random."""
LONGEST_RETRY_SECONDS = 30.0


class DeliveryError(Exception):
    """A payload did not reach its target. `code` is EventBridge's."""

    def __init__(self, code: str, message: str, *, retriable: bool) -> None:
        super().__init__(message)
        self.code = code
        self.retriable = retriable


@dataclass(frozen=True)
class Delivery:
    """A payload on its way to one target. `source_arn` names the rule or schedule; `settings` are the target's."""

    source_arn: str
    account: str
    settings: dict[str, Any]
    payload: str
    accepted: float

    @property
    def target_arn(self) -> str:
        return str(self.settings["Arn"])

    @property
    def dead_letter_queue(self) -> str | None:
        """The ARN of the queue for what cannot be delivered."""
        arn: str | None = (self.settings.get("DeadLetterConfig") or {}).get("Arn")
        return arn


@dataclass(frozen=True)
class Failure:
    """Why a delivery was given up. `exhausted`: which limit of the retry policy was reached, if one was."""

    error: DeliveryError
    retries: int
    exhausted: str | None

    def attributes(self) -> dict[str, tuple[str, str]]:
        """What a dead letter's message attributes say of it."""
        found = {
            "ERROR_CODE": ("String", self.error.code),
            "ERROR_MESSAGE": ("String", str(self.error)),
        }
        if self.exhausted:
            found["EXHAUSTED_RETRY_CONDITION"] = ("String", self.exhausted)
        return found


Invoke = Callable[[Delivery], None]
"""Hands a payload to its target, or raises DeliveryError."""

GiveUp = Callable[[Delivery, Failure], None]
"""Takes a delivery that has failed for good."""


class Deliveries:
    """Deliveries that are retried by the target's policy."""

    def __init__(
        self, schedule: Schedule, invoke: Invoke, give_up: GiveUp, retry_seconds: float = RETRY_SECONDS
    ) -> None:
        self._schedule = schedule
        self._invoke = invoke
        self._give_up = give_up
        self._retry_seconds = retry_seconds

    def deliver(self, delivery: Delivery) -> None:
        """Delivers in the background."""
        self._schedule.after(0, lambda: self._attempt(delivery, 0))

    def _attempt(self, delivery: Delivery, retries: int) -> None:
        try:
            return self._invoke(delivery)
        except DeliveryError as error:
            failure = error
        except Exception as error:
            failure = DeliveryError("ERROR_FROM_TARGET", f"{type(error).__name__}: {error}", retriable=True)
        policy = delivery.settings.get("RetryPolicy") or {}
        exhausted = None
        if retries >= policy.get("MaximumRetryAttempts", DEFAULT_RETRIES):
            exhausted = "MaximumRetryAttempts"
        elif time.monotonic() - delivery.accepted > policy.get("MaximumEventAgeInSeconds", DEFAULT_MAX_AGE):
            exhausted = "MaximumEventAgeInSeconds"
        if failure.retriable and exhausted is None:
            wait = min(self._retry_seconds * 2**retries, LONGEST_RETRY_SECONDS)
            return self._schedule.after(wait, lambda: self._attempt(delivery, retries + 1))
        return self._give_up(delivery, Failure(failure, retries, exhausted if failure.retriable else None))
