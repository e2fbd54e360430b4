"""Schedule expressions: rate, cron and at
(https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html)."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from local_aws.schedules.cron_field import CronFieldError, day_matches, values_of

UNITS = {"minute": 60, "hour": 3600, "day": 86400}
DAYS_AHEAD = 366 * 5
"""How far a cron expression is looked ahead: over a leap year."""


class ScheduleExpressionError(ValueError):
    """An expression that says no time."""

    def __init__(self, expression: str, reason: str) -> None:
        super().__init__(f"Invalid Schedule Expression {expression}: {reason}.")


class Times(ABC):
    """The times that an expression means, all in UTC."""

    @abstractmethod
    def first(self, start: datetime) -> datetime | None:
        """The first time for a schedule that starts then; None where there is none."""

    @abstractmethod
    def after(self, moment: datetime) -> datetime | None:
        """The time that follows `moment`, which is one of them or lies between two."""


@dataclass(frozen=True)
class Rate(Times):
    """Every so many seconds, for the first time at once."""

    seconds: int

    def first(self, start: datetime) -> datetime:
        return start

    def after(self, moment: datetime) -> datetime:
        return moment + timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class Once(Times):
    """One time."""

    moment: datetime

    def first(self, start: datetime) -> datetime | None:
        return self.after(start - timedelta(seconds=1))

    def after(self, moment: datetime) -> datetime | None:
        return self.moment if self.moment > moment else None


@dataclass(frozen=True)
class Cron(Times):
    """Minutes of the days that match. `fields`: minutes, hours, day of month, month, day of week, year."""

    fields: tuple[str, ...]
    zone: ZoneInfo

    def first(self, start: datetime) -> datetime | None:
        return self.after(start - timedelta(minutes=1))

    def after(self, moment: datetime) -> datetime | None:
        local = moment.astimezone(self.zone)
        for day in self._days(local.date()):
            for minute in self._minutes(day):
                if minute > moment:
                    return minute
        return None

    def _days(self, begin: date) -> Iterator[date]:
        _, _, of_month, month, of_week, year = self.fields
        months, years = values_of("month", month), values_of("year", year)
        for offset in range(DAYS_AHEAD):
            day = begin + timedelta(days=offset)
            if day.month in months and day.year in years and day_matches(day, of_month, of_week):
                yield day

    def _minutes(self, day: date) -> Iterator[datetime]:
        for hour in sorted(values_of("hour", self.fields[1])):
            for minute in sorted(values_of("minute", self.fields[0])):
                yield datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone).astimezone(UTC)


def read_expression(expression: str, zone_name: str = "UTC") -> Times:
    """The times of an expression in a time zone. Raises ScheduleExpressionError."""
    try:
        zone = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ScheduleExpressionError(expression, f"there is no time zone {zone_name}") from None
    if rate := re.fullmatch(r"rate\((\d+) (minute|hour|day)(s?)\)", expression):
        if int(rate[1]) < 1:
            raise ScheduleExpressionError(expression, "a rate is at least 1")
        return Rate(int(rate[1]) * UNITS[rate[2]])
    if once := re.fullmatch(r"at\((.*)\)", expression):
        try:
            return Once(datetime.strptime(once[1], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone).astimezone(UTC))
        except ValueError:
            raise ScheduleExpressionError(expression, "a time is written yyyy-mm-ddThh:mm:ss") from None
    cron = re.fullmatch(r"cron\((.*)\)", expression)
    fields = tuple(cron[1].split()) if cron else ()
    if len(fields) != 6:
        raise ScheduleExpressionError(expression, "write rate(1 minute), cron(with six fields) or at(time)")
    try:
        times = Cron(fields, zone)
        times.first(datetime.now(UTC))
    except CronFieldError as error:
        raise ScheduleExpressionError(expression, str(error)) from None
    return times
