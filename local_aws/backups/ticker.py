"""Runs the plans that test restores when their time has come, and ends validations that take too long."""

import logging
import threading
import time
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from moto.backup.models import backup_backends

from local_aws.backups.tests_of_restores import TestingPlan, end_overdue, run, testing_plans
from local_aws.schedules.expression import ScheduleExpressionError, read_expression
from local_aws.schedules.ticker import SPEED, TICK_SECONDS, Clock, Plan, following

log = logging.getLogger(__name__)


class TestingTicker:
    """Runs plans while they exist: all restores of one at its time, without the start window. What was missed is."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._plans: WeakKeyDictionary[TestingPlan, Plan] = WeakKeyDictionary()

    def run(self) -> None:
        """Ticks for ever."""
        while True:
            time.sleep(TICK_SECONDS)
            try:
                self.tick()
            except Exception:
                log.exception("Plans that test restores do not run")

    def tick(self) -> None:
        """Runs all plans that are due."""
        now, backends = self._clock.now(), backup_backends
        for _, _, backend in list(_regions(backends)):
            for plan in list(testing_plans(backend).values()):
                self._run_if_due(backend, plan, now)
            end_overdue(backend, SPEED)

    def _run_if_due(self, backend: Any, plan: TestingPlan, now: datetime) -> None:
        scheduled = self._scheduled(plan, now)
        if scheduled and scheduled.due and scheduled.due <= now:
            scheduled.due = following(scheduled.times, scheduled.due, now)
            run(backend, plan)

    def _scheduled(self, plan: TestingPlan, now: datetime) -> Plan | None:
        expression = str(plan.described["ScheduleExpression"])
        zone = str(plan.described["ScheduleExpressionTimezone"])
        found = self._plans.get(plan)
        if found is None or found.state != (expression, zone):
            try:
                times = read_expression(expression, zone)
            except ScheduleExpressionError as error:
                log.warning("%s does not run: %s", plan.arn, error)
                return None
            found = self._plans[plan] = Plan((expression, zone), times, times.first(now))
        return found


def install() -> None:
    """Starts the ticker; it ends with the process. Once per process."""
    ticker = TestingTicker(Clock(time.time(), SPEED))
    threading.Thread(target=ticker.run, daemon=True, name="restore testing").start()


def _regions(backends: Any) -> Any:
    return backends.iter_backends()
