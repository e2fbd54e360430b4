"""Which state the last values of a metric mean for an alarm.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

OK, ALARM, INSUFFICIENT_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"
FURTHER_PERIODS = 2
"""How many periods before those that count are looked at for values, where some of these are missing."""

COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
}


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """When an alarm is on: `to_alarm` of the last `periods` values are beyond the threshold."""

    comparison: str
    threshold: float
    periods: int
    to_alarm: int
    missing: str

    @property
    def looked_at(self) -> int:
        """How many periods to read."""
        return self.periods + FURTHER_PERIODS


@dataclass(frozen=True)
class Verdict:
    """A state, why, and the values that it rests on, the latest first."""

    state: str
    reason: str
    values: tuple[float, ...]


def judge(criterion: Criterion, values: Sequence[float | None], current: str) -> Verdict:
    """The verdict on values of periods, the latest first; `current` is the state that missing ones may keep.

    Where enough values are there, those that are missing do not matter. Where not, the others are what the alarm's
    treatment of missing data says; by default, and where it says to ignore them, values that are all beyond the
    threshold turn the alarm on, or keep it as it is.
    """
    there = [value for value in values if value is not None][: criterion.periods]
    absent = criterion.periods - len(there)
    compare, words = COMPARISONS[criterion.comparison]
    beyond = sum(compare(value, criterion.threshold) for value in there)
    if absent:
        beyond, state = _with_missing(criterion, beyond, there, current)
        if state:
            return Verdict(state, _reason_of_missing(criterion, there, state, words), tuple(there))
    state = ALARM if beyond >= criterion.to_alarm else OK
    if absent and not there:
        return Verdict(state, _reason_of_missing(criterion, there, state, words), ())
    shown = ", ".join(f"{value:g}" for value in there)
    was = "were" if len(there) > 1 else "was"
    reason = (
        f"Threshold Crossed: {beyond} out of the last {criterion.periods} datapoints [{shown}] {was} {words} the "
        f"threshold ({criterion.threshold:g})"
    )
    least = criterion.to_alarm if state == ALARM else criterion.periods - criterion.to_alarm + 1
    change = "OK -> ALARM" if state == ALARM else "ALARM -> OK"
    return Verdict(state, f"{reason} (minimum {least} datapoint(s) for {change} transition).", tuple(there))


def _with_missing(criterion: Criterion, beyond: int, there: Sequence[float], current: str) -> tuple[int, str]:
    """The values beyond the threshold with what missing ones count for, or the state that they settle."""
    absent = criterion.periods - len(there)
    match criterion.missing:
        case "breaching":
            return beyond + absent, ""
        case "notBreaching":
            return beyond, ""
    if beyond >= criterion.to_alarm:
        return beyond, ""
    if there and beyond < len(there):
        return beyond, OK
    if criterion.missing == "ignore":
        return beyond, current
    return beyond, ALARM if there else INSUFFICIENT_DATA


def _reason_of_missing(criterion: Criterion, there: Sequence[float], state: str, words: str) -> str:
    if state == INSUFFICIENT_DATA:
        return f"Insufficient Data: {criterion.periods} datapoints were unknown."
    absent, missing = criterion.periods - len(there), criterion.missing or "missing"
    shown = ", ".join(f"{value:g}" for value in there)
    known = f"; [{shown}] compared with {words} {criterion.threshold:g}" if there else ""
    return f"Threshold Crossed: {absent} missing datapoints were treated as [{missing}]{known}."
