"""An account in this process, and states of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from boto3 import Session
from moto import mock_aws

from tap.account import Account
from tap.inventory.finder import Finder
from tap.inventory.states import S3States

REGION = "eu-west-1"
BUCKET = "states"


@pytest.fixture
def account_in() -> Iterator[Callable[[str], Account]]:
    """Makes accounts in moto: the same one, in any Region."""

    def make(region: str) -> Account:
        return Account(Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=region))

    with mock_aws():
        yield make


@pytest.fixture
def account(account_in: Callable[[str], Account]) -> Account:
    return account_in(REGION)


@pytest.fixture
def states(account: Account) -> S3States:
    """An empty state bucket."""
    account.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return S3States(account, BUCKET, REGION)


@pytest.fixture
def finder(account: Account, states: S3States) -> Finder:
    return Finder(account, states)


class Answers:
    """Answers that AWS gives and moto does not, in the place of calls."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def instead(self, account: Account, service: str, operation: str, answer: Any, region: str | None = None) -> None:
        """`answer`: a response, an error to raise, or a function from the call's number, from 1, to one or to None."""
        numbers = iter(range(1, 10_000))

        def respond(params: dict[str, Any], **_: object) -> Any:
            self.asked.append(params)
            said = answer(next(numbers)) if callable(answer) else answer
            if isinstance(said, Exception):
                raise said
            return None if said is None else (_Response(), said)

        account.client(service, region).meta.events.register(f"before-call.*.{operation}", respond)


class _Response:
    status_code = 200


@pytest.fixture
def answers() -> Answers:
    return Answers()
