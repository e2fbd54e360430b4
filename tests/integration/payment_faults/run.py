"""One run of the faults: deliveries and faults at once, then quiet, then what is left to compare."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.integration.payment_faults import consumer, invariants
from tests.integration.payment_faults.deliveries import ACCOUNT_MARK, RELAY, Delivery, deal
from tests.integration.payment_faults.faults import Faults
from tests.integration.payment_faults.faulty_service import Mode
from tests.integration.payment_faults.invariants import Entry, Ledger, Row
from tests.integration.payment_faults.load import Load
from tests.integration.payment_faults.surroundings import TABLE, Surroundings
from tests.integration.payment_faults.worker_processes import WorkerProcesses

WORKERS = 8
RELAY_ENDS_SECONDS = 60.0


@dataclass(kw_only=True)
class Run:
    """What a run leaves: everything that the invariants compare."""

    seed: int
    deliveries: list[Delivery]
    load: Load
    faults: Faults
    ledger: Ledger
    events: list[dict[str, Any]]
    sessions: dict[str, str]
    texts: dict[str, str]
    secrets: set[str]
    dynamodb_met: Counter[Mode]
    events_met: Counter[Mode]
    seconds: float

    def violations(self) -> Iterator[str]:
        answers = self.load.answers
        yield from (f"the load failed: {failure}" for failure in self.load.failures)
        yield from (f"a fault could not be brought about: {failure}" for failure in self.faults.failures)
        yield from invariants.acknowledged_payments(answers, self.ledger)
        yield from invariants.balance(self.ledger)
        yield from invariants.same_answers(answers, self.ledger, self.sessions)
        yield from invariants.final_answers(answers, self.ledger)
        yield from invariants.publications(self.events, self.ledger)
        yield from invariants.nothing_stuck(self.ledger, self.deliveries, answers)
        yield from invariants.private_texts(self.texts, [ACCOUNT_MARK, *self.secrets])

    def report(self) -> str:
        counts, payments = self.load.counts, len(self.ledger.rows)
        lines = [
            f"PAYMENT_FAULT_SEED={self.seed}",
            f"{payments} payments, {len(self.deliveries) - payments} deliveries of one that was sent already,"
            f" {counts.workers} worker processes, {counts.relays} relays",
            f"killed: {_counted(counts.kills)}; answers to a commit lost: {counts.lost_commits};"
            f" work after an answer cut short: {counts.cut_short}",
            f"faults: {_counted(self.faults.happened)}",
            f"requests to DynamoDB: {_counted(self.dynamodb_met)}, to EventBridge: {_counted(self.events_met)}",
            f"retries: {counts.retries.total()}: {_counted(counts.retries)}",
            f"published: {len(self.events)} times, {len({event['event_id'] for event in self.events})} events;"
            f" sessions: {len(self.sessions)}",
            f"slowest answer {counts.slowest_answer:.1f} s; {self.seconds:.0f} s in all",
        ]
        return "\n".join(lines)


def _counted(counter: Counter[str] | Counter[Mode]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items())) or "none"


def run(directory: Path, seed: int, payments: int) -> Run:
    """A run from this seed; ends with everything that it started."""
    began, random = time.monotonic(), Random(seed)
    deliveries = deal(random, payments)
    with Surroundings.started(directory) as surroundings:
        with WorkerProcesses.started(directory / "logs", surroundings.variables()) as processes:
            load = Load(deliveries, processes, WORKERS, Random(random.random()))
            faults = Faults(surroundings, load, Random(random.random()))
            faults.start()
            load.run()
            faults.finish()
            _relay(processes)
            ledger = read_ledger(surroundings)
        surroundings.servers.wait_for_reader()
        published = consumer.received(surroundings.client("logs"))
        texts = {path.name: path.read_text(errors="replace") for path in processes.logs.iterdir()}
        return Run(
            seed=seed,
            deliveries=deliveries,
            load=load,
            faults=faults,
            ledger=ledger,
            events=consumer.details(published),
            sessions=_sessions(surroundings),
            texts=texts | {"published events": "\n".join(published)},
            secrets=surroundings.secrets,
            dynamodb_met=surroundings.dynamodb.met,
            events_met=surroundings.events.met,
            seconds=time.monotonic() - began,
        )


def _relay(processes: WorkerProcesses) -> None:
    """As the schedule does, until nothing waits; what keeps waiting is found by the invariants."""
    worker = processes.new()
    ends = time.monotonic() + RELAY_ENDS_SECONDS
    while time.monotonic() < ends:
        reply = worker.invoke(RELAY.event())
        worker.rest()
        if reply.answer and reply.answer["left"] == 0:
            break
        time.sleep(1)
    worker.close()


def read_ledger(surroundings: Surroundings) -> Ledger:
    """Everything in the ledger, read as root."""
    with surroundings.servers.writer.session() as execute:
        rows = execute(
            "SELECT payment_id, amount, currency, payer_account, payee_account, status, answer FROM payments.payments"
        )
        entries = execute("SELECT payment_id, account, side, amount, currency FROM payments.ledger_entries")
        waiting = execute("SELECT COUNT(*) FROM payments.outbox WHERE published_at IS NULL")[0][0]
        opened = execute("SELECT COUNT(*) FROM information_schema.innodb_trx")[0][0]
    return Ledger(
        rows=[Row(**dict(zip(Row.__annotations__, row, strict=True))) for row in rows],
        entries=[Entry(**dict(zip(Entry.__annotations__, entry, strict=True))) for entry in entries],
        waiting_events=waiting,
        open_transactions=opened,
    )


def _sessions(surroundings: Surroundings) -> dict[str, str]:
    """The answers in the sessions table by payment."""
    pages = surroundings.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
    return {item["session_id"]["S"]: item["answer"]["S"] for page in pages for item in page["Items"]}
