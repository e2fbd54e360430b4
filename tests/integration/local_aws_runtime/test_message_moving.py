"""Dead letters are moved to where they are tried again."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError


def dead_letter_queue(cloud: Any) -> tuple[str, str, str, str]:
    """A queue and its dead-letter queue: URL and ARN of each."""
    letters_url, letters = cloud.queue()
    url, arn = cloud.queue()
    policy = json.dumps({"deadLetterTargetArn": letters, "maxReceiveCount": 1})
    attributes = {"RedrivePolicy": policy, "VisibilityTimeout": "0"}
    cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=attributes)
    return url, arn, letters_url, letters


def fail(cloud: Any, url: str, body: str) -> None:
    """Sends a message that ends as a dead letter."""
    sqs = cloud.client("sqs")
    attribute = {"reason": {"DataType": "String", "StringValue": "broken"}}
    sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attribute)
    assert len(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2)["Messages"]) == 1
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)


def task(cloud: Any, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = cloud.client("sqs").list_message_move_tasks(SourceArn=arn)["Results"][0]
    return found


def test_messages_go_back_to_the_queue_they_came_from(cloud: Any, until: Any) -> None:
    url, _, letters_url, letters = dead_letter_queue(cloud)
    fail(cloud, url, "one")
    sqs = cloud.client("sqs")
    assert sqs.start_message_move_task(SourceArn=letters)["TaskHandle"]
    assert until(lambda: task(cloud, letters)["Status"] == "COMPLETED")
    message = cloud.message(url)
    assert message["Body"] == "one"
    assert message["MessageAttributes"]["reason"]["StringValue"] == "broken"
    assert "Messages" not in sqs.receive_message(QueueUrl=letters_url)
    ended = task(cloud, letters)
    assert (ended["ApproximateNumberOfMessagesMoved"], ended["ApproximateNumberOfMessagesToMove"]) == (1, 1)
    assert "TaskHandle" not in ended


def test_dead_letters_from_elsewhere_need_a_destination(cloud: Any, until: Any) -> None:
    _, _, letters_url, letters = dead_letter_queue(cloud)
    replay_url, replay = cloud.queue()
    sqs = cloud.client("sqs")
    sqs.send_message(QueueUrl=letters_url, MessageBody="from a function")
    sqs.start_message_move_task(SourceArn=letters)
    assert until(lambda: task(cloud, letters)["Status"] == "FAILED")
    assert task(cloud, letters)["FailureReason"] == "CouldNotDetermineMessageSource"
    sqs.start_message_move_task(SourceArn=letters, DestinationArn=replay)
    assert until(lambda: task(cloud, letters)["Status"] == "COMPLETED")
    assert task(cloud, letters)["DestinationArn"] == replay
    assert cloud.message(replay_url)["Body"] == "from a function"


def test_a_task_can_be_cancelled_and_is_alone(cloud: Any, until: Any) -> None:
    _, arn, letters_url, letters = dead_letter_queue(cloud)
    sqs = cloud.client("sqs")
    for number in range(5):
        sqs.send_message(QueueUrl=letters_url, MessageBody=str(number))
    move = {"SourceArn": letters, "DestinationArn": arn}
    handle = sqs.start_message_move_task(**move, MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
    assert task(cloud, letters)["TaskHandle"] == handle
    assert "already a task running" in refusal(sqs, **move)
    sqs.cancel_message_move_task(TaskHandle=handle)
    assert until(lambda: task(cloud, letters)["Status"] == "CANCELLED")
    assert task(cloud, letters)["ApproximateNumberOfMessagesMoved"] < 5
    with pytest.raises(ClientError) as refused:
        sqs.cancel_message_move_task(TaskHandle=handle)
    assert "Only active tasks" in str(refused.value)


def refusal(sqs: Any, **settings: Any) -> str:
    with pytest.raises(ClientError) as refused:
        sqs.start_message_move_task(**settings)
    return str(refused.value)


def test_what_aws_refuses_is_refused(cloud: Any) -> None:
    sqs = cloud.client("sqs")
    _, arn, _, letters = dead_letter_queue(cloud)
    assert "must be configured as a Dead Letter Queue" in refusal(sqs, SourceArn=arn)
    assert "SourceArn parameter doesn't exist" in refusal(sqs, SourceArn=f"{letters}-no")
    assert "DestinationArn parameter doesn't exist" in refusal(sqs, SourceArn=letters, DestinationArn=f"{arn}-no")
    assert "cannot be the same" in refusal(sqs, SourceArn=letters, DestinationArn=letters)
