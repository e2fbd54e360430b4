"""Carries a plan out step by step, from where its journal says that it ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from tap.recovery.errors import RecoveryEndedError, RecoveryFailedError, RecoveryRefusedError
from tap.recovery.journal import Journal, Result
from tap.recovery.plan import Plan

Tell = Callable[[str], None]
Action = Callable[[], Result | None]


class Procedure(Protocol):
    """A recovery of one environment. Each step of its plan has an action of the same name; again, it does no harm."""

    @property
    def plan(self) -> Plan: ...

    def check(self) -> None:
        """Looks whether it is possible, and touches nothing. Raises `RecoveryRefusedError` with the remedy."""

    def actions(self, journal: Journal, tell: Tell) -> Mapping[str, Action]:
        """What the steps do; `tell` is for news in the middle of one."""


def carry_out(procedure: Procedure, journal: Journal, tell: Tell) -> None:
    """Does what is left of it. Raises `RecoveryFailedError`, naming the step; what was done stays in the journal."""
    steps = procedure.plan.steps
    actions = procedure.actions(journal, lambda text: tell(f"    {text}"))
    if missing := [step.name for step in steps if step.name not in actions]:
        raise AssertionError(f"no action for {missing}")
    for number, step in enumerate(steps, 1):
        head = f"[{number}/{len(steps)}] {step.name}"
        if journal.done(step.name):
            tell(f"{head}: done before")
            continue
        tell(f"{head}: {step.text}")
        began = time.monotonic()
        try:
            journal.perform(step.name, actions[step.name])
        except RecoveryEndedError:
            journal.end("failed")
            raise
        except (RecoveryFailedError, RecoveryRefusedError, ClientError, BotoCoreError) as error:
            raise RecoveryFailedError(f"step {step.name} failed: {error}") from error
        tell(f"{head}: done in {time.monotonic() - began:.1f} s")
    journal.end("done")
