"""Archived events are replayed to the targets of rules."""

import json
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

SOURCE = """
    import json

    def handler(event, context):
        print("got", json.dumps(event))
"""
REGION, ACCOUNT = "eu-central-1", "123456789012"


@dataclass(frozen=True)
class ArchivedBus:
    """A bus with an archive of payments and rules that reach functions."""

    cloud: Any
    name: str = field(default_factory=lambda: f"bus-{uuid.uuid4().hex[:8]}")

    @property
    def arn(self) -> str:
        return f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{self.name}"

    @property
    def archive_arn(self) -> str:
        return f"arn:aws:events:{REGION}:{ACCOUNT}:archive/{self.name}"

    def create(self) -> None:
        events = self.cloud.client("events")
        events.create_event_bus(Name=self.name)
        pattern = json.dumps({"detail-type": ["Payment"]})
        events.create_archive(ArchiveName=self.name, EventSourceArn=self.arn, EventPattern=pattern)

    def rule(self, name: str, target: Any) -> str:
        """A rule for all events, and the function that it calls."""
        events = self.cloud.client("events")
        pattern = json.dumps({"source": ["shop"]})
        arn = events.put_rule(Name=name, EventBusName=self.name, EventPattern=pattern)["RuleArn"]
        self.cloud.client("lambda").add_permission(
            FunctionName=target.name,
            StatementId=name,
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=arn,
        )
        events.put_targets(Rule=name, EventBusName=self.name, Targets=[{"Id": "function", "Arn": target.arn}])
        return str(arn)

    def put(self, number: int, when: datetime, kind: str = "Payment") -> None:
        entry = {"Source": "shop", "DetailType": kind, "Detail": json.dumps({"n": number}), "Time": when}
        self.cloud.client("events").put_events(Entries=[{**entry, "EventBusName": self.name}])

    def replay(self, begin: datetime, end: datetime, *rules: str) -> str:
        name = f"replay-{uuid.uuid4().hex[:8]}"
        self.cloud.client("events").start_replay(
            ReplayName=name,
            EventSourceArn=self.archive_arn,
            EventStartTime=begin,
            EventEndTime=end,
            Destination={"Arn": self.arn, **({"FilterArns": list(rules)} if rules else {})},
        )
        return name

    def state(self, replay: str) -> str:
        return str(self.cloud.client("events").describe_replay(ReplayName=replay)["State"])


NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def received(function: Any) -> list[Any]:
    return [json.loads(line.removeprefix("got ")) for line in function.log() if line.startswith("got ")]


def numbers(function: Any) -> list[int]:
    return sorted(event["detail"]["n"] for event in received(function))


def test_events_of_a_time_range_reach_the_functions_again(cloud: Any, until: Any) -> None:
    bus, function = ArchivedBus(cloud), cloud.function(SOURCE)
    bus.create()
    bus.rule("all", function)
    for number in range(3):
        bus.put(number, NOON + number * HOUR)
    assert until(lambda: numbers(function) == [0, 1, 2])
    name = bus.replay(NOON + HOUR, NOON + 2 * HOUR)
    assert until(lambda: bus.state(name) == "COMPLETED")
    assert until(lambda: numbers(function) == [0, 1, 1, 2, 2])
    first, *_, last = sorted(received(function), key=lambda event: "replay-name" in event)
    assert "replay-name" not in first
    assert last["replay-name"] == name
    assert (last["source"], last["detail-type"]) == ("shop", "Payment")
    described = cloud.client("events").describe_replay(ReplayName=name)
    assert described["EventLastReplayedTime"] == NOON + 2 * HOUR
    assert described["ReplayEndTime"] >= described["ReplayStartTime"]


def test_only_the_named_rules_see_replayed_events(cloud: Any, until: Any) -> None:
    bus, payments, others = ArchivedBus(cloud), cloud.function(SOURCE), cloud.function(SOURCE)
    bus.create()
    payment_rule = bus.rule("payments", payments)
    bus.rule("others", others)
    bus.put(1, NOON)
    assert until(lambda: numbers(payments) == [1] and numbers(others) == [1])
    name = bus.replay(NOON - HOUR, NOON + HOUR, payment_rule)
    assert until(lambda: bus.state(name) == "COMPLETED")
    assert until(lambda: numbers(payments) == [1, 1])
    time.sleep(0.5)
    assert numbers(others) == [1]


def test_an_archive_keeps_what_matches_its_pattern_and_no_replayed_events(cloud: Any, until: Any) -> None:
    bus, function = ArchivedBus(cloud), cloud.function(SOURCE)
    bus.create()
    bus.rule("all", function)
    bus.put(1, NOON)
    bus.put(2, NOON, "Refund")
    assert until(lambda: numbers(function) == [1, 2])
    events = cloud.client("events")
    assert events.describe_archive(ArchiveName=bus.name)["EventCount"] == 1
    name = bus.replay(NOON - HOUR, NOON + HOUR)
    assert until(lambda: bus.state(name) == "COMPLETED")
    assert until(lambda: numbers(function) == [1, 1, 2])
    assert events.describe_archive(ArchiveName=bus.name)["EventCount"] == 1
    events.update_archive(ArchiveName=bus.name, EventPattern=json.dumps({"detail-type": ["Refund"]}))
    bus.put(3, NOON)
    bus.put(4, NOON, "Refund")
    assert events.describe_archive(ArchiveName=bus.name)["EventCount"] == 2


def test_a_replay_can_be_cancelled(cloud: Any, until: Any) -> None:
    bus, function = ArchivedBus(cloud), cloud.function(SOURCE)
    bus.create()
    entry = {"Source": "shop", "DetailType": "Payment", "Detail": '{"n": 1}', "EventBusName": bus.name}
    for _ in range(100):
        cloud.client("events").put_events(Entries=[entry] * 10)
    bus.rule("all", function)
    now = datetime.now(UTC)
    name = bus.replay(now - HOUR, now + HOUR)
    assert cloud.client("events").cancel_replay(ReplayName=name)["State"] == "CANCELLING"
    assert until(lambda: bus.state(name) == "CANCELLED")
    with pytest.raises(ClientError) as refused:
        cloud.client("events").cancel_replay(ReplayName=name)
    assert refused.value.response["Error"]["Code"] == "IllegalStatusException"
    listed = cloud.client("events").list_replays(NamePrefix=name)["Replays"]
    assert [replay["State"] for replay in listed] == ["CANCELLED"]
