"""Looks at all alarms, again and again, and changes the states of those that are to turn.

Time is that of schedules: LOCAL_AWS_SCHEDULE_SPEED makes periods shorter. The period that is not over yet counts too,
so that an alarm turns as soon as it has a reason to.
"""

import json
import logging
import time
from typing import Any
from weakref import WeakKeyDictionary

from moto.cloudwatch.models import Alarm, CloudWatchBackend, cloudwatch_backends

from local_aws.alarms import measurements
from local_aws.alarms.evaluation import ALARM, COMPARISONS, OK, Criterion, judge
from local_aws.alarms.gauges import Gauges
from local_aws.alarms.metric_math import value_of
from local_aws.alarms.notices import Change
from local_aws.alarms.rule import alarms_in, is_met
from local_aws.alarms.series import MetricIndex, key_of
from local_aws.alarms.transitions import act, change_state
from local_aws.schedules.ticker import SPEED
from local_aws.turn import TURN

MINUTE = 60.0 / SPEED
"""How long a state lasts that was set by hand: AWS looks at alarms once a minute."""

TICK_SECONDS = max(0.1, min(1.0, 10.0 / SPEED))
NESTED_LEVELS = 10

log = logging.getLogger(__name__)


class Evaluator:
    """The alarms of one local AWS."""

    def __init__(self) -> None:
        self._gauges = Gauges(MINUTE)
        self._indexes: WeakKeyDictionary[CloudWatchBackend, MetricIndex] = WeakKeyDictionary()

    def run(self) -> None:
        """Evaluates for ever."""
        while True:
            time.sleep(TICK_SECONDS)
            try:
                self.evaluate()
            except Exception:
                log.exception("Alarms are not evaluated")

    def evaluate(self) -> None:
        """Looks at each alarm once, composite ones after the others."""
        self._gauges.measure()
        changes: list[Change] = []
        with TURN:
            measurements.put()
            backends: Any = cloudwatch_backends
            for _, _, backend in list(backends.iter_backends()):
                changes += self._evaluate_backend(backend)
        for change in changes:
            act(change)

    def _evaluate_backend(self, backend: CloudWatchBackend) -> list[Change]:
        if not backend.alarms:
            return []
        index = self._indexes.setdefault(backend, MetricIndex())
        index.refresh(backend)
        single = [alarm for alarm in backend.alarms.values() if alarm.rule is None]
        found = [_metric_change(backend, alarm, index) for alarm in single]
        changes = [change for change in found if change]
        for _ in range(NESTED_LEVELS):
            composite = [alarm for alarm in backend.alarms.values() if alarm.rule is not None]
            found = [_composite_change(backend, alarm) for alarm in composite]
            changes += [change for change in found if change]
            if not any(found):
                break
        return changes


def set_by_hand(alarm: Alarm) -> None:
    """Keeps the state that an alarm was given: for a minute, or until an alarm of its rule changes."""
    vars(alarm)["held_until"] = time.monotonic() + MINUTE
    vars(alarm)["held_children"] = None


def _metric_change(backend: CloudWatchBackend, alarm: Alarm, index: MetricIndex) -> Change | None:
    if vars(alarm).get("held_until", 0.0) > time.monotonic() or alarm.comparison_operator not in COMPARISONS:
        return None
    periods = int(alarm.evaluation_periods)
    criterion = Criterion(
        comparison=alarm.comparison_operator,
        threshold=float(alarm.threshold),
        periods=periods,
        to_alarm=int(alarm.datapoints_to_alarm or periods),
        missing=alarm.treat_missing_data or "missing",
    )
    try:
        values = _values(alarm, index, criterion.looked_at)
    except ValueError as error:
        log.debug("Alarm %s is not evaluated: %s", alarm.name, error)
        return None
    verdict = judge(criterion, values, alarm.state_value)
    if verdict.state == alarm.state_value:
        return None
    data = {
        "version": "1.0",
        "queryDate": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime())}.000+0000",
        "statistic": alarm.statistic,
        "period": alarm.period,
        "recentDatapoints": list(verdict.values),
        "threshold": criterion.threshold,
    }
    return change_state(backend, alarm, verdict.state, verdict.reason, json.dumps(data))


def _values(alarm: Alarm, index: MetricIndex, count: int) -> list[float | None]:
    """The values of the last periods, the latest first. Raises ValueError for what is not known here."""
    now = time.time()
    if not alarm.metric_data_queries:
        key = key_of(alarm.namespace, alarm.metric_name, alarm.dimensions)
        statistic = alarm.statistic or alarm.extended_statistic or "Average"
        return index.statistics(key, statistic, float(alarm.period) / SPEED, count, now)
    series: dict[str, list[float | None]] = {}
    expressions = {query.id: query.expression for query in alarm.metric_data_queries if query.expression}
    for query in alarm.metric_data_queries:
        if query.metric_stat:
            stat = query.metric_stat
            key = key_of(stat.metric.namespace, stat.metric.metric_name, stat.metric.dimensions)
            series[query.id] = index.statistics(key, stat.stat, float(stat.period) / SPEED, count, now)
    for identity, expression in expressions.items():
        at_times = [{name: values[slot] for name, values in series.items()} for slot in range(count)]
        series[identity] = [value_of(expression, values) for values in at_times]
    returned = [query.id for query in alarm.metric_data_queries if str(query.return_data).lower() == "true"]
    wanted = alarm.threshold_metric_id if alarm.threshold_metric_id in returned else None
    chosen = [identity for identity in returned if identity != wanted] or list(series)[-1:]
    return series[chosen[0]]


def _composite_change(backend: CloudWatchBackend, alarm: Alarm) -> Change | None:
    rule = str(alarm.rule)
    states = {
        name: backend.alarms[name].state_value
        for name in (one.rpartition(":alarm:")[2] for one in alarms_in(rule))
        if name in backend.alarms
    }
    own = vars(alarm)
    if "held_children" in own:
        if own["held_children"] in (None, states):
            own["held_children"] = states
            return None
        del own["held_children"]
    state = ALARM if is_met(rule, lambda name: states.get(name.rpartition(":alarm:")[2], "")) else OK
    if state == alarm.state_value:
        return None
    on = ", ".join(sorted(name for name, value in states.items() if value == ALARM))
    reason = f"{rule} is {'met' if state == ALARM else 'not met'}; in ALARM: {on or 'none'}"
    data = {"triggeringAlarms": [{"name": name, "state": {"value": value}} for name, value in states.items()]}
    return change_state(backend, alarm, state, reason, json.dumps(data))
