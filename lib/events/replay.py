"""The replay queue: payments that were given up go through it once more, to the payment function or service."""

from __future__ import annotations

import json

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.lambda_event_source_mapping import LambdaEventSourceMapping
from cdktf_cdktf_provider_aws.sqs_queue_redrive_allow_policy import SqsQueueRedriveAllowPolicy

from lib.encryption import Key
from lib.iam import Statement
from lib.message_queue import MessageQueue
from lib.region import Region

BATCH_SIZE = 10
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
VISIBILITY_IN_FUNCTION_TIMEOUTS = 6
MAX_RECEIVES = 5


class ReplayQueue:
    """A queue of bus events that are taken in batches; what fails again goes to its dead letters.

    A message that was received is hidden for `visibility_seconds`, longer than a batch takes. With `rule_arn`, a rule
    of the bus may send to the queue too, once `policy` is there.
    """

    def __init__(self, region: Region, *, key: Key, visibility_seconds: int, rule_arn: str | None = None) -> None:
        self._region = region
        self.dead_letters = MessageQueue(
            region, "replay_dead_letters", name=region.settings.name("replay-dead-letters"), key=key
        )
        self.dead_letters.protect()
        self.messages = MessageQueue(
            region,
            "replay_queue",
            name=region.settings.name("replay"),
            key=key,
            visibility_timeout_seconds=visibility_seconds,
            dead_letters=self.dead_letters,
            max_receives=MAX_RECEIVES,
        )
        self.policy = self.messages.protect(self._senders(rule_arn) if rule_arn else ())
        region.add(
            SqsQueueRedriveAllowPolicy,
            "replay_dead_letters_sources",
            queue_url=self.dead_letters.queue.url,
            redrive_allow_policy=json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [self.messages.arn]}),
        )

    def deliver_to(self, alias_arn: str, *, after: ITerraformDependable) -> None:
        """Send messages to a function's alias; those it names as failed come again, the others are deleted.

        `after` is what lets the function receive: Lambda refuses the mapping of one that may not.
        """
        self._region.add(
            LambdaEventSourceMapping,
            "replay_mapping",
            event_source_arn=self.messages.arn,
            function_name=alias_arn,
            batch_size=BATCH_SIZE,
            function_response_types=["ReportBatchItemFailures"],
            depends_on=[after],
        )

    def outputs(self) -> dict[str, str]:
        return {
            "replay_queue_url": self.messages.queue.url,
            "replay_dead_letter_queue_url": self.dead_letters.queue.url,
        }

    def _senders(self, rule_arn: str) -> list[Statement]:
        return [
            Statement(
                sid="EventBridgeSendsPayments",
                actions=["sqs:SendMessage"],
                resources=[self.messages.arn],
                principals={"Service": ["events.amazonaws.com"]},
                conditions={"ArnEquals": {"aws:SourceArn": rule_arn}},
            )
        ]
