"""Polls a queue for a function."""

import json
import logging
import threading
import time
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventSourceMapping
from moto.awslambda.utils import get_backend
from moto.sqs.exceptions import QueueDoesNotExist, ReceiptHandleIsInvalid
from moto.sqs.models import Message, sqs_backends

from local_aws import functions
from local_aws.functions.deployed import Target
from local_aws.functions.execution_role import role_allows
from local_aws.queue_delivery.records import record, succeeded, wanted

POLLERS = 2
"""Pollers of one mapping, so that a batch does not wait for the one before. AWS starts with five."""

POLL_SECONDS = 1
IDLE_SECONDS = 0.2
RECEIVED_AT_ONCE = 10
"""Messages of one ReceiveMessage call."""

PAYLOAD_LIMIT = 5 * 1024 * 1024
"""Bytes of message bodies in one batch, so that the event stays below Lambda's 6 MB."""

PARTIAL = "ReportBatchItemFailures"

log = logging.getLogger(__name__)


class QueuePoller:
    """Hands messages to a mapping's function while the mapping exists and is enabled.

    What the function deals with is deleted. The rest comes back after the queue's visibility timeout, and in the end
    goes to the dead-letter queue by the queue's own redrive policy.
    """

    def __init__(self, mapping: EventSourceMapping) -> None:
        self._mapping = mapping
        self._name = mapping.event_source_arn.rpartition(":")[2]

    def start(self) -> None:
        """Starts polling; it ends with the mapping."""
        most = (self._mapping.scaling_config or {}).get("MaximumConcurrency", POLLERS)
        for _ in range(min(POLLERS, most)):
            threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while self._exists():
            try:
                busy = self._mapping.enabled and self._poll()
            except (QueueDoesNotExist, LambdaClientError):
                busy = False
            except Exception:
                log.exception("Messages of %s do not reach %s", self._name, self._mapping.function_arn)
                busy = False
            if not busy:
                time.sleep(IDLE_SECONDS)

    def _exists(self) -> bool:
        backend = get_backend(self._mapping.account_id, self._mapping.region)
        return backend.get_event_source_mapping(self._mapping.uuid) is self._mapping

    def _poll(self) -> bool:
        """Deals with one batch; False where the function's role may not read the queue."""
        mapping, target = self._mapping, Target.at(self._mapping.function_arn)
        role = target.function().role
        if not role_allows(role, "sqs:ReceiveMessage", mapping.event_source_arn):
            log.warning("%s may not receive messages of %s.", role, mapping.event_source_arn)
            time.sleep(POLL_SECONDS)
            return False
        received = self._batch()
        filters = (mapping.filter_criteria or {}).get("Filters") or []
        messages = [message for message in received if wanted(message, filters)]
        self._delete([message for message in received if message not in messages])
        if messages:
            event = {"Records": [record(message, mapping.event_source_arn) for message in messages]}
            outcome = functions.invoke(target, json.dumps(event).encode())
            partial = PARTIAL in (mapping.function_response_types or [])
            self._delete(succeeded(messages, outcome.result, partial=partial))
        return True

    def _batch(self) -> list[Message]:
        """As many messages as the mapping takes at once, or those that come in its batching window."""
        messages: list[Message] = self._receive(self._mapping.batch_size, POLL_SECONDS)
        end = time.monotonic() + int(self._mapping.max_batch_window or 0)
        while messages and self._exists() and self._mapping.enabled:
            left = end - time.monotonic()
            missing = self._mapping.batch_size - len(messages)
            if left <= 0 or missing <= 0 or sum(len(message.body) for message in messages) > PAYLOAD_LIMIT:
                break
            messages += self._receive(missing, min(1, left))
        return messages

    def _receive(self, count: int, wait: float) -> list[Message]:
        queue = self._backend().get_queue(self._name)
        count = min(count, RECEIVED_AT_ONCE)
        received: list[Message] = self._backend().receive_message(
            self._name, count, wait, queue.visibility_timeout, ["All"]
        )
        return received

    def _delete(self, messages: list[Message]) -> None:
        for message in messages:
            try:
                self._backend().delete_message(self._name, message.receipt_handle)
            except ReceiptHandleIsInvalid:
                log.warning("A message of %s was gone before it was deleted: %s", self._name, message.id)

    def _backend(self) -> Any:
        _, _, _, region, account, _ = self._mapping.event_source_arn.split(":", 5)
        return sqs_backends[account][region]
