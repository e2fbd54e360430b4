"""Events, queues and topics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from tap.inventory.resource import Resource
from tap.removal.calls import ListTags, after_slash, deletes, described
from tap.removal.remover import (
    GoesWithError,
    Reading,
    RemovalRefusedError,
    Remover,
    Scope,
    as_tags,
    is_gone,
    names_another,
    paged,
    sibling,
)

EVENT_TAGS = ListTags("list_tags_for_resource", "ResourceARN", "Tags")


def _rule_of(resource: Resource) -> dict[str, str]:
    """Rules of the default bus have no bus in their ARN."""
    bus, _, name = after_slash(resource).rpartition("/")
    return {"Name": name, "EventBusName": bus or "default"}


def read_rule(scope: Scope, resource: Resource) -> Reading:
    client, rule = scope.client("events", resource), _rule_of(resource)
    details = client.describe_rule(**rule)
    tags = as_tags(client.list_tags_for_resource(ResourceARN=resource.arn)["Tags"])
    return Reading(tags, frozenset({sibling(resource, f"event-bus/{rule['EventBusName']}")}), details)


def remove_rule(scope: Scope, resource: Resource, reading: Reading) -> None:
    """A rule goes after its targets; the one that AWS makes for an archive goes with the archive."""
    if reading.details.get("ManagedBy"):
        raise GoesWithError(next(iter(reading.owners)))
    _remove_rule(scope.client("events", resource), _rule_of(resource))


def _remove_rule(client: Any, rule: Mapping[str, str]) -> None:
    named = {"Rule": rule["Name"], "EventBusName": rule["EventBusName"]}
    targets = [target["Id"] for target in paged(client, "list_targets_by_rule", "Targets", **named)]
    if targets:
        client.remove_targets(**named, Ids=targets)
    client.delete_rule(**rule)


def remove_bus(scope: Scope, resource: Resource, _: Reading) -> None:
    """A bus goes after its archives and rules. What is in it is its own, unless tags give it to another environment."""
    client, bus = scope.client("events", resource), after_slash(resource)
    for archive in paged(client, "list_archives", "Archives", EventSourceArn=resource.arn):
        client.delete_archive(ArchiveName=archive["ArchiveName"])
    for rule in list(paged(client, "list_rules", "Rules", EventBusName=bus)):
        if rule.get("ManagedBy"):
            continue
        tags = as_tags(client.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"])
        if names_another(tags, scope.suffix):
            raise RemovalRefusedError(f"rule {rule['Name']} on it carries tags of another environment: remove that")
        try:
            _remove_rule(client, {"Name": rule["Name"], "EventBusName": bus})
        except ClientError as error:
            if not is_gone(error):
                raise
    client.delete_event_bus(Name=bus)


def _source_of(_: Resource, details: Any) -> set[str]:
    return {details["EventSourceArn"]}


def read_queue(scope: Scope, resource: Resource) -> Reading:
    sqs = scope.client("sqs", resource)
    url = sqs.get_queue_url(QueueName=resource.name)["QueueUrl"]
    return Reading(as_tags(sqs.list_queue_tags(QueueUrl=url).get("Tags")), details={"QueueUrl": url})


def remove_queue(scope: Scope, resource: Resource, reading: Reading) -> None:
    scope.client("sqs", resource).delete_queue(QueueUrl=reading.details["QueueUrl"])


def read_topic(scope: Scope, resource: Resource) -> Reading:
    """A topic; or its subscription, which is part of it and has no tags."""
    sns, topic = scope.client("sns", resource), ":".join(resource.arn.split(":")[:6])
    if topic != resource.arn:
        details = sns.get_subscription_attributes(SubscriptionArn=resource.arn)["Attributes"]
        return Reading(owners=frozenset({details["TopicArn"]}), details=details)
    details = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    return Reading(as_tags(sns.list_tags_for_resource(ResourceArn=topic)["Tags"]), details=details)


def remove_topic(scope: Scope, resource: Resource, reading: Reading) -> None:
    """A topic's subscriptions go with it."""
    sns = scope.client("sns", resource)
    if reading.owners:
        sns.unsubscribe(SubscriptionArn=resource.arn)
    else:
        sns.delete_topic(TopicArn=resource.arn)


REMOVERS = {
    "events:rule": Remover(read_rule, remove_rule),
    "events:event-bus": Remover(
        described("events", "describe_event_bus", "Name", value=after_slash, tags=EVENT_TAGS), remove_bus
    ),
    "events:archive": Remover(
        described("events", "describe_archive", "ArchiveName", owners=_source_of),
        deletes("events", "delete_archive", "ArchiveName"),
    ),
    "sqs:queue": Remover(read_queue, remove_queue),
    "sns:topic": Remover(read_topic, remove_topic),
    "pipes:pipe": Remover(
        described("pipes", "describe_pipe", "Name", tags="Tags"), deletes("pipes", "delete_pipe", "Name")
    ),
}
