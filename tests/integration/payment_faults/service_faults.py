"""Faults of the services around the workers, and of their clocks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from random import Random

from tests.integration.payment_faults.faults import Fault
from tests.integration.payment_faults.faulty_service import FaultyService, Mode
from tests.integration.payment_faults.load import Load

CLOCK_JUMPS = 6
DYNAMODB_MODES = (Mode.THROTTLES, Mode.FAILS, Mode.SLOW, Mode.GONE)
UNMET_SECONDS = 30.0
EVENTS_MODES = (*DYNAMODB_MODES, Mode.LOSES_ANSWERS, Mode.FAILS_PARTIALLY)


class ServiceFaults:
    """DynamoDB and EventBridge fail in all their ways, for a moment each; clocks jump."""

    def __init__(self, dynamodb: FaultyService, events: FaultyService, load: Load, random: Random) -> None:
        self._dynamodb, self._events = dynamodb, events
        self._load = load
        self._random = random

    def plan(self) -> Sequence[Fault]:
        plan: list[Fault] = [self._jump_clocks] * CLOCK_JUMPS
        plan += [partial(self._disturb, "DynamoDB", self._dynamodb, mode) for mode in DYNAMODB_MODES]
        plan += [partial(self._disturb, "EventBridge", self._events, mode) for mode in EVENTS_MODES]
        self._random.shuffle(plan)
        return plan

    def _disturb(self, name: str, service: FaultyService, mode: Mode) -> str:
        """For a moment, and until a request met it: while the ledger is away, none may come."""
        met = service.met[mode]
        service.mode = mode
        time.sleep(self._random.uniform(0.5, 1.5))
        ends = time.monotonic() + UNMET_SECONDS
        while service.met[mode] == met and self._load.progress < 1 and time.monotonic() < ends:
            time.sleep(0.01)
        service.mode = Mode.WORKS
        return f"{name} {mode}"

    def _jump_clocks(self) -> str:
        hours = self._load.clock_hours
        hours[:] = [self._random.uniform(-48, 48) for _ in hours]
        return "clocks jumped"
