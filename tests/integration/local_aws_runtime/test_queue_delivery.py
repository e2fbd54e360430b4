"""Messages of a queue reach a function through an event source mapping."""

import hashlib
import json
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws

SOURCE = """
    import json

    def handler(event, context):
        print("batch", json.dumps(event))
        failed = []
        for record in event["Records"]:
            body = json.loads(record["body"])
            if body.get("crash"):
                raise RuntimeError("cannot")
            if body.get("fail"):
                failed.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failed}
"""
POLLING = ("logs:*", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def deployed(cloud: Any, **settings: Any) -> Any:
    """A function that is warm, so that it answers within the short visibility timeout."""
    function = cloud.function(SOURCE, Role=cloud.role(*POLLING), Timeout=3, **settings)
    function.invoke({"Records": []}, **({"Qualifier": "1"} if "Publish" in settings else {}))
    return function


def queue(cloud: Any, dead_letters: str = "", receives: int = 2, visibility: int = 3) -> tuple[str, str]:
    url, arn = cloud.queue()
    attributes = {"VisibilityTimeout": str(visibility)}
    if dead_letters:
        attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": dead_letters, "maxReceiveCount": receives})
    cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=attributes)
    return url, arn


def connect(cloud: Any, function_name: str, queue_arn: str, **settings: Any) -> str:
    mapping = cloud.client("lambda").create_event_source_mapping(
        FunctionName=function_name, EventSourceArn=queue_arn, **settings
    )
    return str(mapping["UUID"])


def send(cloud: Any, url: str, *bodies: dict[str, Any], **settings: Any) -> list[str]:
    sqs = cloud.client("sqs")
    return [sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body), **settings)["MessageId"] for body in bodies]


def batches(function: Any) -> list[list[dict[str, Any]]]:
    lines = [line.removeprefix("batch ") for line in function.log() if line.startswith("batch ")]
    return [records for line in lines if (records := json.loads(line)["Records"])]


def left(cloud: Any, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(attributes[name]) for name in names)


def test_a_message_arrives_as_aws_sends_it_and_is_deleted(cloud: Any, until: Any) -> None:
    function, (url, arn) = deployed(cloud), queue(cloud)
    connect(cloud, function.name, arn)
    attribute = {"kind": {"DataType": "String", "StringValue": "payment"}}
    (message_id,) = send(cloud, url, {"payment_id": "p1"}, MessageAttributes=attribute)
    ((record,),) = until(lambda: batches(function))
    body = '{"payment_id": "p1"}'
    assert (record["messageId"], record["body"]) == (message_id, body)
    assert record["md5OfBody"] == hashlib.md5(body.encode()).hexdigest()
    assert (record["eventSource"], record["eventSourceARN"]) == ("aws:sqs", arn)
    assert record["awsRegion"] == "eu-central-1"
    assert record["receiptHandle"]
    kind = record["messageAttributes"]["kind"]
    assert (kind["dataType"], kind["stringValue"]) == ("String", "payment")
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert abs(int(record["attributes"]["SentTimestamp"]) / 1000 - time.time()) < 60
    assert until(lambda: left(cloud, url) == 0)


def test_sending_does_not_wait_for_the_function(cloud: Any, until: Any) -> None:
    slow = cloud.function(
        "import time\ndef handler(event, context):\n    time.sleep(2)\n", Role=cloud.role(*POLLING), Timeout=5
    )
    url, arn = queue(cloud, visibility=10)
    connect(cloud, slow.name, arn)
    started = time.monotonic()
    send(cloud, url, {}, {})
    assert time.monotonic() - started < 1
    assert until(lambda: left(cloud, url) == 0)


def test_what_a_batch_names_as_failed_comes_back_alone_and_ends_as_a_dead_letter(cloud: Any) -> None:
    letters_url, letters = cloud.queue()
    function, (url, arn) = deployed(cloud), queue(cloud, letters)
    good, bad = send(cloud, url, {"n": 1}, {"fail": True})
    connect(cloud, function.name, arn, FunctionResponseTypes=["ReportBatchItemFailures"])
    letter = cloud.message(letters_url)
    assert letter["MessageId"] == bad
    seen = [[record["messageId"] for record in batch] for batch in batches(function)]
    assert sorted(seen[0]) == sorted([good, bad])
    assert seen[1:] == [[bad]]
    counts = [record["attributes"]["ApproximateReceiveCount"] for batch in batches(function) for record in batch]
    assert counts[-1] == "2"
    assert left(cloud, url) == 0


def test_a_function_that_fails_gets_the_whole_batch_again(cloud: Any, until: Any) -> None:
    letters_url, letters = cloud.queue()
    function, (url, arn) = deployed(cloud), queue(cloud, letters)
    send(cloud, url, {"n": 1}, {"crash": True})
    connect(cloud, function.name, arn, FunctionResponseTypes=["ReportBatchItemFailures"])
    assert until(lambda: left(cloud, letters_url) == 2)
    assert until(lambda: len(batches(function)) >= 2)


def test_without_partial_answers_the_answer_does_not_matter(cloud: Any, until: Any) -> None:
    function, (url, arn) = deployed(cloud), queue(cloud)
    connect(cloud, function.name, arn)
    send(cloud, url, {"fail": True})
    assert until(lambda: batches(function))
    assert until(lambda: left(cloud, url) == 0)


def test_a_batching_window_collects(cloud: Any, until: Any) -> None:
    function, (url, arn) = deployed(cloud), queue(cloud, visibility=10)
    connect(cloud, function.name, arn, BatchSize=3, MaximumBatchingWindowInSeconds=3)
    for number in range(3):
        send(cloud, url, {"n": number})
        time.sleep(0.2)
    assert until(lambda: sum(len(batch) for batch in batches(function)) == 3)
    assert max(len(batch) for batch in batches(function)) >= 2


def test_a_mapping_can_be_disabled_changed_and_deleted(cloud: Any, until: Any) -> None:
    function, (url, arn) = deployed(cloud, Publish=True), queue(cloud)
    client = cloud.client("lambda")
    client.create_alias(FunctionName=function.name, Name="live", FunctionVersion="1")
    identity = connect(cloud, f"{function.arn}:live", arn, Enabled=False)
    assert client.get_event_source_mapping(UUID=identity)["FunctionArn"] == f"{function.arn}:live"
    send(cloud, url, {"n": 1})
    time.sleep(1.5)
    assert left(cloud, url) == 1
    client.update_event_source_mapping(UUID=identity, Enabled=True)
    assert until(lambda: left(cloud, url) == 0)
    client.delete_event_source_mapping(UUID=identity)
    time.sleep(1.2)
    send(cloud, url, {"n": 2})
    time.sleep(1.5)
    assert left(cloud, url) == 1
    assert len(batches(function)) == 1


def test_only_messages_that_match_a_filter_reach_the_function(cloud: Any, until: Any) -> None:
    function, (url, arn) = deployed(cloud), queue(cloud)
    pattern = json.dumps({"body": {"kind": ["payment"]}})
    connect(cloud, function.name, arn, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    send(cloud, url, {"kind": "other"}, {"kind": "payment"})
    assert until(lambda: left(cloud, url) == 0)
    bodies = [json.loads(record["body"]) for batch in until(lambda: batches(function)) for record in batch]
    assert bodies == [{"kind": "payment"}]


def refusal(cloud: Any, function: Any, arn: str, **settings: Any) -> str:
    with pytest.raises(ClientError) as refused:
        connect(cloud, function.name, arn, **settings)
    return str(refused.value.response["Error"]["Message"])


def test_mappings_that_aws_would_refuse_are_refused(cloud: Any) -> None:
    _, arn = queue(cloud)
    unable = cloud.function(SOURCE, Role=cloud.role("logs:*"), Timeout=1)
    assert "permissions to call ReceiveMessage on SQS" in refusal(cloud, unable, arn)
    slow = cloud.function(SOURCE, Role=cloud.role(*POLLING), Timeout=5)
    assert "Queue visibility timeout: 3 seconds is less than Function timeout: 5" in refusal(cloud, slow, arn)
    assert "Maximum batch window" in refusal(cloud, deployed(cloud), arn, BatchSize=11)


def test_many_messages_sent_at_once_all_arrive(cloud: Any, until: Any) -> None:
    function, (url, arn) = deployed(cloud), queue(cloud, visibility=10)
    connect(cloud, function.name, arn)
    sqs, sent = cloud.client("sqs"), set()
    for _ in range(10):
        entries = [{"Id": str(n), "MessageBody": json.dumps({"id": uuid.uuid4().hex})} for n in range(10)]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)
        sent |= {json.loads(entry["MessageBody"])["id"] for entry in entries}
    assert until(lambda: left(cloud, url) == 0)
    arrived = {json.loads(record["body"])["id"] for batch in batches(function) for record in batch}
    assert until(lambda: arrived == sent, 1)


def test_a_reset_ends_polling(tmp_path: Path, connected: Any) -> None:
    with LocalAws.started(tmp_path) as aws:
        cloud = connected(aws)
        function, (url, arn) = deployed(cloud), queue(cloud)
        connect(cloud, function.name, arn)
        aws.reset()
        url, arn = queue(cloud)
        send(cloud, url, {"n": 1})
        time.sleep(1.5)
        assert left(cloud, url) == 1
