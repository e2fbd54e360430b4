"""Repairs of SQS: attributes of queues."""

import json
from typing import Any

from moto.sqs.models import Queue

from local_aws.calls import Call
from local_aws.registry import Output, Plain, installs, patch, repairs


def _queue(call: Call) -> Any:
    name = call.params["QueueUrl"].rpartition("/")[2]
    return call.backend().queues.get(name)


@installs
def know_redrive_allow_policies() -> None:
    """moto refuses the attribute when it is read. A client then waits for it for minutes."""
    patch(Queue, BASE_ATTRIBUTES=[*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"], redrive_allow_policy=None)


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
