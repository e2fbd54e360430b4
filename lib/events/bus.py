"""The event bus of payments: rule, retries, dead letters and archive."""

from __future__ import annotations

import json

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.cloudwatch_event_archive import CloudwatchEventArchive
from cdktf_cdktf_provider_aws.cloudwatch_event_bus import CloudwatchEventBus, CloudwatchEventBusDeadLetterConfig
from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import (
    CloudwatchEventTarget,
    CloudwatchEventTargetDeadLetterConfig,
    CloudwatchEventTargetRetryPolicy,
)

from lib.encryption import Key
from lib.iam import Statement
from lib.message_queue import MessageQueue
from lib.payment_events import DETAIL_TYPE, LEDGER_SOURCE, PUBLISHED_DETAIL_TYPES, SOURCE
from lib.region import Region

EVENT_PATTERN = json.dumps({"source": [SOURCE], "detail-type": [DETAIL_TYPE]})
# What arrives and what the ledger publishes, so that either can be replayed, to the rule of the one or the other.
ARCHIVE_PATTERN = json.dumps({"source": [SOURCE, LEDGER_SOURCE], "detail-type": [DETAIL_TYPE, *PUBLISHED_DETAIL_TYPES]})
RETRY_ATTEMPTS = 8
EVENT_MAX_AGE_SECONDS = 6 * 3600


class PaymentEventBus:
    """Payments arrive as events and leave as events. What cannot be delivered waits in a queue; all is archived.

    `consumer` is what the rule's description calls the target of payments, which `deliver_to...` gives.
    """

    def __init__(self, region: Region, *, key: Key, consumer: str = "function") -> None:
        self._region = region
        name = region.settings.name("events")
        self.dead_letters = MessageQueue(
            region, "events_dead_letters", name=region.settings.name("events-dead-letters"), key=key
        )
        self.bus = region.add(
            CloudwatchEventBus,
            "event_bus",
            name=name,
            description="Payment transactions",
            kms_key_identifier=key.arn,
            dead_letter_config=CloudwatchEventBusDeadLetterConfig(arn=self.dead_letters.arn),
        )
        self.rule = region.add(
            CloudwatchEventRule,
            "payment_rule",
            name=name,
            description=f"Payment transactions go to the payment {consumer}",
            event_bus_name=self.bus.name,
            event_pattern=EVENT_PATTERN,
        )
        self.dead_letters.protect(
            [
                Statement(
                    sid="EventBridgeSendsDeadLetters",
                    actions=["sqs:SendMessage"],
                    resources=[self.dead_letters.arn],
                    principals={"Service": ["events.amazonaws.com"]},
                    conditions={"ArnEquals": {"aws:SourceArn": [self.rule.arn, self.bus.arn]}},
                )
            ]
        )
        self.archive = region.add(
            CloudwatchEventArchive,
            "event_archive",
            name=name,
            description="Payment transactions and published ledger events, for replay",
            event_source_arn=self.bus.arn,
            event_pattern=ARCHIVE_PATTERN,
            retention_days=region.settings.log_retention_days,
        )

    def deliver_to(self, alias_arn: str) -> None:
        """Send every payment transaction to a function's alias."""
        self._deliver("payment-function", alias_arn)

    def deliver_to_queue(self, queue_arn: str, *, after: ITerraformDependable) -> None:
        """Send every payment transaction to a queue; `after` is the queue's policy, which lets the rule do so."""
        self._deliver("payment-queue", queue_arn, after)

    def outputs(self) -> dict[str, str]:
        return {
            "event_bus_name": self.bus.name,
            "event_bus_arn": self.bus.arn,
            "event_rule_name": self.rule.name,
            "event_archive_name": self.archive.name,
            "event_dead_letter_queue_url": self.dead_letters.queue.url,
        }

    def publish_access(self) -> list[Statement]:
        """Return the statements that let a role put events on the bus."""
        return [Statement(sid="PublishPaymentEvents", actions=["events:PutEvents"], resources=[self.bus.arn])]

    def _deliver(self, target_id: str, arn: str, *after: ITerraformDependable) -> None:
        self._region.add(
            CloudwatchEventTarget,
            "payment_target",
            rule=self.rule.name,
            event_bus_name=self.bus.name,
            target_id=target_id,
            arn=arn,
            retry_policy=CloudwatchEventTargetRetryPolicy(
                maximum_retry_attempts=RETRY_ATTEMPTS, maximum_event_age_in_seconds=EVENT_MAX_AGE_SECONDS
            ),
            dead_letter_config=CloudwatchEventTargetDeadLetterConfig(arn=self.dead_letters.arn),
            depends_on=list(after) or None,
        )
