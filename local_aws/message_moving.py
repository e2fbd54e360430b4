"""Moves messages from a dead-letter queue in the background."""

import base64
import json
import logging
import threading
import time
import uuid
from typing import Any

from moto.sqs.exceptions import SQSException
from moto.sqs.models import Message, Queue, SQSBackend

from local_aws.server import LocalAwsError

HIDDEN_SECONDS = 60
"""How long a message is hidden in its source while it is moved."""

SYSTEM_RATE = 500
"""Messages a second at most, also where the call names no rate."""

log = logging.getLogger(__name__)


class UnknownSourceError(LocalAwsError):
    """A message has not come from a queue, so that it cannot go back there."""


class MessageMoveTask:
    """One task. `rate` in messages a second; without a destination each message goes back to where it came from."""

    def __init__(self, backend: SQSBackend, source: Queue, destination: Queue | None, rate: int | None) -> None:
        self.source = source
        self.moved = 0
        self._backend = backend
        self._destination = destination
        self._rate = rate
        self._status = "RUNNING"
        self._reason: str | None = None
        self._started = time.time()
        self._to_move = len(source.messages)
        identity = {"taskId": str(uuid.uuid4()), "sourceArn": source.queue_arn}
        self.handle = base64.b64encode(json.dumps(identity, separators=(",", ":")).encode()).decode()

    @property
    def active(self) -> bool:
        return self._status in ("RUNNING", "CANCELLING")

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def cancel(self) -> None:
        """Ends the task after the message that it is moving."""
        self._status = "CANCELLING"

    def described(self) -> dict[str, Any]:
        """The task as ListMessageMoveTasks shows it: with a handle while it runs."""
        shown = {
            "TaskHandle": self.handle if self.active else None,
            "Status": self._status,
            "SourceArn": self.source.queue_arn,
            "DestinationArn": self._destination.queue_arn if self._destination else None,
            "MaxNumberOfMessagesPerSecond": self._rate,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self._to_move,
            "FailureReason": self._reason,
            "StartedTimestamp": int(self._started * 1000),
        }
        return {name: value for name, value in shown.items() if value is not None}

    def _run(self) -> None:
        try:
            while self._status == "RUNNING":
                if not self._move_one():
                    self._status = "COMPLETED"
                    return
                time.sleep(1 / (self._rate or SYSTEM_RATE))
            self._status = "CANCELLED"
        except UnknownSourceError:
            self._fail("CouldNotDetermineMessageSource")
        except SQSException:
            self._fail("AWS.SimpleQueueService.NonExistentQueue")
        except Exception as error:
            log.exception("Messages of %s are not moved", self.source.queue_arn)
            self._fail(type(error).__name__)

    def _fail(self, reason: str) -> None:
        self._reason, self._status = reason, "FAILED"

    def _move_one(self) -> bool:
        """Sends the oldest message on, then deletes it; False where there is none."""
        received = self._backend.receive_message(self.source.name, 1, 0, HIDDEN_SECONDS, ["All"])
        for message in received:
            handle = str(message.receipt_handle)
            try:
                self._send(message, self._target(message))
            except Exception:
                self._backend.change_message_visibility(self.source.name, handle, 0)
                raise
            self._backend.delete_message(self.source.name, handle)
            self.moved += 1
        return bool(received)

    def _target(self, message: Message) -> str:
        if self._destination:
            return str(self._destination.name)
        origin = getattr(message, "came_from", None)
        if origin is None:
            raise UnknownSourceError(f"Message {message.id} has not come from a queue.")
        return str(origin.rpartition(":")[2])

    def _send(self, message: Message, queue: str) -> None:
        """Sends it as a new message: it gets another id and is counted anew."""
        self._backend.send_message(
            queue,
            message.body,
            message_attributes=message.message_attributes,
            deduplication_id=message.deduplication_id,
            group_id=message.group_id,
            system_attributes=message.system_attributes,
        )
