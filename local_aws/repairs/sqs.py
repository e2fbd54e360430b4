"""Repairs of SQS: attributes of queues, and messages that several threads send, receive and delete at once."""

import json
import time
from typing import Any

from moto.sqs.models import Message, Queue, SQSBackend

from local_aws.calls import Call
from local_aws.registry import Output, Plain, installs, patch, repairs

LOOK_SECONDS = 0.2
"""How often a long poll looks for messages that have become visible again; new ones end its wait at once."""


def _queue(call: Call) -> Any:
    name = call.params["QueueUrl"].rpartition("/")[2]
    return call.backend().queues.get(name)


@installs
def know_redrive_allow_policies() -> None:
    """moto refuses the attribute when it is read. A client then waits for it for minutes."""
    patch(Queue, BASE_ATTRIBUTES=[*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"], redrive_allow_policy=None)


@installs
def lock_queues() -> None:
    """moto's queues lose messages that are sent while others are deleted, and hand out one message to two receivers."""
    plain_receive, plain_change = SQSBackend.receive_message, SQSBackend.change_message_visibility
    plain_add, plain_delete = Queue.add_message, Queue.delete_message

    def receive_message(
        backend: Any, queue_name: str, count: int, wait: float, visibility: int, names: list[str] | None = None
    ) -> list[Message]:
        deadline = time.monotonic() + float(wait or 0)
        while True:
            queue = backend.get_queue(queue_name)
            with queue._messages_lock:
                found: list[Message] = plain_receive(backend, queue_name, count, 0, visibility, names)
                left = deadline - time.monotonic()
                if found or left <= 0:
                    return found
                queue._messages_lock.wait(min(left, LOOK_SECONDS))

    def change_message_visibility(backend: Any, queue_name: str, receipt_handle: str, visibility_timeout: int) -> None:
        with backend.get_queue(queue_name)._messages_lock:
            plain_change(backend, queue_name, receipt_handle, visibility_timeout)

    def add_message(queue: Any, message: Any) -> None:
        with queue._messages_lock:
            message.came_from, message.queue_arn = getattr(message, "queue_arn", None), queue.queue_arn
            plain_add(queue, message)

    def delete_message(queue: Any, receipt_handle: str) -> None:
        with queue._messages_lock:
            plain_delete(queue, receipt_handle)

    patch(SQSBackend, receive_message=receive_message, change_message_visibility=change_message_visibility)
    patch(Queue, add_message=add_message, delete_message=delete_message)


@installs
def leave_functions_to_queue_delivery() -> None:
    """moto calls a queue's functions while a message is sent, each message alone; local_aws.queue_delivery polls."""
    patch(Queue, lambda_event_source_mappings=property(lambda _: {}, lambda _queue, _mappings: None))


@repairs("sqs", "SetQueueAttributes")
def keep_policy(call: Call, plain: Plain) -> Output:
    """moto drops the queue's policy when any other attribute is set."""
    queue, given = _queue(call), call.params["Attributes"]
    policy = queue.policy if queue else None
    output = plain()
    if "Policy" not in given:
        queue.policy = policy
    if not given.get("RedriveAllowPolicy", True):
        queue.redrive_allow_policy = None
    return output


@repairs("sqs", "GetQueueAttributes")
def write_redrive_policy_as_aws(call: Call, plain: Plain) -> Output:  # noqa: ARG001
    """moto writes spaces into redrive policies; AWS does not."""
    output = plain()
    attributes = output.get("Attributes", {})
    if "RedrivePolicy" in attributes:
        attributes["RedrivePolicy"] = json.dumps(json.loads(attributes["RedrivePolicy"]), separators=(",", ":"))
    return output
