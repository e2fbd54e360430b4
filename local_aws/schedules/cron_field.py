"""The fields of a cron expression (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based)."""

import calendar
from collections.abc import Mapping
from datetime import date
from functools import cache

RANGES = {
    "minute": range(60),
    "hour": range(24),
    "day of month": range(1, 32),
    "month": range(1, 13),
    "day of week": range(1, 8),
    "year": range(1970, 2200),
}
NAMES: Mapping[str, list[str]] = {
    "month": ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
    "day of week": ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
}
ANY = ("*", "?")


class CronFieldError(ValueError):
    """A field that means nothing."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"the local AWS does not know {text!r} as {kind}")


@cache
def values_of(kind: str, text: str) -> frozenset[int]:
    """The numbers that a field stands for. Raises CronFieldError."""
    if text in ANY:
        return frozenset(RANGES[kind])
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        try:
            found |= set(_span(kind, span, bool(step))[:: int(step or 1)])
        except ValueError:
            raise CronFieldError(kind, text) from None
    if not found <= set(RANGES[kind]):
        raise CronFieldError(kind, text)
    return frozenset(found)


def day_matches(day: date, of_month: str, of_week: str) -> bool:
    """True if a day is meant by both of its fields. `L`: the last one; `6#3`: the third Friday of the month."""
    return _in_month(day, of_month) and _in_week(day, of_week)


def _span(kind: str, text: str, stepped: bool) -> range:
    if text in ANY:
        return RANGES[kind]
    first, _, last = text.partition("-")
    begin = _number(kind, first)
    end = _number(kind, last) if last else RANGES[kind].stop - 1 if stepped else begin
    return range(begin, end + 1)


def _number(kind: str, text: str) -> int:
    names = NAMES.get(kind, [])
    return names.index(text.upper()) + 1 if text.upper() in names else int(text)


def _in_month(day: date, text: str) -> bool:
    if text == "L":
        return day.day == calendar.monthrange(day.year, day.month)[1]
    return day.day in values_of("day of month", text)


def _in_week(day: date, text: str) -> bool:
    number = day.isoweekday() % 7 + 1
    weekday, _, occurrence = text.partition("#")
    if occurrence.isdigit():
        return number in values_of("day of week", weekday) and (day.day - 1) // 7 + 1 == int(occurrence)
    if text.endswith("L") and len(text) == 2:
        last = day.day > calendar.monthrange(day.year, day.month)[1] - 7
        return last and number in values_of("day of week", text[0])
    return number in values_of("day of week", "7" if text == "L" else text)
