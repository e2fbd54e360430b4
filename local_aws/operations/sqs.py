"""SQS: tasks that move messages out of a dead-letter queue
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html).

As in AWS, the source must be the dead-letter queue of some queue. Messages that came there from elsewhere (Lambda,
EventBridge, SendMessage) can be moved to a destination that is named, and to no other
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/troubleshooting-dlq-redrive.html).
"""

from typing import Any

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.message_moving import MessageMoveTask
from local_aws.registry import Output, operation

LISTED = 10
"""Tasks of a queue that are listed at most."""


def _tasks(call: Call) -> dict[str, MessageMoveTask]:
    """Tasks by handle, oldest first."""
    return call.collection("message_move_tasks")


def _queue(call: Call, parameter: str) -> Any:
    arn = call.params[parameter]
    queue = call.backend().queues.get(arn.rpartition(":")[2])
    if queue is None or queue.queue_arn != arn:
        text = f"The resource that you specified for the {parameter} parameter doesn't exist."
        raise AwsError("ResourceNotFoundException", text, 404)
    return queue


@operation("sqs", "StartMessageMoveTask")
def start_message_move_task(call: Call) -> Output:
    """Starts to move all messages of a dead-letter queue."""
    source = _queue(call, "SourceArn")
    if not any(queue.dead_letter_queue is source for queue in call.backend().queues.values()):
        raise AwsError("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
    destination = _queue(call, "DestinationArn") if call.params.get("DestinationArn") else None
    if destination is source:
        raise AwsError("InvalidParameterValue", "Source queue arn and destination queue arn cannot be the same.")
    if destination and destination.fifo_queue != source.fifo_queue:
        text = "The source queue and destination queue must be of the same queue type."
        raise AwsError("InvalidParameterValue", text)
    if any(task.source is source and task.active for task in _tasks(call).values()):
        text = (
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time."
        )
        raise AwsError("InvalidParameterValue", text)
    task = MessageMoveTask(call.backend(), source, destination, call.params.get("MaxNumberOfMessagesPerSecond"))
    _tasks(call)[task.handle] = task
    task.start()
    return {"TaskHandle": task.handle}


@operation("sqs", "ListMessageMoveTasks")
def list_message_move_tasks(call: Call) -> Output:
    """The latest tasks of a dead-letter queue, newest first."""
    source = _queue(call, "SourceArn")
    found = [task.described() for task in _tasks(call).values() if task.source is source]
    return {"Results": found[::-1][: min(call.params.get("MaxResults", 1), LISTED)]}


@operation("sqs", "CancelMessageMoveTask")
def cancel_message_move_task(call: Call) -> Output:
    """Ends a task; what it has moved stays moved."""
    task = _tasks(call).get(call.params["TaskHandle"])
    if task is None:
        raise AwsError("ResourceNotFoundException", "Task does not exist.", 404)
    if not task.active:
        raise AwsError("UnsupportedOperation", "Only active tasks can be cancelled.")
    task.cancel()
    return {"ApproximateNumberOfMessagesMoved": task.moved}
