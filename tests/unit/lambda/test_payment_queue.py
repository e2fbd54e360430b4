"""Messages of the replay queue: what fails goes back to the queue, alone."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.payment_system.ledger_server import LedgerServer
from tests.unit.payment_system.payment_account import PaymentAccount
from tests.unit.payment_system.sample_payments import ACCOUNTS, payment_document

Send = Callable[..., list[str]]

pytestmark = pytest.mark.usefixtures("deployment")


def event_text(payment_id: str, **changes: object) -> str:
    return json.dumps(
        {
            "version": "0",
            "source": "payment.processor",
            "detail-type": "Payment Transaction",
            "detail": payment_document(payment_id, **changes),
        }
    )


@pytest.fixture
def send(invoke: Callable[[dict[str, Any]], dict[str, Any]]) -> Send:
    """Sends one batch; the ids of the messages that go back to the queue."""

    def send(**bodies: str) -> list[str]:
        records = [
            {"messageId": message_id, "receiptHandle": message_id, "eventSource": "aws:sqs", "body": body}
            for message_id, body in bodies.items()
        ]
        return [failure["itemIdentifier"] for failure in invoke({"Records": records})["batchItemFailures"]]

    return send


def test_every_message_of_a_batch_is_a_payment(
    send: Send, deployment: PaymentAccount, ledger_rows: LedgerServer
) -> None:
    assert send(m1=event_text("pay-1"), m2=event_text("pay-2")) == []
    assert ledger_rows.statuses() == {"pay-1": "COMMITTED", "pay-2": "COMMITTED"}
    assert {event["detail"]["payment_id"] for event in deployment.published()} == {"pay-1", "pay-2"}


def test_replay_of_what_was_taken_changes_nothing(send: Send, ledger_rows: LedgerServer) -> None:
    for _ in range(2):
        assert send(m1=event_text("pay-1"), m2=event_text("pay-1")) == []
    assert ledger_rows.count("ledger_entries") == 2
    assert ledger_rows.count("outbox") == 1


@pytest.mark.parametrize("body", ["{", "[]", "null", "{}", json.dumps({"source": "aws.s3", "detail": {}})])
def test_message_that_is_no_payment_event_goes_back_alone(send: Send, ledger_rows: LedgerServer, body: str) -> None:
    assert send(m1=event_text("pay-1"), m2=body, m3=event_text("pay-3")) == ["m2"]
    assert set(ledger_rows.statuses()) == {"pay-1", "pay-3"}


def test_refused_payment_does_not_go_back(send: Send, ledger_rows: LedgerServer) -> None:
    assert send(m1=event_text("pay-1", amount="0"), m2=event_text("pay-2")) == []
    assert set(ledger_rows.statuses()) == {"pay-2"}


def test_ledger_that_is_away_is_tried_for_one_message_and_all_go_back(
    send: Send,
    unreachable_ledger: Callable[[], None],
    output: Callable[[], list[dict[str, Any]]],
) -> None:
    unreachable_ledger()
    assert send(m1=event_text("pay-1"), m2=event_text("pay-2")) == ["m1", "m2"]
    lines = output()
    assert [line["message"] for line in lines if line.get("level") == "ERROR"].count("event failed") == 1
    assert not any(account in json.dumps(lines) for account in ACCOUNTS)
