"""What Lambda refuses of event source mappings for queues, and moto accepts."""

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.functions.deployed import Target
from local_aws.functions.execution_role import role_allows
from local_aws.registry import refuses

ACTIONS = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
"""What the function's role needs (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html)."""

UNBATCHED = 10
"""The largest batch without a batching window."""


@refuses("lambda", "CreateEventSourceMapping")
def queues_that_cannot_be_polled(call: Call) -> None:
    """The function's role must allow polling, and a message must stay hidden as long as the function may take."""
    given, arn = call.params, call.params.get("EventSourceArn", "")
    if ":sqs:" not in arn:
        return
    function = Target.named(call.account_id, call.region, given["FunctionName"]).function()
    for action in ACTIONS:
        if not role_allows(function.role, f"sqs:{action}", arn):
            text = f"The function execution role does not have permissions to call {action} on SQS"
            raise AwsError("InvalidParameterValueException", text)
    if given.get("BatchSize", UNBATCHED) > UNBATCHED and not given.get("MaximumBatchingWindowInSeconds"):
        text = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        raise AwsError("InvalidParameterValueException", text)
    queue = call.backend("sqs").queues.get(arn.rpartition(":")[2])
    if queue and queue.visibility_timeout < int(function.timeout):
        text = (
            f"Queue visibility timeout: {queue.visibility_timeout} seconds is less than "
            f"Function timeout: {function.timeout} seconds"
        )
        raise AwsError("InvalidParameterValueException", text)
