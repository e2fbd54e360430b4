"""Where Lambda sends records of asynchronous invocations: queues, topics, event buses, functions."""

import json
import logging
from collections.abc import Mapping

from moto.events.models import events_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from local_aws.functions.execution_role import role_allows

ACTIONS = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "events": "events:PutEvents",
    "lambda": "lambda:InvokeFunction",
}

log = logging.getLogger(__name__)


def send(role: str, arn: str, body: str, attributes: Mapping[str, tuple[str, str]], detail_type: str = "") -> bool:
    """Sends with the permissions of the execution role; what fails is lost, and logged.

    Attributes are message attributes, name to type and value. Returns False for functions, which the caller invokes.
    """
    _, _, service, region, account, _ = arn.split(":", 5)
    if not role_allows(role, ACTIONS[service], arn):
        log.warning("An event for %s is lost: %s may not %s.", arn, role, ACTIONS[service])
        return True
    try:
        match service:
            case "sqs":
                send_to_queue(arn, body, attributes)
            case "sns":
                sent = {name: {"Type": kind, "Value": value} for name, (kind, value) in attributes.items()}
                sns_backends[account][region].publish(body, arn, message_attributes=sent)
            case "events":
                entry = {"Source": "lambda", "DetailType": detail_type, "Detail": body, "EventBusName": arn}
                events_backends[account][region].put_events([entry])
            case _:
                return False
    except Exception:
        log.exception("An event for %s is lost", arn)
    return True


def send_to_queue(arn: str, body: str, attributes: Mapping[str, tuple[str, str]]) -> None:
    """Sends a message to a queue. Attributes: name to type and value."""
    _, _, _, region, account, name = arn.split(":", 5)
    sent = {key: {"DataType": kind, "StringValue": value} for key, (kind, value) in attributes.items()}
    sqs_backends[account][region].send_message(name, body, message_attributes=sent)


def message_of(error: bytes) -> str:
    """The message in an error that a function ended with."""
    try:
        read = json.loads(error)
    except ValueError:
        return error.decode(errors="replace")
    return str(read.get("errorMessage", "")) if isinstance(read, dict) else str(read)
