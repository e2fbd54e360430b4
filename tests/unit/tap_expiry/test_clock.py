"""The time is AWS's, not this computer's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from tap.account import Account
from tap.expiry.clock import aws_time
from tap.expiry.errors import ClockError


class FakeAccount:
    """Answers as STS does, with the header `date`."""

    place = "Region eu-west-1"

    def __init__(self, date: str | None) -> None:
        self.headers = {} if date is None else {"date": date}

    def client(self, service: str) -> Any:
        assert service == "sts"
        return self

    def get_caller_identity(self) -> dict[str, Any]:
        return {"Account": "123456789012", "ResponseMetadata": {"HTTPHeaders": self.headers}}


def test_the_date_of_the_answer_is_the_time() -> None:
    account = cast(Account, FakeAccount("Thu, 31 Jan 2030 12:00:05 GMT"))
    assert aws_time(account) == datetime(2030, 1, 31, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize("date", [None, "", "soon", "Thu, 31 Jan 2030 12:00:05 -0000"])
def test_an_answer_that_does_not_say(date: str | None) -> None:
    with pytest.raises(ClockError, match="Region eu-west-1 answered with"):
        aws_time(cast(Account, FakeAccount(date)))
