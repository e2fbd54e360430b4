"""The faults around the workers, spread over a run: each begins when a part of the deliveries is done."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from tests.integration.payment_faults.faulty_service import FaultyService, Mode
from tests.integration.payment_faults.load import Load
from tests.integration.payment_faults.surroundings import Surroundings

DATABASE_KILLS, WRITER_SWITCHES, ROTATIONS, CLOCK_JUMPS = 5, 4, 4, 6
DYNAMODB_MODES = (Mode.THROTTLES, Mode.FAILS, Mode.SLOW, Mode.GONE)
EVENTS_MODES = (*DYNAMODB_MODES, Mode.LOSES_ANSWERS, Mode.FAILS_PARTIALLY)
LONG_OUTAGE_SECONDS = 16.0
"""Longer than the function tries: it answers 503, or from the session."""

FIRST, LAST = 0.02, 0.95
"""The parts of the deliveries between which faults begin."""

Fault = Callable[[], None]


class Faults:
    """All faults of one run. `happened` counts them, `failures` are those that could not be brought about."""

    def __init__(self, surroundings: Surroundings, load: Load, random: Random) -> None:
        self.happened: Counter[str] = Counter()
        self.failures: list[str] = []
        self._surroundings = surroundings
        self._load = load
        self._random = random
        self._threads = [
            threading.Thread(target=self._follow, args=(plan,)) for plan in (self._of_database(), self._of_services())
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Waits for those that have begun, and ends what lasts."""
        for thread in self._threads:
            thread.join()
        self._load.clock_hours[:] = [0.0] * len(self._load.clock_hours)

    def _of_database(self) -> Sequence[Fault]:
        """Kills, switches, rotations; one after the other, as each needs a writer."""
        plan: list[Fault] = [self._kill_database] * (DATABASE_KILLS - 1)
        plan += [partial(self._kill_database, LONG_OUTAGE_SECONDS)]
        plan += [partial(self._switch_writer, cut=bool(number % 2)) for number in range(WRITER_SWITCHES)]
        plan += [partial(self._rotate, secret_first=bool(number % 2)) for number in range(ROTATIONS)]
        self._random.shuffle(plan)
        return plan

    def _of_services(self) -> Sequence[Fault]:
        dynamodb, events = self._surroundings.dynamodb, self._surroundings.events
        plan: list[Fault] = [self._jump_clocks] * CLOCK_JUMPS
        plan += [partial(self._disturb, "DynamoDB", dynamodb, mode) for mode in DYNAMODB_MODES]
        plan += [partial(self._disturb, "EventBridge", events, mode) for mode in EVENTS_MODES]
        self._random.shuffle(plan)
        return plan

    def _follow(self, plan: Sequence[Fault]) -> None:
        for number, fault in enumerate(plan):
            part = FIRST + (LAST - FIRST) * number / len(plan)
            while self._load.progress < part:
                time.sleep(0.01)
            try:
                fault()
            except Exception as error:
                self.failures.append(f"{error!r}")

    def _kill_database(self, seconds: float = 0) -> None:
        self._surroundings.servers.writer.kill()
        time.sleep(seconds or self._random.uniform(0.1, 1.0))
        self._surroundings.servers.writer.start()
        self.happened["database killed and restarted"] += 1

    def _switch_writer(self, *, cut: bool) -> None:
        self._surroundings.servers.switch_writer(cut=cut)
        self.happened[f"writer changed, connections {'cut' if cut else 'kept'}"] += 1

    def _rotate(self, *, secret_first: bool) -> None:
        password = f"Password-Of-The-Faults-{self._random.randrange(16**12):012x}"
        steps = [self._surroundings.rotate_secret, self._surroundings.rotate_user]
        for step in steps if secret_first else reversed(steps):
            step(password)
            time.sleep(self._random.uniform(0.2, 1.0))
        self.happened[f"credentials rotated, {'secret' if secret_first else 'database'} first"] += 1

    def _disturb(self, name: str, service: FaultyService, mode: Mode) -> None:
        service.mode = mode
        time.sleep(self._random.uniform(0.5, 1.5))
        service.mode = Mode.WORKS
        self.happened[f"{name} {mode}"] += 1

    def _jump_clocks(self) -> None:
        hours = self._load.clock_hours
        hours[:] = [self._random.uniform(-48, 48) for _ in hours]
        self.happened["clocks jumped"] += 1
