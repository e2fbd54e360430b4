"""All scenarios, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tap.gameday.losses import RegionLost, WriterLost, ZoneLost
from tap.gameday.mistakes import BadDeploy, LedgerCorrupted, PoisonEvents
from tap.gameday.scenario import Scenario

SCENARIOS: Mapping[str, Callable[[], Scenario]] = {
    "writer-lost": WriterLost,
    "zone-lost": ZoneLost,
    "region-lost": RegionLost,
    "poison-events": PoisonEvents,
    "bad-deploy": BadDeploy,
    "ledger-corrupted": LedgerCorrupted,
}
"""In the order in which they are played; each makes a scenario for one run."""
