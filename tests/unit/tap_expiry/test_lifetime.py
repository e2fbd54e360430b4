"""Durations, times, and what they make of an environment's end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap.expiry.errors import LifetimeError, NoExpiryError
from tap.expiry.lifetime import LONGEST, Lifetime, in_words, time_left

NOW = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "duration"), [("90m", 1.5 * HOUR), ("4h", 4 * HOUR), ("2d", 48 * HOUR), ("366d", LONGEST)]
)
def test_durations(text: str, duration: timedelta) -> None:
    assert Lifetime.parse(text) == Lifetime(duration=duration)


@pytest.mark.parametrize("text", ["2030-01-31T18:00Z", "2030-01-31T19:00:00+01:00", "2030-01-31T18:00:00+00:00"])
def test_times_are_taken_to_utc(text: str) -> None:
    assert Lifetime.parse(text) == Lifetime(until=NOW + 6 * HOUR)


@pytest.mark.parametrize(
    "text",
    ["", "4", "h", "0h", "-4h", "4 h", "4H", "1.5h", "4h30m", "4w", "٤h", "367d", "999999d", "9999999m", "soon",
     "2030-01-31", "2030-01-31T18:00", "2030-02-30T18:00Z", "0001-01-01T00:00+23:59", "4h\n", "$(id)"],
)  # fmt: skip
def test_what_cannot_be_used_names_itself_and_the_remedy(text: str) -> None:
    with pytest.raises(LifetimeError) as refused:
        Lifetime.parse(text)
    assert repr(text) in str(refused.value)
    assert "use minutes, hours or days such as 90m, 4h or 2d" in str(refused.value)


@given(st.text(max_size=12))
def test_any_text_is_a_lifetime_or_refused(text: str) -> None:
    try:
        parsed = Lifetime.parse(text)
    except LifetimeError:
        return
    assert (parsed.duration is None) != (parsed.until is None)


@pytest.mark.parametrize(
    ("text", "current", "set_", "expected"),
    [
        ("4h", NOW + 2 * HOUR, False, NOW + 6 * HOUR),
        ("4h", NOW - 2 * HOUR, False, NOW + 4 * HOUR),
        ("4h", NOW + 20 * HOUR, True, NOW + 4 * HOUR),
        ("4h", None, True, NOW + 4 * HOUR),
        ("2030-01-31T18:00Z", NOW + 2 * HOUR, False, NOW + 6 * HOUR),
        ("2030-01-31T18:00Z", NOW + 6 * HOUR, False, NOW + 6 * HOUR),
        ("2030-01-31T18:00Z", NOW + 7 * HOUR, True, NOW + 6 * HOUR),
        ("2030-01-31T18:00Z", None, True, NOW + 6 * HOUR),
    ],
)
def test_the_new_end(text: str, current: datetime | None, set_: bool, expected: datetime) -> None:
    assert Lifetime.parse(text).applied(NOW, current, set_=set_) == expected


def test_an_end_comes_nearer_only_when_asked_to() -> None:
    with pytest.raises(LifetimeError, match=r"is before its present end, .*--set brings it forward"):
        Lifetime.parse("2030-01-31T18:00Z").applied(NOW, NOW + 7 * HOUR)


@pytest.mark.parametrize(("text", "fault"), [("2030-01-31T12:00Z", "is past"), ("2031-06-01T00:00Z", "366 days away")])
def test_ends_that_make_no_sense(text: str, fault: str) -> None:
    with pytest.raises(LifetimeError, match=fault):
        Lifetime.parse(text).applied(NOW, NOW, set_=True)


def test_what_never_expires_is_left_so_unless_asked() -> None:
    with pytest.raises(NoExpiryError, match="--set"):
        Lifetime.parse("4h").applied(NOW, None)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=12), "12 min"),
        (3 * HOUR, "3 h"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(days=2, hours=4, minutes=59), "2 d 4 h"),
        (timedelta(days=2, minutes=59), "2 d"),
    ],
)
def test_spans_in_words(span: timedelta, words: str) -> None:
    assert in_words(span) == words


def test_time_left() -> None:
    assert time_left(None, NOW) is None
    assert time_left(NOW + 3 * HOUR, NOW) == "3 h"
    assert time_left(NOW - 3 * HOUR, NOW) == "expired 3 h ago"
    assert time_left(NOW, NOW) == "expired 0 min ago"
