"""Sends the deliveries through the workers, as clients and EventBridge do: again, until there is a final answer."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tests.integration.payment_faults.deliveries import RELAY, Delivery, Route
from tests.integration.payment_faults.fault_points import AFTER_PUBLISHING, KILL_POINTS
from tests.integration.payment_faults.invariants import Answered
from tests.integration.payment_faults.outcomes import outcome, reason
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


@dataclass
class Dns:
    """Where the API's name leads: to the workers of one Region. Those of another, if there is one, are `elsewhere`."""

    here: WorkerProcesses
    elsewhere: WorkerProcesses | None = None

    def move(self, there: WorkerProcesses) -> None:
        """Makes it lead there."""
        self.here, self.elsewhere = there, self.here


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
    """The coordinator of one run. `strays` are what the deliveries met that went astray."""

    def __init__(self, deliveries: Sequence[Delivery], dns: Dns, workers: int, random: Random) -> None:
        self.dns = dns
        self.answers: list[Answered] = []
        self.strays: list[Answered] = []
        self.failures: list[str] = []
        self.counts = Counts()
        self.clock_hours = [0.0] * workers
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
            (self.strays if answered.delivery.astray else self.answers).append(answered)
            self.counts.slowest_answer = max(self.counts.slowest_answer, answered.ended - answered.began)

    def note(
        self, *, relays: int = 0, lost_commits: int = 0, cut_short: int = 0, retry: str = "", kill: str = ""
    ) -> None:
        """Counts what happened; `retry` is what was answered, `kill` at which point."""
        with self._lock:
            self.counts.relays += relays
            self.counts.lost_commits += lost_commits
            self.counts.cut_short += cut_short
            self.counts.retries.update([reason(retry)] if retry else [])
            self.counts.kills.update([kill] if kill else [])

    def worker(self, processes: WorkerProcesses) -> Worker:
        with self._lock:
            self.counts.workers += 1
        return processes.new()

    def pause(self) -> None:
        time.sleep(RETRY_SECONDS * (1 + self._random.random()))


class Lane:
    """One worker at a time in each Region, replaced when it dies, and the deliveries that it gets."""

    def __init__(self, load: Load, number: int) -> None:
        self._load = load
        self._number = number
        self._workers: dict[WorkerProcesses, Worker] = {}

    def run(self) -> None:
        while delivery := self._load.next():
            if delivery.astray:
                self._send_astray(delivery)
            elif delivery.route is Route.RELAY:
                self._load.note(relays=1)
                self._ask(self._load.dns.here, delivery, None)
            else:
                self._deliver(delivery)
        for worker in self._workers.values():
            worker.close()

    def _deliver(self, delivery: Delivery) -> None:
        """Sends until there is a final answer that reaches the sender."""
        began, lost, fault = time.monotonic(), delivery.lost, delivery.fault
        while time.monotonic() < began + PATIENCE_SECONDS:
            sent = time.monotonic()
            reply, fault = self._ask(self._load.dns.here, delivery, fault), None
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

    def _send_astray(self, delivery: Delivery) -> None:
        """Sends once, whatever the answer, to where the name does not lead."""
        elsewhere, sent = self._load.dns.elsewhere, time.monotonic()
        assert elsewhere, "nothing goes astray in one Region"
        reply = self._ask(elsewhere, delivery, None)
        assert reply, "it has no fault to die of"
        status, body = outcome(delivery, reply)
        self._load.add(Answered(delivery=delivery, status=status, body=body, began=sent, ended=time.monotonic()))

    def _ask(self, processes: WorkerProcesses, delivery: Delivery, fault: str | None) -> Reply | None:
        """The worker's reply; None if it died without one, as it was told to. The next one takes its place."""
        reply = None
        worker = self._workers.get(processes) or self._workers.setdefault(processes, self._load.worker(processes))
        try:
            hours = self._load.clock_hours[self._number]
            reply = worker.invoke(delivery.event(), fault=fault, clock_hours=hours)
            rest = worker.rest()
            self._load.note(lost_commits=rest.fault_happened, cut_short=not rest.idle)
        except WorkerDiedError:
            if fault not in KILL_POINTS or (reply is not None and fault != AFTER_PUBLISHING):
                raise WorkerDiedError(f"a worker died that was not told to, at {fault}") from None
            self._load.note(kill=fault)
            self._workers.pop(processes).close()
        except WorkerHangsError as error:
            raise WorkerHangsError(f"{error}: {delivery.payment_id} {delivery.route} {fault}") from None
        return reply
