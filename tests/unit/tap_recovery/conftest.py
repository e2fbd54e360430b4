"""An environment whose ledger can be rewound, and `tap` as an operator calls it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tap.__main__ import main
from tap.account import Account
from tap.recovery import archived_events, clusters, recovery_function
from tests.unit.operator_variables import set_variables
from tests.unit.tap_recovery.fakes import FakeFunction, FakeLedger, FakeRds

REGION, SUFFIX, TABLE, BUS = "eu-west-1", "test", "payment-sessions-test", "payment-events-test"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Tap = Callable[..., Ended]


@dataclass
class World:
    """The environment's fakes, and the time to which it is taken back: ten minutes ago."""

    ledger: FakeLedger
    function: FakeFunction
    rds: FakeRds
    moment: datetime

    @property
    def to(self) -> str:
        return self.moment.isoformat()

    def writes(self) -> str:
        name = f"/payment/{SUFFIX}/payments/writes"
        return boto3.client("ssm", region_name=REGION).get_parameter(Name=name)["Parameter"]["Value"]

    def put_session(self, session_id: str, at: datetime, **fields: dict[str, str]) -> None:
        item: Any = {
            "session_id": {"S": session_id},
            "payment_id": {"S": session_id},
            "status": {"S": "COMMITTED"},
            "answer": {"S": json.dumps({"amount": "12.50", "currency": "EUR"})},
            "created_at": {"S": at.isoformat()},
            "expires_at": {"N": str(int((at + timedelta(days=1)).timestamp()))},
            **fields,
        }
        boto3.client("dynamodb", region_name=REGION).put_item(TableName=TABLE, Item=item)

    def session(self, session_id: str) -> Any:
        key: Any = {"session_id": {"S": session_id}}
        return boto3.client("dynamodb", region_name=REGION).get_item(TableName=TABLE, Key=key).get("Item")


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Credentials, no `.env` file, and no waiting."""
    set_variables(monkeypatch, tmp_path, region=REGION, suffix=SUFFIX)
    monkeypatch.setattr(archived_events, "POLL_SECONDS", 0)
    monkeypatch.setattr(clusters, "POLL_SECONDS", 0)
    monkeypatch.setattr(recovery_function, "STARTING_SECONDS", 0)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with mock_aws():
        ssm = boto3.client("ssm", region_name=REGION)
        for key, value in {"sessions/table": TABLE, "events/bus": BUS, "payments/writes": "open"}.items():
            ssm.put_parameter(Name=f"/payment/{SUFFIX}/{key}", Value=value, Type="String")
        boto3.client("dynamodb", region_name=REGION).create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        _bus()
        ledger = FakeLedger()
        moment = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)
        made = World(ledger, FakeFunction(ledger, lambda: made.writes(), {}), FakeRds(ledger), moment)
        made.function.variables["CLUSTER_ID"] = "payment-cluster-test"
        plain = Account.client

        def client(account: Account, service: str, region: str | None = None) -> Any:
            return made.rds if service == "rds" else plain(account, service, region)

        monkeypatch.setattr(Account, "client", client)
        monkeypatch.setattr(recovery_function, "_client", lambda _: made.function)
        yield made


def _bus() -> None:
    """Bus, archive, rules, and the queue that the replayed events reach."""
    events = boto3.client("events", region_name=REGION)
    bus = events.create_event_bus(Name=BUS)["EventBusArn"]
    events.put_rule(Name=BUS, EventBusName=BUS, EventPattern=json.dumps({"source": ["payment.processor"]}))
    events.create_archive(ArchiveName=BUS, EventSourceArn=bus, EventPattern=json.dumps({"source": ["payment.ledger"]}))
    name = f"payment-reconcile-{SUFFIX}"
    url = boto3.client("sqs", region_name=REGION).create_queue(QueueName=name)["QueueUrl"]
    assert url
    events.put_rule(Name=name, EventBusName=BUS, EventPattern=json.dumps({"replay-name": [{"exists": True}]}))
    target: Any = {"Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:123456789012:{name}"}
    events.put_targets(Rule=name, EventBusName=BUS, Targets=[target])


@pytest.fixture
def tap(capsys: pytest.CaptureFixture[str]) -> Tap:
    """Runs `tap recover` with these arguments."""

    def run(*arguments: str) -> Ended:
        capsys.readouterr()
        code = main(["recover", *arguments])
        printed = capsys.readouterr()
        return Ended(int(code), printed.out, printed.err)

    return run
