"""Finds the schedules whose time has come."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from moto.scheduler.models import EventBridgeSchedulerBackend, scheduler_backends
from moto.scheduler.models import Schedule as ScheduleResource

from local_aws import functions
from local_aws.delivery import Deliveries
from local_aws.functions.schedule import Schedule
from local_aws.schedules.expression import ScheduleExpressionError, Times, read_expression
from local_aws.schedules.target import call_target, delivery_of, give_up

SPEED = float(os.environ.get("LOCAL_AWS_SCHEDULE_SPEED", "1"))
"""How fast time passes for schedules: 60 makes a minute a second."""

TICK_SECONDS = 0.1

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Clock:
    """The time as schedules see it, faster than real time by `speed` since `begun` (seconds since 1970)."""

    begun: float
    speed: float

    def at(self, moment: float) -> datetime:
        """What the clock shows at a real moment."""
        return datetime.fromtimestamp(self.begun + (moment - self.begun) * self.speed, UTC)

    def now(self) -> datetime:
        return self.at(time.time())


@dataclass
class Plan:
    """When a schedule is due next. It is made anew when the schedule is changed: `state` is what it was made from."""

    state: tuple[object, ...]
    times: Times
    due: datetime | None


class Ticker:
    """Runs schedules while they exist and are enabled. Times that were missed are not made up for."""

    def __init__(self, clock: Clock, deliveries: Deliveries) -> None:
        self._clock = clock
        self._deliveries = deliveries
        self._plans: WeakKeyDictionary[ScheduleResource, Plan] = WeakKeyDictionary()

    def run(self) -> None:
        """Ticks for ever."""
        while True:
            time.sleep(TICK_SECONDS)
            try:
                self.tick()
            except Exception:
                log.exception("Schedules do not run")

    def tick(self) -> None:
        """Calls the targets of all schedules that are due."""
        now = self._clock.now()
        for backend, schedule in list(_schedules()):
            plan = self._plan(schedule)
            if plan is None or plan.due is None or plan.due > now:
                continue
            if not _ended(schedule, plan.due):
                self._deliveries.deliver(delivery_of(schedule, plan.due, time.monotonic()))
            plan.due = following(plan.times, plan.due, now)
            if plan.due is None and schedule.action_after_completion == "DELETE":
                with suppress(KeyError):
                    del backend.schedule_groups[schedule.group_name].schedules[schedule.name]

    def _plan(self, schedule: ScheduleResource) -> Plan | None:
        """The schedule's plan, or None where it is not to run."""
        if schedule.state != "ENABLED":
            self._plans.pop(schedule, None)
            return None
        zone = schedule.schedule_expression_timezone
        state = (schedule.schedule_expression, zone, schedule.start_date, schedule.last_modified_date)
        plan = self._plans.get(schedule)
        if plan is None or plan.state != state:
            try:
                times = read_expression(schedule.schedule_expression, zone)
            except ScheduleExpressionError as error:
                log.warning("Schedule %s does not run: %s", schedule.arn, error)
                return None
            start = self._clock.at(float(schedule.last_modified_date))
            if schedule.start_date:
                start = max(start, datetime.fromtimestamp(float(schedule.start_date), UTC))
            plan = self._plans[schedule] = Plan(state, times, times.first(start))
        return plan


def install() -> None:
    """Starts the ticker; it ends with the process. Once per process."""
    functions.install()
    ticker = Ticker(Clock(time.time(), SPEED), Deliveries(Schedule(), call_target, give_up))
    threading.Thread(target=ticker.run, daemon=True).start()


def _schedules() -> Iterator[tuple[EventBridgeSchedulerBackend, ScheduleResource]]:
    backends: Any = scheduler_backends
    for _, _, backend in list(backends.iter_backends()):
        for group in list(backend.schedule_groups.values()):
            for schedule in list(group.schedules.values()):
                yield backend, schedule


def _ended(schedule: ScheduleResource, due: datetime) -> bool:
    return bool(schedule.end_date) and due.timestamp() > float(schedule.end_date or 0)


def following(times: Times, due: datetime, now: datetime) -> datetime | None:
    """The time after `due`; of those that are over already, the last."""
    coming = times.after(due)
    while coming and coming <= now:
        later = times.after(coming)
        if later is None or later > now:
            break
        coming = later
    return coming
