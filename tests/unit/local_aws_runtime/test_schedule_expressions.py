"""The times that schedule expressions mean."""

from datetime import UTC, datetime

import pytest

from local_aws.schedules.expression import ScheduleExpressionError, read_expression

START = datetime(2026, 3, 12, 12, 0, 30, tzinfo=UTC)


def times(expression: str, count: int = 3, zone: str = "UTC") -> list[str]:
    found: list[str] = []
    moment = read_expression(expression, zone).first(START)
    while moment and len(found) < count:
        found.append(f"{moment:%Y-%m-%dT%H:%M:%S}")
        moment = read_expression(expression, zone).after(moment)
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(1 minute)", ["2026-03-12T12:00:30", "2026-03-12T12:01:30", "2026-03-12T12:02:30"]),
        ("rate(2 hours)", ["2026-03-12T12:00:30", "2026-03-12T14:00:30", "2026-03-12T16:00:30"]),
        ("at(2026-03-12T12:00:31)", ["2026-03-12T12:00:31"]),
        ("at(2026-03-12T12:00:29)", []),
        ("cron(* * * * ? *)", ["2026-03-12T12:00:00", "2026-03-12T12:01:00", "2026-03-12T12:02:00"]),
        ("cron(0 3 * * ? *)", ["2026-03-13T03:00:00", "2026-03-14T03:00:00", "2026-03-15T03:00:00"]),
        ("cron(0/30 9-10 ? * MON-FRI *)", ["2026-03-13T09:00:00", "2026-03-13T09:30:00", "2026-03-13T10:00:00"]),
        ("cron(15 10 L * ? *)", ["2026-03-31T10:15:00", "2026-04-30T10:15:00", "2026-05-31T10:15:00"]),
        ("cron(15 10 ? * 6#3 *)", ["2026-03-20T10:15:00", "2026-04-17T10:15:00", "2026-05-15T10:15:00"]),
        ("cron(15 10 ? * 6L *)", ["2026-03-27T10:15:00", "2026-04-24T10:15:00", "2026-05-29T10:15:00"]),
        ("cron(0 0 1 JAN,JUL ? 2027)", ["2027-01-01T00:00:00", "2027-07-01T00:00:00"]),
    ],
)
def test_an_expression_means_times(expression: str, expected: list[str]) -> None:
    assert times(expression) == expected


def test_times_are_those_of_the_time_zone() -> None:
    assert times("cron(0 3 * * ? *)", 1, "America/New_York") == ["2026-03-13T07:00:00"]
    assert times("at(2026-12-01T00:00:00)", 1, "Europe/Paris") == ["2026-11-30T23:00:00"]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("rate(0 minutes)", "at least 1"),
        ("rate(1 week)", "rate"),
        ("at(tomorrow)", "yyyy-mm-dd"),
        ("cron(* * * *)", "six fields"),
        ("cron(61 * * * ? *)", "'61' as minute"),
        ("cron(0 0 15W * ? *)", "'15W' as day of month"),
        ("cron(0 0 ? * FUNDAY *)", "'FUNDAY' as day of week"),
    ],
)
def test_an_expression_that_says_no_time_is_refused(expression: str, reason: str) -> None:
    with pytest.raises(ScheduleExpressionError, match=reason):
        read_expression(expression)


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(ScheduleExpressionError, match="no time zone Nowhere/Else"):
        read_expression("rate(1 minute)", "Nowhere/Else")
