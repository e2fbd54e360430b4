"""Writers are stopped and started under load: nothing is written in between, and nothing is lost or taken twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from payments.engines import AURORA_MYSQL, AURORA_POSTGRESQL
from payments.switches import TRUSTED_SECONDS
from tests.integration.payment_faults import consumer, invariants
from tests.integration.payment_faults.aws_region import SUFFIX
from tests.integration.payment_faults.deliveries import Delivery, Route, deal
from tests.integration.payment_faults.load import Dns, Load
from tests.integration.payment_faults.recovery_function import Ask, recovery
from tests.integration.payment_faults.run import read_ledger, relay_all
from tests.integration.payment_faults.surroundings import Surroundings
from tests.integration.payment_faults.worker_processes import WorkerProcesses

SWITCH = "payments/writes"
PAYMENTS, WORKERS = 240, 4
# A process may have begun a payment just before it would have read the switch again.
ENDED_SECONDS = TRUSTED_SECONDS + 1
PATIENCE_SECONDS = 30.0
LONG_AGO = "2020-01-01T00:00:00Z"


def check_ledger_while_stopped(ask: Ask) -> set[str]:
    """What an operator asks before the ledger is set back; the payments that it holds."""
    assert ask("check-service")["writes"] == "stopped"
    checked = ask("check-ledger", strict=True)
    assert ask("drain-outbox")["left"] == 0
    witnessed, after = set[str](), None
    while True:
        page = ask("witness", since=LONG_AGO, after=after)
        assert all(one["status"] == "COMMITTED" for one in page["payments"])
        witnessed |= {one["payment_id"] for one in page["payments"]}
        after = page["next"]
        if after is None:
            break
    assert len(witnessed) == checked["payments"]
    some = sorted(witnessed)[:500]
    assert ask("find-payments", payment_ids=[*some, "unknown"])["payments"].keys() == set(some)
    events = ask("outbox-events", since=LONG_AGO)["events"]
    assert all(one["published"] for one in events)
    assert {one["payment_id"] for one in events} <= witnessed
    return witnessed


def wait_for(happened: Callable[[], bool]) -> None:
    """Also for workers that are only starting."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < ends
        time.sleep(0.05)


def halves(deliveries: Sequence[Delivery]) -> tuple[Sequence[Delivery], Sequence[Delivery]]:
    middle = len(deliveries) // 2
    return deliveries[:middle], deliveries[middle:]


@pytest.mark.parametrize("engine", [AURORA_MYSQL, AURORA_POSTGRESQL])
def test_stop_under_load_writes_nothing_and_loses_nothing(tmp_path: Path, engine: str) -> None:
    deliveries = [replace(one, fault=None) for one in deal(Random(7), PAYMENTS)]
    with Surroundings.started(tmp_path, engine) as surroundings:
        region = surroundings.region
        region.put_parameter(SWITCH, "open")
        variables = {**surroundings.variables(), "WRITES_PARAMETER": f"/payment/{SUFFIX}/{SWITCH}"}
        with (
            WorkerProcesses.started(tmp_path / "logs", variables) as processes,
            recovery(variables) as ask,
            surroundings.servers.session() as execute,
        ):
            before, during = (Load(part, Dns(processes), WORKERS, Random(8)) for part in halves(deliveries))
            paying = [threading.Thread(target=load.run) for load in (before, during)]
            paying[0].start()
            wait_for(lambda: before.progress >= 0.3)
            region.put_parameter(SWITCH, "stopped")
            time.sleep(ENDED_SECONDS)
            paying[1].start()
            quiet = time.monotonic()
            held = check_ledger_while_stopped(ask)
            wait_for(lambda: bool(during.counts.retries["Writers are stopped"]))
            assert ask("check-ledger", strict=True)["payments"] == len(held)
            opened = time.monotonic()
            region.put_parameter(SWITCH, "open")
            for thread in paying:
                thread.join()
            relay_all(processes)
            ledger = read_ledger(execute, surroundings.servers.open_transactions)
            assert ask("check-service")["writes"] == "open"
        surroundings.servers.wait_for_reader()
        published = consumer.details(region.published())
        sessions = region.sessions()
    assert before.failures == during.failures == []
    answers = [*before.answers, *during.answers]
    taken = [one for one in answers if one.delivery.route is not Route.FIND and one.status < 300]
    assert [one for one in taken if one.began > quiet and one.ended < opened] == []
    assert held < {row.payment_id for row in ledger.rows}
    assert not [
        *invariants.acknowledged_payments(answers, ledger),
        *invariants.balance(ledger),
        *invariants.same_answers(answers, ledger, sessions),
        *invariants.final_answers(answers, ledger),
        *invariants.publications(published, ledger),
        *invariants.nothing_stuck(ledger, deliveries, answers),
    ]
