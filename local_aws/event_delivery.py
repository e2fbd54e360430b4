"""Delivers EventBridge events to Lambda targets, which moto's event buses do not
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html)."""

import copy
import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jsonpath_ng.ext.parser import parse
from moto.awslambda.exceptions import UnknownFunctionException
from moto.events.models import Rule
from moto.events.utils import EventTemplateParser
from moto.sqs.models import sqs_backends

from local_aws import functions
from local_aws.functions.deployed import Target
from local_aws.functions.destination import send_to_queue
from local_aws.functions.permission import service_may_invoke
from local_aws.functions.policy import allows, service_access, statements_of
from local_aws.functions.schedule import Schedule

SERVICE = "events.amazonaws.com"
DEFAULT_RETRIES = 185
DEFAULT_MAX_AGE = 24 * 60 * 60
RETRY_SECONDS = float(os.environ.get("LOCAL_AWS_RETRY_SECONDS", "0.5"))
"""Wait before the first retry, doubled up to LONGEST_RETRY_SECONDS; AWS's back-off is longer and random."""
LONGEST_RETRY_SECONDS = 30.0

log = logging.getLogger(__name__)


class DeliveryError(Exception):
    """An event did not reach its target. `code` is EventBridge's."""

    def __init__(self, code: str, message: str, *, retriable: bool) -> None:
        super().__init__(message)
        self.code = code
        self.retriable = retriable


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one target. `settings` are the target's in PutTargets."""

    rule_arn: str
    account: str
    settings: dict[str, Any]
    payload: str
    accepted: float

    @property
    def target_arn(self) -> str:
        return str(self.settings["Arn"])


Invoke = Callable[[Delivery], None]
"""Hands an event to its target, or raises DeliveryError."""


def invoke_function(delivery: Delivery) -> None:
    """Invokes a function asynchronously, as far as its resource policy lets the rule."""
    target = Target.at(delivery.target_arn)
    try:
        if not service_may_invoke(target, SERVICE, delivery.rule_arn):
            reason = f"{SERVICE} is not authorized to perform: lambda:InvokeFunction on resource: {target.arn}"
            raise DeliveryError("NO_PERMISSIONS", reason, retriable=False)
        functions.invoke_later(target, delivery.payload.encode())
    except UnknownFunctionException as error:
        raise DeliveryError("NO_RESOURCE", error.message, retriable=False) from None


class Deliveries:
    """Deliveries to function targets, retried by the target's policy, then sent to its dead-letter queue."""

    def __init__(
        self, schedule: Schedule, invoke: Invoke = invoke_function, retry_seconds: float = RETRY_SECONDS
    ) -> None:
        self._schedule = schedule
        self._invoke = invoke
        self._retry_seconds = retry_seconds

    def deliver(self, delivery: Delivery) -> None:
        """Delivers in the background."""
        self._schedule.after(0, lambda: self._attempt(delivery, 0))

    def _attempt(self, delivery: Delivery, retries: int) -> None:
        try:
            self._invoke(delivery)
        except DeliveryError as error:
            failure = error
        except Exception as error:
            failure = DeliveryError("ERROR_FROM_TARGET", f"{type(error).__name__}: {error}", retriable=True)
        else:
            return None
        policy = delivery.settings.get("RetryPolicy") or {}
        exhausted = None
        if retries >= policy.get("MaximumRetryAttempts", DEFAULT_RETRIES):
            exhausted = "MaximumRetryAttempts"
        elif time.monotonic() - delivery.accepted > policy.get("MaximumEventAgeInSeconds", DEFAULT_MAX_AGE):
            exhausted = "MaximumEventAgeInSeconds"
        if failure.retriable and exhausted is None:
            wait = min(self._retry_seconds * 2**retries, LONGEST_RETRY_SECONDS)
            return self._schedule.after(wait, lambda: self._attempt(delivery, retries + 1))
        return _give_up(delivery, failure, retries, exhausted if failure.retriable else None)


def _give_up(delivery: Delivery, failure: DeliveryError, retries: int, exhausted: str | None) -> None:
    """Sends the event to the target's dead-letter queue, if it has one that lets the rule; else it is lost."""
    queue = (delivery.settings.get("DeadLetterConfig") or {}).get("Arn")
    log.warning("Rule %s: no delivery to %s: %s", delivery.rule_arn, delivery.target_arn, failure)
    if not queue:
        return
    _, _, _, region, account, name = queue.split(":", 5)
    access = service_access("sqs:SendMessage", queue, SERVICE, delivery.rule_arn, delivery.account)
    statements = statements_of(sqs_backends[account][region].get_queue(name).policy)
    if not allows(statements, access, resource_policy=True):
        log.warning("An event is lost: the policy of %s does not let %s send to it.", queue, delivery.rule_arn)
        return
    attributes = {
        "RULE_ARN": ("String", delivery.rule_arn),
        "TARGET_ARN": ("String", delivery.target_arn),
        "ERROR_CODE": ("String", failure.code),
        "ERROR_MESSAGE": ("String", str(failure)),
        "RETRY_ATTEMPTS": ("Number", str(retries)),
    }
    if exhausted:
        attributes["EXHAUSTED_RETRY_CONDITION"] = ("String", exhausted)
    send_to_queue(queue, delivery.payload, attributes)


def envelope(event: dict[str, Any]) -> dict[str, Any]:
    """The event as targets see it, from the form in which moto keeps it."""
    sent = {name: value for name, value in event.items() if name != "ingestion-time"}
    try:
        moment = datetime.fromtimestamp(float(event["time"]), UTC)
    except ValueError:
        return sent
    return {**sent, "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}


def target_input(settings: dict[str, Any], event: dict[str, Any]) -> str:
    """What a target gets for an event: constant, a part of it, rewritten, or all of it."""
    if settings.get("Input"):
        return str(settings["Input"])
    if settings.get("InputPath"):
        found = parse(settings["InputPath"]).find(envelope(event))
        return json.dumps(found[0].value if found else {})
    transformer = settings.get("InputTransformer")
    if transformer:
        whole: Any = {**envelope(event), "ingestion-time": envelope(event)["time"]}
        paths = transformer.get("InputPathsMap", {})
        return json.dumps(EventTemplateParser.parse(transformer["InputTemplate"], paths, whole))
    return json.dumps(envelope(event))


def install() -> None:
    """Makes moto's rules deliver to functions, and deliver nothing while they are disabled. Once per process."""
    functions.install()
    deliveries = Deliveries(Schedule())
    patched: Any = Rule
    send_to_others = patched.send_to_targets

    def send_to_targets(rule: Rule, original_event: Any, transform_input: bool = True) -> None:
        if rule.state != "ENABLED":
            return
        lambdas = [target for target in rule.targets if target["Arn"].split(":")[2] == "lambda"]
        others = copy.copy(rule)
        others.targets = [target for target in rule.targets if target not in lambdas]
        send_to_others(others, original_event, transform_input)
        if lambdas and rule.event_pattern.matches_event(original_event):
            for target in lambdas:
                payload = target_input(target, dict(original_event))
                deliveries.deliver(Delivery(rule.arn, rule.account_id, target, payload, time.monotonic()))

    patched.send_to_targets = send_to_targets
