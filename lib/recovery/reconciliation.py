"""The reconcile queue: where archived events go that are replayed to be compared with the ledger."""

from __future__ import annotations

import json

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import CloudwatchEventTarget

from lib.encryption import Key
from lib.iam import Statement
from lib.message_queue import MessageQueue
from lib.region import Region


class Reconciliation:
    """A queue, and a rule of the bus that takes replayed events alone.

    Who reconciles starts a replay of the archive for this rule alone, so that no payment is taken anew.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html
    """

    def __init__(self, region: Region, *, bus_name: str, key: Key) -> None:
        name = region.settings.name("reconcile")
        self.messages = MessageQueue(region, "reconcile_queue", name=name, key=key)
        self.rule = region.add(
            CloudwatchEventRule,
            "reconcile_rule",
            name=name,
            description="Replayed events go to the queue in which they are compared with the ledger",
            event_bus_name=bus_name,
            event_pattern=json.dumps({"replay-name": [{"exists": True}]}),
        )
        sending = self.messages.protect(
            [
                Statement(
                    sid="EventBridgeSendsReplayedEvents",
                    actions=["sqs:SendMessage"],
                    resources=[self.messages.arn],
                    principals={"Service": ["events.amazonaws.com"]},
                    conditions={"ArnEquals": {"aws:SourceArn": self.rule.arn}},
                )
            ]
        )
        region.add(
            CloudwatchEventTarget,
            "reconcile_target",
            rule=self.rule.name,
            event_bus_name=bus_name,
            target_id="reconcile-queue",
            arn=self.messages.arn,
            depends_on=[sending],
        )

    def outputs(self) -> dict[str, str]:
        return {"reconcile_queue_url": self.messages.queue.url, "reconcile_rule_arn": self.rule.arn}
