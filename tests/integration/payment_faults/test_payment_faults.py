"""Payments are neither lost nor taken twice, whatever dies, fails, is slow, changes or comes twice.

`PAYMENT_FAULT_SEED` chooses the seed (or the first of several), `PAYMENT_FAULT_SEEDS` how many runs there are with
seeds from there on, `PAYMENT_FAULT_PAYMENTS` how many payments each has. Without them the seed is fixed, and there are
fewer payments in PostgreSQL: the faults are the same.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from payments.engines import AURORA_MYSQL, AURORA_POSTGRESQL, ENGINES
from tests.integration.payment_faults.database_faults import DATABASE_KILLS, ROTATIONS, WRITER_SWITCHES
from tests.integration.payment_faults.fault_points import KILL_POINTS
from tests.integration.payment_faults.faulty_service import Mode
from tests.integration.payment_faults.outcomes import UNAVAILABLE
from tests.integration.payment_faults.run import run
from tests.integration.payment_faults.service_faults import CLOCK_JUMPS

FIRST_SEED = int(os.environ.get("PAYMENT_FAULT_SEED", "1"))
SEEDS = int(os.environ.get("PAYMENT_FAULT_SEEDS", "1"))
PAYMENTS = {
    engine: int(os.environ.get("PAYMENT_FAULT_PAYMENTS", payments))
    for engine, payments in ((AURORA_MYSQL, 5000), (AURORA_POSTGRESQL, 600))
}


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + SEEDS))
@pytest.mark.parametrize("engine", ENGINES)
def test_payments_survive_every_fault(
    engine: str, seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    payments = PAYMENTS[engine]
    at_least_each = 24 if payments >= 5000 else 1
    result = run(tmp_path, seed, payments, engine=engine)
    with capsys.disabled():
        print(f"\n{result.report()}", file=sys.stderr)
    violations = list(result.violations())
    assert not violations, f"{len(violations)} violations in {engine} with PAYMENT_FAULT_SEED={seed}:\n" + "\n".join(
        violations[:50]
    )
    # The run was what it says: everything was tried, and enough of it.
    counts, happened = result.load.counts, result.faults.happened
    assert len(result.ledger.rows) == payments
    assert len({delivery.currency for delivery in result.deliveries}) > 1
    assert {point: counts.kills[point] >= at_least_each for point in KILL_POINTS} == dict.fromkeys(KILL_POINTS, True)
    assert counts.lost_commits >= at_least_each
    assert sum(counts.retries[reason] for reason in UNAVAILABLE)
    assert counts.cut_short <= len(result.deliveries) / 100
    assert happened["database killed and restarted"] == DATABASE_KILLS
    assert sum(count for name, count in happened.items() if name.startswith("writer ")) == WRITER_SWITCHES
    assert happened["credentials rotated, secret first"] + happened["credentials rotated, database first"] == ROTATIONS
    assert happened["clocks jumped"] == CLOCK_JUMPS
    for met in (result.dynamodb_met, result.events_met):
        assert all(met[mode] for mode in (Mode.THROTTLES, Mode.FAILS, Mode.SLOW, Mode.GONE))
    assert result.events_met[Mode.FAILS_PARTIALLY]
    assert result.events_met[Mode.LOSES_ANSWERS]
    assert {answered.status for answered in result.load.answers} >= {200, 409}
