"""One run of a scenario: load, fault, recovery, measurement."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from tap.gameday.load import PaymentLoad
from tap.gameday.measurement import Measurement, measured
from tap.gameday.scenario import Scenario
from tap.gameday.stage import Stage
from tap.gameday.watch import Reaction, Watch
from tap.recovery.errors import RecoveryFailedError

WARM_SECONDS = 5.0
WARM_LIMIT_SECONDS = 120.0
CALM_SECONDS = 5.0
"""So long no attempt may have failed for all to be well again."""
LONGEST_SECONDS = 20 * 60.0
POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Run:
    """A run, with what the environment did about the fault."""

    scenario: str
    began_at: datetime
    measurement: Measurement
    reactions: tuple[Reaction, ...]


def play(scenario: Scenario, stage: Stage) -> Run:
    """Does the fault under load and ends it.

    Raises `RecoveryFailedError` where payments are not taken before it, or not any more after it, `LoadError`, and
    botocore's errors.
    """
    scenario.prepare(stage)
    began_at, watch = datetime.now(UTC), Watch(stage.sites, stage.site.suffix)
    load = PaymentLoad(stage.clients, f"gameday-{uuid4().hex[:8]}")
    try:
        with load:
            _warm(load, stage)
            watch.begin()
            stage.tell(f"fault: {scenario.does}")
            fault_at = time.time()
            scenario.inject(stage, load)
            scenario.recover(stage, watch)
            _until_calm(scenario, load, watch, fault_at)
    finally:
        scenario.clean_up(stage)
    site = scenario.witness(stage)
    acknowledged = load.acknowledged()
    present = stage.present(acknowledged, site=site)
    scenario.account_for(stage, set(acknowledged) - present)
    doubled = int(stage.ledger(site=site)["faulty"])
    watch.look()
    measurement = measured(load.sent, fault_at=fault_at, present=present, doubled=doubled)
    return Run(scenario.name, began_at, measurement, tuple(watch.reactions))


def _warm(load: PaymentLoad, stage: Stage) -> None:
    """Returns once payments have been taken for a while without any trouble."""
    deadline = time.monotonic() + WARM_LIMIT_SECONDS
    while time.time() - max(load.quiet_since(), load.sent[0].first_at if load.sent else time.time()) < WARM_SECONDS:
        load.check()
        if time.monotonic() > deadline:
            raise RecoveryFailedError("payments are not taken before anything was done: see `tap doctor`")
        time.sleep(POLL_SECONDS / 4)
    if not load.acknowledged():
        raise RecoveryFailedError("no payment was acknowledged before anything was done")
    stage.tell(f"{len(load.acknowledged())} payments taken")


def _until_calm(scenario: Scenario, load: PaymentLoad, watch: Watch, fault_at: float) -> None:
    """Returns once no attempt has failed for a while."""
    while True:
        load.check()
        now = time.time()
        if now - fault_at >= scenario.hold_seconds and now - load.quiet_since() >= CALM_SECONDS:
            return
        if now - fault_at > LONGEST_SECONDS:
            raise RecoveryFailedError(
                f"payments are not taken again {LONGEST_SECONDS / 60:.0f} minutes after the fault"
            )
        try:
            watch.look()
        except (ClientError, BotoCoreError) as error:
            raise RecoveryFailedError(f"alarms and state machines cannot be looked at: {error}") from error
        time.sleep(POLL_SECONDS)
