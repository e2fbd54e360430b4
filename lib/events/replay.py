"""The replay queue: payments that were given up go through it to the payment function once more."""

from __future__ import annotations

import json

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.lambda_event_source_mapping import LambdaEventSourceMapping
from cdktf_cdktf_provider_aws.sqs_queue_redrive_allow_policy import SqsQueueRedriveAllowPolicy

from lib.encryption import Key
from lib.message_queue import MessageQueue
from lib.region import Region

BATCH_SIZE = 10
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
VISIBILITY_IN_FUNCTION_TIMEOUTS = 6
MAX_RECEIVES = 5


class ReplayQueue:
    """A queue of bus events that the payment function takes in batches; what fails again goes to its dead letters."""

    def __init__(self, region: Region, *, key: Key, function_timeout: int) -> None:
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
            visibility_timeout_seconds=VISIBILITY_IN_FUNCTION_TIMEOUTS * function_timeout,
            dead_letters=self.dead_letters,
            max_receives=MAX_RECEIVES,
        )
        self.messages.protect()
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
