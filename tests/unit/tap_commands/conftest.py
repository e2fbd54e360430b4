"""An environment in memory: AWS's services from moto, its API on loopback, and `tap` as an operator calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tap import dead_letters, payment_sending
from tap.__main__ import main
from tap.commands import approvals, replay
from tap.environment import Environment
from tests.unit.operator_variables import set_variables
from tests.unit.tap_commands.payment_api import FakePaymentApi

REGION = "eu-west-1"
SUFFIX = "test"
QUEUES = ("replay", *dead_letters.DEAD_LETTER_QUEUES)


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


Tap = Callable[..., Ended]


@pytest.fixture
def api() -> Iterator[FakePaymentApi]:
    with FakePaymentApi.started() as started:
        yield started


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Credentials, no `.env` file, and no waiting."""
    set_variables(monkeypatch, tmp_path, region=REGION, suffix=SUFFIX)
    monkeypatch.setattr(dead_letters, "LONG_POLL_SECONDS", 0)
    monkeypatch.setattr(payment_sending, "_back_off", lambda _state: 0.0)
    monkeypatch.setattr(replay, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(approvals, "POLL_SECONDS", 0.01)


@pytest.fixture
def aws() -> Iterator[None]:
    """An account without any environment."""
    with mock_aws():
        yield


@pytest.fixture
def environment(request: pytest.FixtureRequest, api: FakePaymentApi) -> Environment:
    """The environment's parameters, table and queues."""
    request.getfixturevalue("aws")
    ssm = boto3.client("ssm", region_name=REGION)
    for key, value in {
        "api/endpoint": api.url,
        "sessions/table": "payment-sessions-test",
        "events/bus": "payment-events-test",
    }.items():
        ssm.put_parameter(Name=f"/payment/{SUFFIX}/{key}", Value=value, Type="String")
    sqs = boto3.client("sqs", region_name=REGION)
    for queue in QUEUES:
        sqs.create_queue(QueueName=f"payment-{queue}-{SUFFIX}")
    boto3.client("dynamodb", region_name=REGION).create_table(
        TableName="payment-sessions-test",
        KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return Environment.find()


@pytest.fixture
def tap(capsys: pytest.CaptureFixture[str]) -> Tap:
    """Runs `tap` with these arguments."""

    def run(*arguments: str) -> Ended:
        capsys.readouterr()
        code = main(arguments)
        printed = capsys.readouterr()
        return Ended(int(code), printed.out, printed.err)

    return run


def payment_answer(payment_id: str, **changes: Any) -> dict[str, Any]:
    return {"valid": True, "payment_id": payment_id, "amount": "12.50", "currency": "EUR", **changes}
