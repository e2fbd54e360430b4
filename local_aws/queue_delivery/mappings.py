"""Starts pollers for event source mappings of queues."""

from typing import Any

from moto.awslambda.models import EventSourceMapping, LambdaBackend

from local_aws import functions
from local_aws.functions.deployed import Target
from local_aws.queue_delivery.poller import QueuePoller
from local_aws.registry import patch


def install() -> None:
    """Makes moto's event source mappings poll their queues. Once per process."""
    functions.install()
    plain_create, plain_update = LambdaBackend.create_event_source_mapping, LambdaBackend.update_event_source_mapping

    def create_event_source_mapping(backend: Any, spec: dict[str, Any]) -> EventSourceMapping:
        mapping = plain_create(backend, spec)
        mapping.function_arn = _target_arn(backend, spec["FunctionName"])
        if ":sqs:" in mapping.event_source_arn:
            QueuePoller(mapping).start()
        return mapping

    def update_event_source_mapping(backend: Any, uuid: str, spec: dict[str, Any]) -> EventSourceMapping | None:
        mapping = plain_update(backend, uuid, spec)
        if mapping and "FunctionName" in spec:
            mapping.function_arn = _target_arn(backend, spec["FunctionName"])
        return mapping

    patch(
        LambdaBackend,
        create_event_source_mapping=create_event_source_mapping,
        update_event_source_mapping=update_event_source_mapping,
    )


def _target_arn(backend: Any, name: str) -> str:
    """The ARN as AWS keeps it, with the alias or version that was named; moto replaces an alias by its version."""
    return Target.named(backend.account_id, backend.region_name, name).arn
