"""SQS queues, such as dead-letter queues: where something waits when no attempt to handle it succeeded."""

from __future__ import annotations

import json
from collections.abc import Sequence

from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from cdktf_cdktf_provider_aws.sqs_queue_policy import SqsQueuePolicy

from lib.encryption import Key
from lib.iam import Statement, policy_document
from lib.region import Region

# SQS's longest, 14 days: time to mend the consumer before anything is lost.
MESSAGE_RETENTION_SECONDS = 14 * 24 * 3600


class MessageQueue:
    """An encrypted queue that takes messages over TLS only, from roles or from the services named by `senders`.

    With `dead_letters`, a message that was received `max_receives` times and never deleted goes there.
    `visibility_timeout_seconds` is how long a received message is hidden from others; SQS's default is 30.
    """

    def __init__(
        self,
        region: Region,
        id_: str,
        *,
        name: str,
        key: Key,
        visibility_timeout_seconds: int | None = None,
        dead_letters: MessageQueue | None = None,
        max_receives: int | None = None,
    ) -> None:
        self._region = region
        self._id = id_
        self._key = key
        redrive = {"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": max_receives} if dead_letters else None
        self.queue = region.add(
            SqsQueue,
            id_,
            name=name,
            kms_master_key_id=key.arn,
            kms_data_key_reuse_period_seconds=300,
            message_retention_seconds=MESSAGE_RETENTION_SECONDS,
            visibility_timeout_seconds=visibility_timeout_seconds,
            redrive_policy=json.dumps(redrive) if redrive else None,
        )

    @property
    def arn(self) -> str:
        return self.queue.arn

    def send_access(self) -> list[Statement]:
        """Return the statements that let a role send to this queue."""
        return [
            Statement(sid="SendDeadLetters", actions=["sqs:SendMessage"], resources=[self.arn]),
            self._key.use("EncryptDeadLetters"),
        ]

    def receive_access(self) -> list[Statement]:
        """Return the statements that let a role take messages from this queue."""
        return [
            Statement(
                sid="ReceiveMessages",
                actions=["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                resources=[self.arn],
            ),
            Statement(sid="DecryptMessages", actions=["kms:Decrypt"], resources=[self._key.arn]),
        ]

    def protect(self, senders: Sequence[Statement] = ()) -> SqsQueuePolicy:
        """Attach the queue's policy: TLS for everyone, and `senders` as services that may send."""
        tls_only = Statement(
            sid="RefusePlainHttp",
            effect="Deny",
            actions=["sqs:*"],
            resources=[self.arn],
            principals={"AWS": ["*"]},
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
        return self._region.add(
            SqsQueuePolicy,
            f"{self._id}_policy",
            queue_url=self.queue.url,
            policy=policy_document(tls_only, *senders),
        )
