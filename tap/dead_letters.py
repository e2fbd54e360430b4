"""Dead letters: payment events that no attempt could handle, read and handed to the replay queue.

SQS's own StartMessageMoveTask serves only queues whose messages came from another SQS queue, not from EventBridge or
Lambda (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html), so the
messages are received, sent and then deleted. One that is sent and not deleted is replayed twice: its payment is not.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap.dead_letter import REPLAY_ID, DeadLetter, batches_to_send, read_message
from tap.environment import Environment, EnvironmentNotFoundError

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient

REPLAY_QUEUE = "replay"
# What a replay could not handle comes first, so that what comes back to it while the others are moved stays there.
# The last is the payment function's: the container architecture has none.
DEAD_LETTER_QUEUES = ("replay-dead-letters", "events-dead-letters", "processor-dead-letters")
BATCH_MESSAGES = 10
LONG_POLL_SECONDS = 2
# Long enough to read a batch and send it; a message that is neither sent nor put back shows up again after that.
HIDDEN_SECONDS = 120


@dataclass
class Redrive:
    """What happened to the dead letters. `failed` and `left` are still in their queues."""

    moved: int = 0
    discarded: int = 0
    failed: int = 0
    left: int = 0
    replay_id: str = field(default_factory=lambda: str(uuid.uuid4()))


class DeadLetterQueues:
    """The dead-letter queues of one environment, and the queue from which their messages are replayed."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._sqs: SQSClient = environment.client("sqs")
        self._replay_url = self._url(REPLAY_QUEUE)
        found = {queue: self._find(queue) for queue in DEAD_LETTER_QUEUES}
        self._urls = {queue: url for queue, url in found.items() if url}

    def counts(self) -> dict[str, int]:
        """Messages in each dead-letter queue, about: SQS counts approximately."""
        return {queue: self._count(url) for queue, url in self._urls.items()}

    def waiting(self) -> int:
        """Messages that are still to be replayed, about."""
        return self._count(self._replay_url)

    def read(self) -> list[DeadLetter]:
        """Every dead letter, put back at once."""
        letters = []
        for queue in self._urls:
            for batch in self._batches(queue):
                letters += batch
            self._put_back(queue, [letter for letter in letters if letter.queue == queue])
        return letters

    def came_back(self, redrive: Redrive) -> int:
        """How many of the messages that this redrive moved are dead letters again."""
        queue = DEAD_LETTER_QUEUES[0]
        letters = [letter for batch in self._batches(queue) for letter in batch]
        self._put_back(queue, letters)
        return sum(letter.replay_id == redrive.replay_id for letter in letters)

    def move(self, redrive: Redrive, on_progress: Callable[[int], None]) -> None:
        """Moves every dead letter that is a payment event; `on_progress` is told how many more were looked at.

        What is counted in `redrive` has happened, also when this is interrupted.
        """
        for queue in self._urls:
            kept: list[DeadLetter] = []
            try:
                for batch in self._batches(queue):
                    for part in batches_to_send(batch):
                        kept += self._move(queue, part, redrive)
                    on_progress(len(batch))
            finally:
                self._put_back(queue, kept)

    def _move(self, queue: str, letters: Sequence[DeadLetter], redrive: Redrive) -> list[DeadLetter]:
        """Sends, then deletes what was sent; returns what stays."""
        ticks = [letter for letter in letters if letter.is_schedule_tick]
        payments = [letter for letter in letters if letter.is_payment and letter.replay_id != redrive.replay_id]
        sent = self._send(payments, redrive.replay_id)
        self._delete(queue, [*ticks, *sent])
        redrive.moved += len(sent)
        redrive.discarded += len(ticks)
        redrive.failed += len(payments) - len(sent)
        redrive.left += len(letters) - len(payments) - len(ticks)
        gone = {letter.message_id for letter in (*ticks, *sent)}
        return [letter for letter in letters if letter.message_id not in gone]

    def _send(self, letters: Sequence[DeadLetter], replay_id: str) -> list[DeadLetter]:
        if not letters:
            return []
        answer = self._sqs.send_message_batch(
            QueueUrl=self._replay_url,
            Entries=[
                {
                    "Id": str(number),
                    "MessageBody": letter.body,
                    "MessageAttributes": {REPLAY_ID: {"DataType": "String", "StringValue": replay_id}},
                }
                for number, letter in enumerate(letters)
            ],
        )
        return [letters[int(entry["Id"])] for entry in answer.get("Successful", [])]

    def _delete(self, queue: str, letters: Sequence[DeadLetter]) -> None:
        if letters:
            self._sqs.delete_message_batch(
                QueueUrl=self._urls[queue],
                Entries=[{"Id": str(number), "ReceiptHandle": letter.receipt} for number, letter in enumerate(letters)],
            )

    def _put_back(self, queue: str, letters: Sequence[DeadLetter]) -> None:
        for start in range(0, len(letters), BATCH_MESSAGES):
            self._sqs.change_message_visibility_batch(
                QueueUrl=self._urls[queue],
                Entries=[
                    {"Id": str(number), "ReceiptHandle": letter.receipt, "VisibilityTimeout": 0}
                    for number, letter in enumerate(letters[start : start + BATCH_MESSAGES])
                ],
            )

    def _batches(self, queue: str) -> Iterator[list[DeadLetter]]:
        """Receives until nothing new comes: a long poll asks all of SQS's servers, so an empty answer means empty."""
        seen: set[str] = set()
        while True:
            messages = self._sqs.receive_message(
                QueueUrl=self._urls[queue],
                MaxNumberOfMessages=BATCH_MESSAGES,
                WaitTimeSeconds=LONG_POLL_SECONDS,
                VisibilityTimeout=HIDDEN_SECONDS,
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            new = [read_message(queue, message) for message in messages if message["MessageId"] not in seen]
            if not new:
                return
            seen.update(letter.message_id for letter in new)
            yield new

    def _count(self, url: str) -> int:
        attributes = self._sqs.get_queue_attributes(
            QueueUrl=url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
                "ApproximateNumberOfMessagesDelayed",
            ],
        )["Attributes"]
        return sum(int(number) for number in attributes.values())

    def _url(self, queue: str) -> str:
        url = self._find(queue)
        if url is None:
            raise EnvironmentNotFoundError(
                f"no environment {self._environment.suffix!r} with replay in {self._environment.account.place}: "
                f"queue {self._environment.name(queue)} does not exist; check --suffix, --region and the account, "
                "or deploy it"
            )
        return url

    def _find(self, queue: str) -> str | None:
        try:
            return self._sqs.get_queue_url(QueueName=self._environment.name(queue))["QueueUrl"]
        except self._sqs.exceptions.QueueDoesNotExist:
            return None
