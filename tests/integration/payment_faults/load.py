"""Sends the deliveries through the workers, as clients and EventBridge do: again, until there is a final answer."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.integration.payment_faults.deliveries import RELAY, Delivery, Route
from tests.integration.payment_faults.fault_points import AFTER_PUBLISHING, KILL_POINTS
from tests.integration.payment_faults.invariants import Answered
from tests.integration.payment_faults.worker_processes import (
    Reply,
    Worker,
    WorkerDiedError,
    WorkerHangsError,
    WorkerProcesses,
)

PATIENCE_SECONDS = 120.0
RETRY_SECONDS = 0.05
RELAY_SECONDS = 2.0
CONFLICT_REASON = "payment_id was used for another payment"


@dataclass
class Counts:
    """What happened, for the report. Only ever added to, under the load's lock."""

    kills: Counter[str] = field(default_factory=Counter)
    retries: Counter[str] = field(default_factory=Counter)
    lost_commits: int = 0
    cut_short: int = 0
    """Times that the work after an answer did not end within the function's time."""
    workers: int = 0
    relays: int = 0
    slowest_answer: float = 0.0


class Load:
    """The coordinator of one run."""

    def __init__(
        self, deliveries: Sequence[Delivery], processes: WorkerProcesses, workers: int, random: Random
    ) -> None:
        self.answers: list[Answered] = []
        self.failures: list[str] = []
        self.counts = Counts()
        self.clock_hours = [0.0] * workers
        self._processes = processes
        self._random = random
        self._waiting = deque(deliveries)
        self._total = len(deliveries)
        self._lock = threading.Lock()
        self._last_relay = time.monotonic()

    @property
    def progress(self) -> float:
        """The part of the deliveries that was begun; 1 at the end, or when the run failed."""
        return 1.0 if self.failures else 1 - len(self._waiting) / self._total

    def run(self) -> None:
        """Returns when every delivery has its final answer, or the run failed."""
        threads = [threading.Thread(target=self._guarded, args=(number,)) for number in range(len(self.clock_hours))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _guarded(self, number: int) -> None:
        try:
            Lane(self, number).run()
        except Exception as error:
            self.failures.append(f"worker {number}: {error!r}")

    def next(self) -> Delivery | None:
        """What is sent next; now and then a relay of the outbox, as the schedule does."""
        with self._lock:
            if not self._waiting or self.failures:
                return None
            if time.monotonic() > self._last_relay + RELAY_SECONDS:
                self._last_relay = time.monotonic()
                return RELAY
            return self._waiting.popleft()

    def add(self, answered: Answered) -> None:
        with self._lock:
            self.answers.append(answered)
            self.counts.slowest_answer = max(self.counts.slowest_answer, answered.ended - answered.began)

    def note(
        self, *, relays: int = 0, lost_commits: int = 0, cut_short: int = 0, retry: str = "", kill: str = ""
    ) -> None:
        """Counts what happened; `retry` is why, `kill` at which point."""
        with self._lock:
            self.counts.relays += relays
            self.counts.lost_commits += lost_commits
            self.counts.cut_short += cut_short
            self.counts.retries.update([retry.partition(', "request_id')[0]] if retry else [])
            self.counts.kills.update([kill] if kill else [])

    def worker(self) -> Worker:
        with self._lock:
            self.counts.workers += 1
        return self._processes.new()

    def pause(self) -> None:
        time.sleep(RETRY_SECONDS * (1 + self._random.random()))


class Lane:
    """One worker at a time, replaced when it dies, and the deliveries that it gets."""

    def __init__(self, load: Load, number: int) -> None:
        self._load = load
        self._number = number
        self._worker = load.worker()

    def run(self) -> None:
        while delivery := self._load.next():
            if delivery.route is Route.RELAY:
                self._load.note(relays=1)
                self._ask(delivery, None)
            else:
                self._deliver(delivery)
        self._worker.close()

    def _deliver(self, delivery: Delivery) -> None:
        """Sends until there is a final answer that reaches the sender."""
        began, lost, fault = time.monotonic(), delivery.lost, delivery.fault
        while time.monotonic() < began + PATIENCE_SECONDS:
            sent = time.monotonic()
            reply, fault = self._ask(delivery, fault), None
            status, body = (0, "worker died") if reply is None else outcome(delivery, reply)
            if 200 <= status < 500:
                answered = Answered(
                    delivery=delivery, status=status, body=body, began=sent, ended=time.monotonic(), lost=lost > 0
                )
                self._load.add(answered)
                if not lost:
                    return
                lost -= 1
                body = "answer lost"
            self._load.note(retry=body)
            self._load.pause()

    def _ask(self, delivery: Delivery, fault: str | None) -> Reply | None:
        """The worker's reply; None if it died without one, as it was told to. A new worker takes its place."""
        reply = None
        try:
            hours = self._load.clock_hours[self._number]
            reply = self._worker.invoke(delivery.event(), fault=fault, clock_hours=hours)
            rest = self._worker.rest()
            self._load.note(lost_commits=rest.fault_happened, cut_short=not rest.idle)
        except WorkerDiedError:
            if fault not in KILL_POINTS or (reply is not None and fault != AFTER_PUBLISHING):
                raise WorkerDiedError(f"a worker died that was not told to, at {fault}") from None
            self._load.note(kill=fault)
            self._worker.close()
            self._worker = self._load.worker()
        except WorkerHangsError as error:
            raise WorkerHangsError(f"{error}: {delivery.payment_id} {delivery.route} {fault}") from None
        return reply


def outcome(delivery: Delivery, reply: Reply) -> tuple[int, str]:
    """Status and body, as HTTP has them, also for events; 500 for an error that was raised."""
    if reply.error is not None:
        return 500, reply.error
    answer: dict[str, Any] = reply.answer or {}
    if delivery.route in (Route.API, Route.FIND):
        return answer["statusCode"], answer["body"]
    if delivery.route is Route.QUEUE:
        return (500, "message failed") if answer["batchItemFailures"] else (204, "")
    body = json.dumps(answer)
    if answer.get("valid"):
        return 200, body
    return 409 if answer.get("reason") == CONFLICT_REASON else 400, body
