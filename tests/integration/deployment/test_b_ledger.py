"""The deployed package books payments in the real database behind the Aurora endpoint, and publishes them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lib.payment_events import DETAIL_TYPE, SOURCE
from local_aws.event_consumer import EventConsumer
from local_aws.ledger_view import LedgerView
from tap.account import Account
from tap.approvals import Approvals
from tap.environment import Environment
from tests.integration.deployed import Deployed, LocalDeployment

SOON, RELAY_SECONDS = 60, 150


@pytest.fixture(scope="module")
def ledger(local_deployment: LocalDeployment, deployed: Deployed) -> LedgerView:
    return LedgerView(local_deployment.aws, deployed.client("secretsmanager"), deployed.outputs)


@pytest.fixture(scope="module")
def consumer(deployed: Deployed) -> Iterator[EventConsumer]:
    bus = deployed.outputs["event_bus_name"]
    with EventConsumer.subscribed(deployed.session, deployed.endpoint_url, bus=bus, name="ledger-test") as subscribed:
        yield subscribed


def payment(**fields: str) -> dict[str, str]:
    return {
        "payment_id": f"ledger-{uuid.uuid4()}",
        "amount": "12.50",
        "currency": "EUR",
        "payer_account": "DE-PAYER-0001",
        "payee_account": "FR-PAYEE-0002",
        **fields,
    }


def eventually(condition: Callable[[], bool], seconds: float = SOON) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def entries(ledger: LedgerView, payment_id: str) -> list[tuple[Any, ...]]:
    return ledger.query(
        "SELECT side, account, CAST(amount AS CHAR), currency FROM ledger_entries WHERE payment_id = %s"
        " ORDER BY entry_number",
        payment_id,
    )


def events_of(consumer: EventConsumer, payment_id: str) -> list[str]:
    consumer.receive()
    found = [event for event in consumer.events.values() if event["detail"]["payment_id"] == payment_id]
    return [event["detail-type"] for event in found]


def test_a_payment_is_booked_on_both_accounts(deployed: Deployed, ledger: LedgerView) -> None:
    wanted = payment()
    assert deployed.api.send("POST", "/payments", wanted).status == 200
    assert entries(ledger, wanted["payment_id"]) == [
        ("DEBIT", "DE-PAYER-0001", "12.5000", "EUR"),
        ("CREDIT", "FR-PAYEE-0002", "12.5000", "EUR"),
    ]


def test_the_same_payment_many_times_at_once_is_booked_once(
    deployed: Deployed, ledger: LedgerView, consumer: EventConsumer
) -> None:
    wanted = payment()
    entry = {
        "EventBusName": deployed.outputs["event_bus_name"],
        "Source": SOURCE,
        "DetailType": DETAIL_TYPE,
        "Detail": json.dumps(wanted),
    }
    deployed.client("events").put_events(Entries=[entry] * 3)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: deployed.api.send("POST", "/payments", wanted), range(16)))
    assert {answer.status for answer in answers} == {200}
    assert len({json.dumps(answer.body) for answer in answers}) == 1
    assert len(entries(ledger, wanted["payment_id"])) == 2
    eventually(lambda: events_of(consumer, wanted["payment_id"]) == ["Payment Committed"])


def test_what_a_process_left_in_the_outbox_is_published_by_the_schedule(
    ledger: LedgerView, consumer: EventConsumer
) -> None:
    payment_id, event_id = "left-behind", str(uuid.uuid4())
    detail = json.dumps({"event_id": event_id, "payment_id": payment_id})
    ledger.query(
        "INSERT INTO outbox (event_id, payment_id, event_type, detail, created_at)"
        " VALUES (%s, %s, 'Payment Committed', %s, UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE)",
        event_id,
        payment_id,
        detail,
    )
    eventually(lambda: events_of(consumer, payment_id) == ["Payment Committed"], RELAY_SECONDS)
    eventually(lambda: ledger.unpublished() == 0)


@pytest.mark.parametrize(("approved", "status", "sides"), [(True, 200, ["DEBIT", "CREDIT"]), (False, 409, [])])
def test_a_large_payment_waits_for_a_person(
    deployed: Deployed, ledger: LedgerView, consumer: EventConsumer, approved: bool, status: int, sides: list[str]
) -> None:
    wanted = payment(amount="10000.01")
    path = f"/payments/{wanted['payment_id']}"
    first = deployed.api.send("POST", "/payments", wanted)
    assert (first.status, first.body["status"]) == (202, "PENDING_APPROVAL")
    assert entries(ledger, wanted["payment_id"]) == []
    assert deployed.api.send("POST", "/payments", wanted) == first
    assert deployed.api.send("POST", "/payments", {**wanted, "amount": "10000.02"}).status == 409
    approvals = Approvals(
        Environment(
            deployed.outputs["environment_suffix"], Account(deployed.session, endpoint_url=deployed.endpoint_url)
        )
    )
    waiting = {wanted["payment_id"]}
    eventually(lambda: waiting <= {one.payment_id for one in approvals.pending() if one.asked})
    approvals.decide(wanted["payment_id"], approved=approved, approver="test")
    eventually(lambda: deployed.api.send("GET", path).status == status)
    assert deployed.api.send("POST", "/payments", wanted).status == status
    assert [side for side, *_ in entries(ledger, wanted["payment_id"])] == sides
    announced = "Payment Committed" if approved else "Payment Rejected"
    eventually(lambda: events_of(consumer, wanted["payment_id"]) == [announced])


def test_migrations_run_again_without_harm(deployed: Deployed) -> None:
    answer = deployed.client("lambda").invoke(FunctionName=deployed.outputs["migrations_function_name"])
    assert "FunctionError" not in answer
    assert json.load(answer["Payload"]) == {"applied": [], "version": "0001_ledger"}


def test_payments_go_on_over_a_failover_and_a_new_password(deployed: Deployed, ledger: LedgerView) -> None:
    """The new password is in the secret first; the failover then makes every process log in again."""
    secrets, arn = deployed.client("secretsmanager"), deployed.outputs["database_user_secret_arn"]
    login = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
    login["password"] = f"New-{uuid.uuid4()}"
    secrets.put_secret_value(SecretId=arn, SecretString=json.dumps(login))
    sent = [payment(amount=f"{number}.00") for number in range(1, 41)]

    def pay(wanted: dict[str, str]) -> int:
        deadline = time.monotonic() + SOON
        while (answer := deployed.api.send("POST", "/payments", wanted)).status in (500, 503):
            assert time.monotonic() < deadline, answer
        return answer.status

    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(pay, sent)
        deployed.client("rds").failover_db_cluster(DBClusterIdentifier=deployed.outputs["database_cluster_id"])
        deployed.client("lambda").invoke(FunctionName=deployed.outputs["migrations_function_name"])
        assert set(answers) == {200}
    for wanted in sent:
        assert len(entries(ledger, wanted["payment_id"])) == 2


def test_the_ledger_balances_and_nothing_is_stuck(ledger: LedgerView) -> None:
    eventually(lambda: ledger.unpublished() == 0, RELAY_SECONDS)
    balances = ledger.balances()
    assert balances
    assert all(balance.debits == balance.credits > 0 for balance in balances)
    assert ledger.query("SELECT COUNT(*) FROM information_schema.innodb_trx") == [(0,)]
