"""Payment events from a queue, which the service polls as Lambda does for a function."""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from payments.observability import count, logger
from payments.queue_events import answer_queue_event
from payments.service import PaymentService

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# The largest batch, and a wait that a draining service can sit out.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
MESSAGES_AT_ONCE = 10
WAIT_SECONDS = 5
# Longer than a batch takes, even one whose every payment waits for the database as long as the library lets it.
HIDDEN_SECONDS = 180


def queue_client(region: str) -> "SQSClient":
    """A client whose patience is longer than the queue's."""
    patience = Config(
        connect_timeout=1,
        read_timeout=WAIT_SECONDS + 5,
        retries={"mode": "standard", "total_max_attempts": 3},
        tcp_keepalive=True,
    )
    return boto3.client("sqs", region_name=region, config=patience)


class PaymentQueue:
    """A message is deleted once it is handled; others come again, and end in the queue's dead letters."""

    def __init__(self, *, client: "SQSClient", url: str, service: PaymentService) -> None:
        self._client = client
        self._url = url
        self._service = service

    def poll(self) -> None:
        """Handles what one call gives, waiting a while for it. Raises botocore's errors."""
        messages = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=MESSAGES_AT_ONCE,
            WaitTimeSeconds=WAIT_SECONDS,
            VisibilityTimeout=HIDDEN_SECONDS,
        ).get("Messages", [])
        if not messages:
            return
        answer = answer_queue_event({"Records": [_record(message) for message in messages]}, self._service)
        self._service.after_answer.begin()
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        if failed:
            logger.warning("messages stay in the queue", messages=sorted(failed))
            count("QueueMessagesFailed")
        self._delete([message for message in messages if message["MessageId"] not in failed])

    def _delete(self, handled: list["MessageTypeDef"]) -> None:
        if not handled:
            return
        entries = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]} for number, message in enumerate(handled)
        ]
        failures = self._client.delete_message_batch(QueueUrl=self._url, Entries=entries).get("Failed", [])  # type: ignore[arg-type]
        if failures:
            # They come again, and change nothing then.
            logger.warning("messages could not be deleted", codes=sorted({failure["Code"] for failure in failures}))


def _record(message: "MessageTypeDef") -> dict[str, object]:
    """The message as Lambda hands it to a function.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    """
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "eventSource": "aws:sqs",
    }
