"""Hands a payload to what EventBridge's rules and schedules target: functions, queues, topics, state machines, ..."""

import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.core.exceptions import JsonRESTError, ServiceException
from moto.events.models import events_backends
from moto.logs.models import logs_backends
from moto.sns.models import sns_backends
from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import sqs_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local_aws import functions
from local_aws.delivery import DeliveryError
from local_aws.functions.deployed import Target

ACTIONS = {
    "lambda": "lambda:InvokeFunction",
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "states": "states:StartExecution",
    "events": "events:PutEvents",
    "logs": "logs:PutLogEvents",
}
ENVELOPE_TIME = "%Y-%m-%dT%H:%M:%SZ"
"""How an event's envelope writes its time."""


class ForwardedEvent(dict[str, Any]):
    """An event, as moto keeps it, that a bus has received from another bus."""


May = Callable[[str, str], bool]
"""Whether the sender may do this action on this resource."""


def send_to_target(arn: str, payload: str, settings: dict[str, Any], *, sender: str, may: May) -> None:
    """Hands the payload over. `sender` names who sends in refusals. Raises DeliveryError."""
    _, _, service, region, account, resource = arn.split(":", 5)
    if service not in ACTIONS or (service == "events" and not resource.startswith("event-bus/")):
        reason = f"The local AWS delivers to {', '.join(ACTIONS)}, not to {arn}."
        raise DeliveryError("NOT_SUPPORTED_BY_LOCAL_AWS", reason, retriable=False)
    try:
        if not may(ACTIONS[service], arn):
            reason = f"{sender} is not authorized to perform: {ACTIONS[service]} on resource: {arn}"
            raise DeliveryError("NO_PERMISSIONS", reason, retriable=False)
        _SENDERS[service](arn, region, account, payload, settings)
    except UnknownFunctionException as error:
        raise DeliveryError("NO_RESOURCE", error.message, retriable=False) from None
    except QueueDoesNotExist:
        raise DeliveryError("NO_RESOURCE", f"The queue {arn} does not exist.", retriable=False) from None
    except (ServiceException, JsonRESTError) as error:
        raise DeliveryError("NO_RESOURCE", str(error), retriable=False) from None


def _invoke(arn: str, region: str, account: str, payload: str, settings: dict[str, Any]) -> None:  # noqa: ARG001
    functions.invoke_later(Target.at(arn), payload.encode())


def _send(arn: str, region: str, account: str, payload: str, settings: dict[str, Any]) -> None:
    group = (settings.get("SqsParameters") or {}).get("MessageGroupId")
    sqs_backends[account][region].send_message(arn.rpartition(":")[2], payload, group_id=group)


def _publish(arn: str, region: str, account: str, payload: str, settings: dict[str, Any]) -> None:  # noqa: ARG001
    sns_backends[account][region].publish(payload, arn)


def _start(arn: str, region: str, account: str, payload: str, settings: dict[str, Any]) -> None:  # noqa: ARG001
    stepfunctions_parser_backends[account][region].start_execution(arn, str(uuid.uuid4()), payload)


def _put_event(arn: str, region: str, account: str, payload: str, settings: dict[str, Any]) -> None:
    """A rule's event keeps its envelope, also its Region, on the other bus; a schedule puts an event of its own.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
    """
    backend, given = events_backends[account][region], settings.get("EventBridgeParameters")
    if given:
        entry = {"Source": given["Source"], "DetailType": given["DetailType"], "Detail": payload, "Resources": []}
        backend.put_events([{**entry, "EventBusName": arn}])
        return
    event = json.loads(payload)
    sent = datetime.strptime(event["time"], ENVELOPE_TIME).replace(tzinfo=UTC).timestamp()
    for rule in list(backend.describe_event_bus(arn).rules.values()):
        forwarded: Any = ForwardedEvent({**event, "time": sent, "ingestion-time": time.time()})
        rule.send_to_targets(forwarded)


def _log(arn: str, region: str, account: str, payload: str, settings: dict[str, Any]) -> None:  # noqa: ARG001
    group, stream = arn.split(":")[6], str(uuid.uuid4())
    backend = logs_backends[account][region]
    backend.create_log_stream(group, stream)
    backend.put_log_events(group, stream, [{"timestamp": int(time.time() * 1000), "message": payload}])


_SENDERS = {
    "lambda": _invoke,
    "sqs": _send,
    "sns": _publish,
    "states": _start,
    "events": _put_event,
    "logs": _log,
}
