"""Delivers the events of buses to the targets of rules, which moto does for some targets only and at once
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html)."""

import copy
import json
import logging
import time
from datetime import UTC, datetime
from typing import Any

from jsonpath_ng.ext.parser import parse
from moto.events.models import EventPattern, EventsBackend, Rule, events_backends
from moto.events.utils import EventTemplateParser
from moto.logs.models import logs_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from local_aws import functions
from local_aws.delivery import Deliveries, Delivery, Failure
from local_aws.functions.deployed import Target
from local_aws.functions.destination import send_to_queue
from local_aws.functions.execution_role import role_allows, role_trusts
from local_aws.functions.permission import service_may_invoke
from local_aws.functions.policy import allows, service_access, statements_of
from local_aws.functions.schedule import Schedule
from local_aws.registry import patch
from local_aws.targets import ENVELOPE_TIME, ForwardedEvent, send_to_target

SERVICE = "events.amazonaws.com"
ARCHIVE_RULE = "Events-Archive-"
"""How the names of the rules begin that fill archives; AWS manages them."""

log = logging.getLogger(__name__)


def send_event(delivery: Delivery) -> None:
    """Hands an event to its target, as far as the target's resource policy or the rule's role lets it."""
    send_to_target(
        delivery.target_arn,
        delivery.payload,
        delivery.settings,
        sender=SERVICE,
        may=lambda action, arn: _may(delivery, action, arn),
    )


def _may(delivery: Delivery, action: str, arn: str) -> bool:
    """Functions, queues, topics and log groups let rules in by their own policies; the others need a role."""
    _, _, service, region, account, _ = arn.split(":", 5)
    access = service_access(action, arn, SERVICE, delivery.source_arn, delivery.account)
    match service:
        case "lambda":
            return service_may_invoke(Target.at(arn), SERVICE, delivery.source_arn)
        case "sqs":
            policies = [sqs_backends[account][region].get_queue(arn.rpartition(":")[2]).policy]
        case "sns":
            policies = [sns_backends[account][region].get_topic(arn).policy]
        case "logs":
            stream = f"{arn.removesuffix(':*')}:log-stream:events"
            access = service_access(action, stream, SERVICE, delivery.source_arn, delivery.account)
            policies = [
                policy.policy_document for policy in logs_backends[account][region].describe_resource_policies()
            ]
        case _:
            role = delivery.settings.get("RoleArn")
            if not role:
                own = delivery.source_arn.split(":")
                return service == "events" and (region, account) == (own[3], own[4])
            return role_trusts(role, SERVICE, delivery.source_arn) and role_allows(role, action, arn)
    statements = [statement for policy in policies for statement in statements_of(policy)]
    return allows(statements, access, resource_policy=True)


def give_up(delivery: Delivery, failure: Failure) -> None:
    """Sends the event to the target's dead-letter queue, if it has one that lets the rule; else it is lost."""
    queue = delivery.dead_letter_queue
    log.warning("Rule %s: no delivery to %s: %s", delivery.source_arn, delivery.target_arn, failure.error)
    if not queue:
        return
    _, _, _, region, account, name = queue.split(":", 5)
    access = service_access("sqs:SendMessage", queue, SERVICE, delivery.source_arn, delivery.account)
    statements = statements_of(sqs_backends[account][region].get_queue(name).policy)
    if not allows(statements, access, resource_policy=True):
        log.warning("An event is lost: the policy of %s does not let %s send to it.", queue, delivery.source_arn)
        return
    attributes = {
        "RULE_ARN": ("String", delivery.source_arn),
        "TARGET_ARN": ("String", delivery.target_arn),
        "RETRY_ATTEMPTS": ("Number", str(failure.retries)),
        **failure.attributes(),
    }
    send_to_queue(queue, delivery.payload, attributes)


def envelope(event: dict[str, Any]) -> dict[str, Any]:
    """The event as targets see it, from the form in which moto keeps it."""
    sent = {name: value for name, value in event.items() if name != "ingestion-time"}
    try:
        moment = datetime.fromtimestamp(float(event["time"]), UTC)
    except ValueError:
        return sent
    return {**sent, "time": moment.strftime(ENVELOPE_TIME)}


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
    """Makes moto's rules deliver in the background, and deliver nothing while they are disabled. Once per process."""
    functions.install()
    deliveries = Deliveries(Schedule(), send_event, give_up)
    plain: Any = Rule.send_to_targets

    def send_to_targets(rule: Any, original_event: Any, transform_input: bool = True) -> None:
        if rule.state != "ENABLED" or not rule.event_pattern.matches_event(original_event):
            return
        if rule.managed_by and rule.name.startswith(ARCHIVE_RULE):
            _archive(rule, original_event)
            return
        others = [target for target in rule.targets if ":api-destination/" in target["Arn"]]
        for target in rule.targets:
            if target not in others and not _third_bus(original_event, target):
                payload = target_input(target, original_event)
                deliveries.deliver(Delivery(rule.arn, rule.account_id, target, payload, time.monotonic()))
        if others:
            rest = copy.copy(rule)
            rest.targets = others
            plain(rest, original_event, transform_input)

    def matches_event(pattern: Any, event: Any) -> bool:
        """moto writes and reads the event as JSON first; it has come from JSON."""
        wanted = pattern.get_pattern()
        return not wanted or pattern._does_event_match(pattern._flatten_dict(event), wanted)

    patch(Rule, send_to_targets=send_to_targets)
    patch(EventPattern, matches_event=matches_event)


def _third_bus(event: object, target: dict[str, Any]) -> bool:
    """What a bus has received from another is not sent on to a third
    (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html)."""
    return isinstance(event, ForwardedEvent) and ":event-bus/" in target["Arn"]


def _archive(rule: Rule, event: dict[str, Any]) -> None:
    backend: EventsBackend = events_backends[rule.account_id][rule.region_name]
    archive: Any = backend.archives.get(rule.name.removeprefix(ARCHIVE_RULE))
    if archive:
        archive.events.append(copy.deepcopy(event))
