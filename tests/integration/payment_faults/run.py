"""One run of the faults in one Region: deliveries and faults at once, then quiet, then what is left to compare."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from tests.integration.payment_faults import consumer
from tests.integration.payment_faults.database_faults import DatabaseFaults
from tests.integration.payment_faults.deliveries import RELAY, deal
from tests.integration.payment_faults.faults import Faults
from tests.integration.payment_faults.invariants import Entry, Ledger, Row
from tests.integration.payment_faults.load import Dns, Load
from tests.integration.payment_faults.result import Run
from tests.integration.payment_faults.service_faults import ServiceFaults
from tests.integration.payment_faults.surroundings import Surroundings
from tests.integration.payment_faults.worker_processes import WorkerProcesses

WORKERS = 8
RELAY_ENDS_SECONDS = 60.0


def run(directory: Path, seed: int, payments: int, *, engine: str) -> Run:
    """A run from this seed; ends with everything that it started."""
    began, random = time.monotonic(), Random(seed)
    deliveries = deal(random, payments)
    with Surroundings.started(directory, engine) as surroundings:
        with WorkerProcesses.started(directory / "logs", surroundings.variables()) as processes:
            load = Load(deliveries, Dns(processes), WORKERS, Random(random.random()))
            of_services = ServiceFaults(surroundings.dynamodb, surroundings.events, load, Random(random.random()))
            of_database = DatabaseFaults(surroundings, Random(random.random()))
            faults = Faults(load, [of_database.plan(), of_services.plan()])
            load_with_faults(load, faults)
            with surroundings.servers.session() as execute:
                ledger = read_ledger(execute, surroundings.servers.open_transactions)
        surroundings.servers.wait_for_reader()
        published = surroundings.region.published()
        return Run(
            seed=seed,
            deliveries=deliveries,
            load=load,
            faults=faults,
            ledger=ledger,
            events=consumer.details(published),
            sessions=surroundings.region.sessions(),
            texts={**processes.texts(), "published events": "\n".join(published)},
            secrets=surroundings.secrets,
            dynamodb_met=surroundings.dynamodb.met,
            events_met=surroundings.events.met,
            seconds=time.monotonic() - began,
        )


def load_with_faults(load: Load, faults: Faults) -> None:
    """Both from beginning to end; then the relay publishes what was left behind."""
    faults.start()
    load.run()
    faults.finish()
    relay_all(load.dns.here)


def relay_all(processes: WorkerProcesses) -> None:
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


def read_ledger(execute: Callable[[str], list[tuple[Any, ...]]], open_transactions: str) -> Ledger:
    """Everything in the ledger, read by a user who sees all transactions."""
    rows = execute("SELECT payment_id, amount, currency, payer_account, payee_account, status, answer FROM payments")
    entries = execute("SELECT payment_id, account, side, amount, currency FROM ledger_entries")
    waiting = execute("SELECT COUNT(*) FROM outbox WHERE published_at IS NULL")[0][0]
    opened = execute(open_transactions)[0][0]
    return Ledger(
        rows=[Row(**dict(zip(Row.__annotations__, row, strict=True))) for row in rows],
        entries=[Entry(**dict(zip(Entry.__annotations__, entry, strict=True))) for entry in entries],
        waiting_events=waiting,
        open_transactions=opened,
    )
