"""What the bus's archive has of a period: replayed to the reconcile queue alone, and read there."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tap.archive_replay import EVENTS, ArchiveReplays
from tap.environment import EVENT_BUS, EnvironmentNotFoundError
from tap.recovery.errors import RecoveryFailedError
from tap.recovery.journal import Journal
from tap.recovery.procedure import Tell
from tap.recovery.site import Site

ARCHIVE = "archive.jsonl"
BASE = "reconcile"
REPLAY_SECONDS = 3600.0
POLL_SECONDS = 2
EMPTY_ANSWERS = 3
"""SQS may answer that a queue is empty when it is not; in a row it does not."""


class ArchivedEvents:
    """The archive of one environment, as reconciling reads it."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._sqs = site.client("sqs")

    def check(self) -> tuple[str, str]:
        """URL of the queue and ARN of the rule. Raises `EnvironmentNotFoundError` where they are not deployed."""
        environment = self._site.environment
        name, events = environment.name(BASE), environment.client("events")
        try:
            url = self._sqs.get_queue_url(QueueName=name)["QueueUrl"]
            rule = events.describe_rule(Name=name, EventBusName=environment.parameter(EVENT_BUS))
        except (self._sqs.exceptions.QueueDoesNotExist, events.exceptions.ResourceNotFoundException):
            raise EnvironmentNotFoundError(
                f"environment {environment.suffix!r} in {environment.account.place} has no queue or rule {name}: "
                "deploy it anew with `tap env deploy`, which adds them"
            ) from None
        return str(url), str(rule["Arn"])

    def keep(self, journal: Journal, begin: datetime, end: datetime, tell: Tell) -> int:
        """Writes the events of the period to the journal's folder; how many.

        Raises `RecoveryFailedError` if the replay fails, `EnvironmentNotFoundError`, and botocore's errors.
        """
        url, rule_arn = self.check()
        journal.forget(ARCHIVE)
        seen: set[str] = set()
        replays = ArchiveReplays(self._site.environment)
        replay = replays.prepare(begin, end, rule_arn=rule_arn)
        replays.start(replay)
        tell(f"replay {replay.name} of {EVENTS} from {begin.isoformat()} to {end.isoformat()} started")
        deadline, empty = time.monotonic() + REPLAY_SECONDS, 0
        while empty < EMPTY_ANSWERS:
            progress = replays.progress(replay)
            batch = list(self._batch(url))
            new = {_key(row): row for row, _ in batch if _key(row) not in seen}
            journal.append(ARCHIVE, new.values())
            seen |= new.keys()
            if batch:
                self._delete(url, [handle for _, handle in batch])
            empty = 0 if batch or not progress.ended else empty + 1
            if progress.ended and progress.state != "COMPLETED":
                raise RecoveryFailedError(f"replay {replay.name} ended {progress.state}: {progress.reason}")
            if time.monotonic() > deadline:
                raise RecoveryFailedError(f"replay {replay.name} has not ended after {REPLAY_SECONDS:.0f} s; resume")
        tell(f"{len(seen)} archived events kept in {journal.folder / ARCHIVE}")
        return len(seen)

    def _batch(self, url: str) -> Iterator[tuple[dict[str, Any], str]]:
        answer = self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=POLL_SECONDS)
        for message in answer.get("Messages", []):
            event = json.loads(message["Body"])
            detail = event.get("detail") or {}
            row = {
                "event_id": detail.get("event_id"),
                "payment_id": detail.get("payment_id"),
                "type": event.get("detail-type"),
                "amount": detail.get("amount"),
                "currency": detail.get("currency"),
                "region": detail.get("region"),
                "time": event.get("time"),
            }
            yield row, message["ReceiptHandle"]

    def _delete(self, url: str, handles: list[str]) -> None:
        entries = [{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(handles)]
        self._sqs.delete_message_batch(QueueUrl=url, Entries=entries)


def _key(row: dict[str, Any]) -> str:
    """What is the same each time that an event arrives."""
    return row["event_id"] or json.dumps([row["type"], row["payment_id"], row["time"]])
