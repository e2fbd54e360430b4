"""Services that run code, take requests and carry events."""

from collections.abc import Iterator
from typing import Any

from local_aws.tagging.tagged import Tagged, TaggedByKey, TaggedByLowerPairs


def walk_lambda(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Functions, without versions, and event source mappings."""
    for versions in list(backend._lambdas._functions.values()):
        function = versions["latest"]
        yield Tagged(function.function_arn, function)
    for mapping in list(backend._event_source_mappings.values()):
        yield Tagged(mapping.arn, mapping)


def walk_sqs(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Queues."""
    for queue in list(backend.queues.values()):
        yield Tagged(queue.queue_arn, queue)


def walk_sns(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Topics."""
    for topic in list(backend.topics.values()):
        yield Tagged(topic.arn, topic, "_tags")


def walk_events(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Buses and rules. Archives, connections and replays have no tags."""
    tags = backend.tagger.tags
    for bus in list(backend.event_buses.values()):
        yield TaggedByKey(bus.arn, tags, bus.arn)
        for rule in list(bus.rules.values()):
            yield TaggedByKey(rule.arn, tags, rule.arn)


def walk_scheduler(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Schedule groups: schedules themselves have no tags.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-group.html
    """
    for group in list(backend.schedule_groups.values()):
        yield TaggedByKey(group.arn, backend.tagger.tags, group.arn)


def walk_pipes(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Pipes."""
    for pipe in list(backend.pipes.values()):
        yield Tagged(pipe.arn, pipe)


def walk_stepfunctions(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """State machines and activities."""
    tags = backend.tagger.tags
    for resource in (*list(backend.state_machines), *list(backend.activities.values())):
        yield TaggedByKey(resource.arn, tags, resource.arn)


def walk_apigateway(backend: Any, region: str) -> Iterator[Tagged]:
    """REST APIs and their stages."""
    start = f"arn:{backend.partition}:apigateway:{region}::/restapis"
    for api in list(backend.apis.values()):
        yield Tagged(f"{start}/{api.id}", api)
        for stage in list(api.stages.values()):
            yield Tagged(f"{start}/{api.id}/stages/{stage.name}", stage)


def walk_apigatewayv2(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """HTTP and WebSocket APIs, their stages, VPC links, domain names."""
    tags = backend.tagger.tags
    for api in list(backend.apis.values()):
        yield TaggedByKey(api.arn, tags, api.arn)
        for name, stage in list(api.stages.items()):
            yield Tagged(f"{api.arn}/stages/{name}", stage)
    for link in list(backend.vpc_links.values()):
        yield TaggedByKey(link.arn, tags, link.arn)
    for domain in list(backend.domain_names.values()):
        yield Tagged(domain.domain_name_arn, domain)


def walk_ecs(backend: Any, region: str) -> Iterator[Tagged]:  # noqa: ARG001
    """Clusters, services, tasks and task definitions. Deleted ones stay with moto, as inactive."""
    tasks = [task for held in list(backend.tasks.values()) for task in list(held.values())]
    definitions = [one for held in list(backend.task_definitions.values()) for one in list(held.values())]
    for resource in (*list(backend.clusters.values()), *list(backend.services.values()), *tasks, *definitions):
        if getattr(resource, "status", None) != "INACTIVE":
            yield TaggedByLowerPairs(getattr(resource, "arn", None) or resource.task_arn, resource)
