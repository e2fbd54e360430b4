"""Faults of the ledger's database in one Region."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from random import Random

from tests.integration.payment_faults.faults import Fault
from tests.integration.payment_faults.surroundings import Surroundings

DATABASE_KILLS, WRITER_SWITCHES, ROTATIONS = 5, 4, 4
LONG_OUTAGE_SECONDS = 16.0
"""Longer than the function tries: it answers 503, or from the session."""


class DatabaseFaults:
    """Kills, switches, rotations; one after the other, as each needs a writer."""

    def __init__(self, surroundings: Surroundings, random: Random) -> None:
        self._surroundings = surroundings
        self._random = random

    def plan(self) -> Sequence[Fault]:
        plan: list[Fault] = [self._kill] * (DATABASE_KILLS - 1)
        plan += [partial(self._kill, LONG_OUTAGE_SECONDS)]
        plan += [partial(self._switch_writer, cut=bool(number % 2)) for number in range(WRITER_SWITCHES)]
        plan += [partial(self._rotate, secret_first=bool(number % 2)) for number in range(ROTATIONS)]
        self._random.shuffle(plan)
        return plan

    def _kill(self, seconds: float = 0) -> str:
        self._surroundings.servers.writer.kill()
        time.sleep(seconds or self._random.uniform(0.1, 1.0))
        self._surroundings.servers.writer.start()
        return "database killed and restarted"

    def _switch_writer(self, *, cut: bool) -> str:
        self._surroundings.servers.switch_writer(cut=cut)
        return f"{self._surroundings.servers.change}, connections {'cut' if cut else 'kept'}"

    def _rotate(self, *, secret_first: bool) -> str:
        password = f"Password-Of-The-Faults-{self._random.randrange(16**12):012x}"
        steps = [self._surroundings.rotate_secret, self._surroundings.rotate_user]
        for step in steps if secret_first else reversed(steps):
            step(password)
            time.sleep(self._random.uniform(0.2, 1.0))
        return f"credentials rotated, {'secret' if secret_first else 'database'} first"
