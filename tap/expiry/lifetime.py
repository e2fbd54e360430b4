"""Ages and times left in words, and the time that `tap env extend` is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tap.expiry.errors import LifetimeError, NoExpiryError

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_DURATION = re.compile(r"([1-9][0-9]{0,5})([mhd])")
LONGEST = timedelta(days=366)
"""No environment is meant to outlive it; a longer one is a slip of the hand."""
REMEDY = "use minutes, hours or days such as 90m, 4h or 2d, or a time with its zone such as 2030-01-31T18:00Z"


@dataclass(frozen=True)
class Lifetime:
    """What was asked for: `duration` to add, or `until`, a time in UTC."""

    duration: timedelta | None = None
    until: datetime | None = None

    @classmethod
    def parse(cls, text: str) -> Lifetime:
        """`90m`, `4h`, `2d`, or ISO 8601 with a time zone. Raises `LifetimeError`."""
        if match := _DURATION.fullmatch(text):
            duration = int(match[1]) * _UNITS[match[2]]
            if duration > LONGEST:
                raise LifetimeError(f"{text!r} is longer than {LONGEST.days} days; {REMEDY}")
            return cls(duration=duration)
        try:
            until = datetime.fromisoformat(text)
            if until.tzinfo is None:
                raise LifetimeError(f"{text!r} has no time zone; {REMEDY}")
            return cls(until=until.astimezone(UTC))
        except LifetimeError:
            raise
        except (ValueError, OverflowError):
            raise LifetimeError(f"{text!r} is no duration and no time; {REMEDY}") from None

    def applied(self, now: datetime, current: datetime | None, *, set_: bool = False) -> datetime:
        """The new end: a duration counts from `current`, or from `now` once that is past.

        An environment without an end gets one, and an end comes nearer, with `set_` only; a duration counts from
        `now` then. Raises `LifetimeError`, `NoExpiryError`.
        """
        if current is None and not set_:
            raise NoExpiryError("it never expires; --set gives it a time at which `tap env expire` removes it")
        if self.duration is not None:
            base = now if set_ or current is None else max(now, current)
            return (base + self.duration).replace(microsecond=0)
        assert self.until is not None
        if self.until <= now:
            raise LifetimeError(f"{self.until.isoformat()} is past (it is {now.isoformat()}); use a later time")
        if self.until - now > LONGEST:
            raise LifetimeError(f"{self.until.isoformat()} is more than {LONGEST.days} days away; use an earlier time")
        if current is not None and self.until < current and not set_:
            raise LifetimeError(
                f"{self.until.isoformat()} is before its present end, {current.isoformat()}; --set brings it forward"
            )
        return self.until


def in_words(span: timedelta) -> str:
    """A span of time in its two largest units, such as `2 d 4 h`, `3 h`, `12 min`; below a minute `0 min`."""
    minutes = int(span.total_seconds() // 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min")]
    while len(parts) > 1 and parts[0][0] == 0:
        parts.pop(0)
    return " ".join(f"{number} {unit}" for number, unit in parts[:2] if number) or "0 min"


def time_left(expires_at: datetime | None, now: datetime) -> str | None:
    """`3 h 20 min`, `expired 3 h ago`, or None for what never expires."""
    if expires_at is None:
        return None
    return in_words(expires_at - now) if expires_at > now else f"expired {in_words(now - expires_at)} ago"
