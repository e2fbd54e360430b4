"""Replay of archived payment events: EventBridge puts those of a period on the bus again, for the payment rule."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tap.environment import EVENT_BUS, Environment, EnvironmentNotFoundError

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_events.literals import ReplayStateType

# Archive, bus and rule share their name.
EVENTS = "events"


@dataclass(frozen=True)
class Replay:
    """A replay to start, or started. `archived_events` counts the whole archive, not the period alone."""

    name: str
    archive_arn: str
    bus_arn: str
    rule_arn: str
    begin: datetime
    end: datetime
    archived_events: int


@dataclass(frozen=True)
class ReplayProgress:
    """How far a replay is: its state in EventBridge, why, and the part of the period that is done, 0 to 1."""

    state: ReplayStateType
    reason: str
    done: float

    @property
    def ended(self) -> bool:
        return self.state in ("COMPLETED", "CANCELLED", "FAILED")


class ArchiveReplays:
    """Replays of one environment's archive."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._events: EventBridgeClient = environment.client("events")

    def prepare(self, begin: datetime, end: datetime, *, rule_arn: str | None = None) -> Replay:
        """A replay of the events of a period, not started: to the payment rule, or to the one that is given.

        Raises `EnvironmentNotFoundError`, and botocore's errors.
        """
        name = self._environment.name(EVENTS)
        bus = self._environment.parameter(EVENT_BUS)
        try:
            archive = self._events.describe_archive(ArchiveName=name)
            rule = self._events.describe_rule(Name=name, EventBusName=bus)
        except self._events.exceptions.ResourceNotFoundException as error:
            raise EnvironmentNotFoundError(
                f"environment {self._environment.suffix!r} in {self._environment.account.place} has no archive "
                f"or rule {name}: {error.response['Error']['Message']}"
            ) from None
        # EventBridge takes 64 characters and refuses a name that was used before, also long ago.
        unique = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
        return Replay(
            name=f"{self._environment.name('replay')}-{unique}",
            archive_arn=archive["ArchiveArn"],
            bus_arn=archive["EventSourceArn"],
            rule_arn=rule_arn or rule["Arn"],
            begin=begin,
            end=end,
            archived_events=archive.get("EventCount", 0),
        )

    def start(self, replay: Replay) -> None:
        """Starts it; it then goes on in AWS by itself. Raises botocore's errors."""
        self._events.start_replay(
            ReplayName=replay.name,
            Description="Started by tap replay archive",
            EventSourceArn=replay.archive_arn,
            EventStartTime=replay.begin,
            EventEndTime=replay.end,
            Destination={"Arn": replay.bus_arn, "FilterArns": [replay.rule_arn]},
        )

    def progress(self, replay: Replay) -> ReplayProgress:
        """How far it is now. Raises botocore's errors."""
        described = self._events.describe_replay(ReplayName=replay.name)
        state = described["State"]
        last = described.get("EventLastReplayedTime")
        period = (replay.end - replay.begin).total_seconds()
        part = (last - replay.begin).total_seconds() / period if last else 0.0
        done = 1.0 if state == "COMPLETED" else min(max(part, 0.0), 1.0)
        return ReplayProgress(state, described.get("StateReason", ""), done)
