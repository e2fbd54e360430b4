"""Whoever is interested in payments: a log group that gets every event that is published on the bus.

moto's queues take time that grows with their length, its log groups do not.
"""

from __future__ import annotations

import json
from typing import Any

LOG_GROUP = "/aws/events/payment-consumer"


def subscribe(events: Any, logs: Any, bus: str) -> None:
    """Sends the ledger's events on the bus to the log group."""
    logs.create_log_group(logGroupName=LOG_GROUP)
    arn = logs.describe_log_groups(logGroupNamePrefix=LOG_GROUP)["logGroups"][0]["arn"].removesuffix(":*")
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"{arn}:*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    logs.put_resource_policy(policyName="consumer", policyDocument=policy)
    pattern = json.dumps({"source": ["payment.ledger"]})
    events.put_rule(Name="consumer", EventBusName=bus, EventPattern=pattern)
    events.put_targets(Rule="consumer", EventBusName=bus, Targets=[{"Id": "consumer", "Arn": arn}])


def received(logs: Any) -> list[str]:
    """The text of every event, of those that came twice also twice."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=LOG_GROUP)
    return [event["message"] for page in pages for event in page["events"]]


def details(texts: list[str]) -> list[dict[str, Any]]:
    """What the events say, and their type."""
    events = [json.loads(text) for text in texts]
    return [{**event["detail"], "event_type": event["detail-type"]} for event in events]
