"""Finds the canaries whose time has come. Time is that of schedules, which LOCAL_AWS_SCHEDULE_SPEED makes faster."""

import logging
import re
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from moto.synthetics.models import synthetics_backends

from local_aws import functions
from local_aws.canaries.canary import RUNNING, STOPPED, DeployedCanary
from local_aws.canaries.runs import run
from local_aws.schedules.expression import read_expression
from local_aws.schedules.ticker import SPEED, Clock

TICK_SECONDS = 0.2
ONCE = re.compile(r"rate\(0 (?:minute|hour)s?\)")

log = logging.getLogger(__name__)
clock = Clock(time.time(), SPEED)


def install() -> None:
    """Starts the ticker; it ends with the process. Once per process."""
    functions.install()
    threading.Thread(target=_tick_for_ever, daemon=True, name="canaries").start()


def start(canary: DeployedCanary) -> None:
    """Lets a canary run at once, then by its schedule."""
    canary.state, canary.due = RUNNING, clock.now()
    canary.happened("LastStarted")


def stop(canary: DeployedCanary) -> None:
    """Lets a canary run no more. A run that has begun goes on to its end."""
    canary.state, canary.due = STOPPED, None
    canary.happened("LastStopped")


def tick() -> None:
    """Begins the runs that are due. A canary that is still running does not run a second time beside that."""
    now = clock.now()
    for canary in _canaries():
        due = canary.due
        if due is None or due > now or canary.busy:
            continue
        canary.busy = True
        if ONCE.fullmatch(canary.expression):
            stop(canary)
        else:
            canary.due = _next(canary.expression, due, now)
        threading.Thread(target=_run, args=[canary], daemon=True, name=f"canary {canary.name}").start()


def _run(canary: DeployedCanary) -> None:
    try:
        run(canary)
    finally:
        canary.busy = False


def _tick_for_ever() -> None:
    while True:
        time.sleep(TICK_SECONDS)
        try:
            tick()
        except Exception:
            log.exception("Canaries do not run")


def _next(expression: str, due: datetime, now: datetime) -> datetime | None:
    """The first time after now. What was missed is not made up for."""
    times = read_expression(expression)
    following = times.after(due)
    while following and following <= now:
        following = times.after(following)
    return following


def _canaries() -> Iterator[DeployedCanary]:
    backends: Any = synthetics_backends
    for _, _, backend in list(backends.iter_backends()):
        yield from list(backend.canaries.values())
