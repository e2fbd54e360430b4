"""What a scenario of a game day is."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from tap.gameday.load import PaymentLoad
from tap.gameday.measurement import Target
from tap.gameday.stage import Stage
from tap.gameday.watch import Watch
from tap.recovery.site import Site

MINUTE = 60.0
SERVICE = Target(rto=15 * MINUTE, rpo=5 * MINUTE)
"""The targets of this project for the loss of a Region; nothing else may take longer."""


class Scenario(Protocol):
    """One fault, and what ends it. Methods raise `RecoveryFailedError`, and botocore's errors."""

    name: str
    does: str
    target: Target
    hold_seconds: float
    """How long the load goes on after the fault at least, so that it is felt."""

    def check(self, stage: Stage) -> None:
        """Touches nothing. Raises `ScenarioUnfitError` for another architecture, `EnvironmentNotFoundError`."""

    def prepare(self, stage: Stage) -> None:
        """Brings everything to where the fault is felt most, before the load begins."""

    def inject(self, stage: Stage, load: PaymentLoad) -> None:
        """Does the fault, and returns once it is there."""

    def recover(self, stage: Stage, watch: Watch) -> None:
        """What a person does about it; nothing where the environment recovers by itself."""

    def clean_up(self, stage: Stage) -> None:
        """Ends the fault, and brings everything back to where it was, however the run went."""

    def account_for(self, stage: Stage, lost: Collection[str]) -> None:
        """Raises `RecoveryFailedError` if the ledger has what it must not, or nobody is told of a payment it lost."""

    def witness(self, stage: Stage) -> Site:
        """The Region whose ledger says at the end what has become of the payments."""
