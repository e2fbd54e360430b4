"""The time as AWS has it: whether an environment has expired must not hang on this computer's clock."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime

from tap.account import Account
from tap.expiry.errors import ClockError


def aws_time(account: Account) -> datetime:
    """AWS's time, in UTC, to the second: the `Date` of an answer of STS.

    Raises `ClockError`, and botocore's errors.
    """
    answer = account.client("sts").get_caller_identity()
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date", "")
    try:
        now = parsedate_to_datetime(date)
    except ValueError:
        raise ClockError(f"{account.place} answered without a usable Date header ({date!r}); try again") from None
    if now.tzinfo is None:
        raise ClockError(f"{account.place} answered with a Date header without a time zone ({date!r}); try again")
    return now
