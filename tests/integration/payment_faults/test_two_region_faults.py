"""Payments in two Regions are neither lost nor taken twice, when they move as planned or their database is lost.

The variables are those of `test_payment_faults`; a run has `PAYMENT_FAULT_PAYMENTS`, or fewer payments than there.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.integration.payment_faults.database_faults import LONG_OUTAGE_SECONDS
from tests.integration.payment_faults.deliveries import Route
from tests.integration.payment_faults.fault_points import KILL_POINTS
from tests.integration.payment_faults.faulty_service import Mode
from tests.integration.payment_faults.outcomes import UNAVAILABLE
from tests.integration.payment_faults.promotions import LOST, RETURNED, Promotion
from tests.integration.payment_faults.service_faults import CLOCK_JUMPS
from tests.integration.payment_faults.strays import taken
from tests.integration.payment_faults.two_region_run import run_in_two_regions
from tests.integration.payment_faults.two_regions import PRIMARY_REGION, SECONDARY_REGION

FIRST_SEED = int(os.environ.get("PAYMENT_FAULT_SEED", "1"))
SEEDS = int(os.environ.get("PAYMENT_FAULT_SEEDS", "1"))
PAYMENTS = int(os.environ.get("PAYMENT_FAULT_PAYMENTS", "750"))
RECOVERY_SECONDS = LONG_OUTAGE_SECONDS + 60


@pytest.mark.parametrize("promotion", Promotion)
@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + SEEDS))
def test_payments_survive_the_loss_of_the_primary(
    seed: int, promotion: Promotion, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run_in_two_regions(tmp_path, seed, PAYMENTS, promotion)
    with capsys.disabled():
        print(f"\n{result.report()}", file=sys.stderr)
    violations = list(result.violations())
    assert not violations, f"{len(violations)} violations with PAYMENT_FAULT_SEED={seed}:\n" + "\n".join(
        violations[:50]
    )
    # The run was what it says: everything was tried, and enough of it.
    counts, happened, load = result.load.counts, result.faults.happened, result.load
    own = {delivery.payment_id for delivery in result.deliveries}
    astray = {stray.delivery.payment_id for stray in taken(load.strays)}
    assert {row.payment_id for row in result.ledger.rows} == own | astray
    assert len(own) == PAYMENTS
    assert {point: counts.kills[point] > 0 for point in KILL_POINTS} == dict.fromkeys(KILL_POINTS, True)
    assert counts.lost_commits
    assert counts.cut_short <= len(result.deliveries) / 100
    assert happened["clocks jumped"] == CLOCK_JUMPS
    for met in (result.dynamodb_met, result.events_met):
        assert met.total() > met[Mode.WORKS]
    assert [move.to for move in result.moves] == [SECONDARY_REGION, PRIMARY_REGION, SECONDARY_REGION]
    assert (happened[LOST], happened[RETURNED]) == (1, promotion is Promotion.REMOVAL)
    assert result.accepted(PRIMARY_REGION)
    # Until the other Region took payments, they were refused in words that tell to send them again.
    assert sum(counts.retries[reason] for reason in UNAVAILABLE)
    refusals = (f"{Route.API} 503", f"{Route.EVENT} 500", f"{Route.QUEUE} 500")
    assert all(result.refused()[refusal] for refusal in refusals)
    assert any("Region is secondary" in stray.body for stray in load.strays)
    assert LONG_OUTAGE_SECONDS < result.seconds_to_the_first(result.disaster) < RECOVERY_SECONDS
