"""`tap replay archive`: a period of archived events put on the bus again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from lib.payment_events import DETAIL_TYPE, SOURCE
from tap.environment import Environment
from tests.unit.tap_commands.conftest import REGION, Tap

NAME = "payment-events-test"
ACCOUNT = "123456789012"


@pytest.fixture
def archive(environment: Environment) -> Environment:
    """Bus, rule and archive, with one event in it; the rule sends to a queue that a test can read."""
    events = boto3.client("events", region_name=REGION)
    bus = events.create_event_bus(Name=NAME)["EventBusArn"]
    pattern = json.dumps({"source": [SOURCE]})
    events.put_rule(Name=NAME, EventBusName=NAME, EventPattern=pattern)
    queue = boto3.client("sqs", region_name=REGION).create_queue(QueueName="received")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:received"
    assert queue.endswith("/received")
    events.put_targets(Rule=NAME, EventBusName=NAME, Targets=[{"Id": "queue", "Arn": arn}])
    events.create_archive(ArchiveName=NAME, EventSourceArn=bus, EventPattern=pattern)
    entry = {
        "EventBusName": NAME,
        "Source": SOURCE,
        "DetailType": DETAIL_TYPE,
        "Detail": json.dumps({"payment_id": "one"}),
    }
    events.put_events(Entries=[entry])  # type: ignore[list-item]
    return environment


def received() -> list[dict[str, Any]]:
    sqs = boto3.client("sqs", region_name=REGION)
    url = sqs.get_queue_url(QueueName="received")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


def period() -> tuple[str, ...]:
    now = datetime.now(UTC)
    begin, end = now - timedelta(hours=1), now + timedelta(hours=1)
    return ("--from", begin.isoformat(), "--to", end.isoformat())


@pytest.mark.usefixtures("archive")
def test_a_period_is_replayed_for_the_payment_rule(tap: Tap) -> None:
    assert [event["detail"]["payment_id"] for event in received()] == ["one"]
    ended = tap("replay", "archive", *period(), "--json")
    assert ended.code == 0
    printed = json.loads(ended.out)
    assert printed["state"] == "COMPLETED"
    assert printed["replay"].startswith("payment-replay-test-")
    [again] = received()
    assert again["detail"]["payment_id"] == "one"
    assert again["replay-name"] == printed["replay"]
    described = boto3.client("events", region_name=REGION).describe_replay(ReplayName=printed["replay"])
    assert described["Destination"]["FilterArns"] == [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{NAME}/{NAME}"]


@pytest.mark.usefixtures("archive")
def test_it_can_be_repeated(tap: Tap) -> None:
    names = {json.loads(tap("replay", "archive", *period(), "--json").out)["replay"] for _ in range(2)}
    assert len(names) == 2


@pytest.mark.usefixtures("archive")
def test_a_dry_run_starts_nothing(tap: Tap) -> None:
    ended = tap("replay", "archive", *period(), "--dry-run", "--json")
    assert ended.code == 0
    assert json.loads(ended.out) | {"state": "not started", "archived_events": 1} == json.loads(ended.out)
    assert boto3.client("events", region_name=REGION).list_replays()["Replays"] == []


def test_a_replay_that_fails_or_goes_on(tap: Tap, archive: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    client = archive.client("events")
    described: list[dict[str, Any]] = [{"State": "RUNNING", "EventLastReplayedTime": datetime.now(UTC)}]
    monkeypatch.setattr(client, "describe_replay", lambda **_parameters: described[-1])
    monkeypatch.setattr(Environment, "find", lambda **_options: archive)
    going_on = tap("replay", "archive", *period(), "--wait", "0")
    assert going_on.code == 1
    assert "aws events describe-replay --replay-name payment-replay-test-" in going_on.err
    described.append({"State": "FAILED", "StateReason": "the bus is gone"})
    failed = tap("replay", "archive", *period(), "--json")
    assert failed.code == 1
    assert json.loads(failed.out) | {"state": "FAILED", "reason": "the bus is gone"} == json.loads(failed.out)


@pytest.mark.usefixtures("environment")
def test_an_environment_without_archive(tap: Tap) -> None:
    ended = tap("replay", "archive", *period())
    assert ended.code == 3
    assert f"has no archive or rule {NAME}" in ended.err


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [
        ("yesterday", "2026-11-21T10:00Z", "'yesterday' is not a time with a time zone"),
        ("2026-11-21T10:00", "2026-11-21T11:00Z", "is not a time with a time zone"),
        ("2026-11-21T10:00Z", "2026-11-21T10:00Z", "is not after --from 2026-11-21T10:00Z"),
    ],
)
def test_periods_that_cannot_be_used(tap: Tap, begin: str, end: str, said: str) -> None:
    ended = tap("replay", "archive", "--from", begin, "--to", end)
    assert ended.code == 2
    assert said in " ".join(ended.err.replace("│", " ").split())
