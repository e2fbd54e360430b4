"""What the ledger publishes on one Region's bus reaches the other Region's."""

from __future__ import annotations

import json

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import (
    CloudwatchEventTarget,
    CloudwatchEventTargetDeadLetterConfig,
    CloudwatchEventTargetRetryPolicy,
)

from lib.encryption import Key
from lib.iam import Statement, attach_policy, service_role
from lib.message_queue import MessageQueue
from lib.payment_events import LEDGER_SOURCE, PUBLISHED_DETAIL_TYPES
from lib.region import Region

RETRY_ATTEMPTS = 185
EVENT_MAX_AGE_SECONDS = 24 * 3600


class EventForwarding:
    """A rule whose target is the other bus. It takes only events that were put in its own Region, so none comes back.

    EventBridge tries for a day, its longest: the other Region may be away. What it gives up waits in a queue.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
    """

    def __init__(self, region: Region, *, bus_name: str, to_bus_arn: str, key: Key) -> None:
        name = region.settings.name("forwarding")
        self.dead_letters = MessageQueue(
            region, "forwarding_dead_letters", name=region.settings.name("forwarding-dead-letters"), key=key
        )
        rule = region.add(
            CloudwatchEventRule,
            "forwarding_rule",
            name=name,
            description="What the ledger published here goes to the other Region",
            event_bus_name=bus_name,
            event_pattern=json.dumps(
                {
                    "source": [LEDGER_SOURCE],
                    "detail-type": list(PUBLISHED_DETAIL_TYPES),
                    "region": [region.name],
                }
            ),
        )
        self.dead_letters.protect(
            [
                Statement(
                    sid="EventBridgeSendsDeadLetters",
                    actions=["sqs:SendMessage"],
                    resources=[self.dead_letters.arn],
                    principals={"Service": ["events.amazonaws.com"]},
                    conditions={"ArnEquals": {"aws:SourceArn": [rule.arn]}},
                )
            ]
        )
        role = service_role(
            region, "forwarding_role", name=name, service="events.amazonaws.com", of_account=region.account_id
        )
        permission = attach_policy(
            region,
            "forwarding_put",
            role=role,
            name=region.settings.name("forwarding-put"),
            statements=[Statement(sid="PutOnTheOtherBus", actions=["events:PutEvents"], resources=[to_bus_arn])],
        )
        region.add(
            CloudwatchEventTarget,
            "forwarding_target",
            rule=rule.name,
            event_bus_name=bus_name,
            target_id="other-region",
            arn=to_bus_arn,
            role_arn=role.arn,
            retry_policy=CloudwatchEventTargetRetryPolicy(
                maximum_retry_attempts=RETRY_ATTEMPTS, maximum_event_age_in_seconds=EVENT_MAX_AGE_SECONDS
            ),
            dead_letter_config=CloudwatchEventTargetDeadLetterConfig(arn=self.dead_letters.arn),
            depends_on=[permission],
        )

    def outputs(self) -> dict[str, str]:
        return {"forwarding_dead_letter_queue_url": self.dead_letters.queue.url}
