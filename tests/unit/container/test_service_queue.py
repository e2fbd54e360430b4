"""Payment events from a queue: deleted once they are handled, and left in it otherwise."""

from collections.abc import Callable
from typing import Any

import pytest

from lib.container.payment_service.composition import Parts
from lib.container.payment_service.queue import HIDDEN_SECONDS, PaymentQueue, queue_client
from payments import observability
from tests.unit.container.sample_events import event_text
from tests.unit.payment_system.ledger_server import LedgerServer
from tests.unit.payment_system.payment_account import PaymentAccount

Output = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def url(deployment: PaymentAccount, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("lib.container.payment_service.queue.WAIT_SECONDS", 0)
    return deployment.sqs.create_queue(QueueName="payments")["QueueUrl"]


@pytest.fixture
def queue(deployment: PaymentAccount, url: str, parts: Parts) -> PaymentQueue:
    return PaymentQueue(client=deployment.sqs, url=url, service=parts.service)


def left(account: PaymentAccount, url: str) -> int:
    """Messages of the queue, hidden ones among them."""
    attributes = account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesNotVisible"])


def test_messages_are_payments_and_are_deleted(
    queue: PaymentQueue, url: str, deployment: PaymentAccount, ledger_rows: LedgerServer, parts: Parts
) -> None:
    for number in range(3):
        deployment.sqs.send_message(QueueUrl=url, MessageBody=event_text(f"pay-{number}"))
    queue.poll()
    assert set(ledger_rows.statuses()) == {"pay-0", "pay-1", "pay-2"}
    assert left(deployment, url) == 0
    assert parts.service.after_answer.wait(10)
    assert {event["detail"]["payment_id"] for event in deployment.published()} == {"pay-0", "pay-1", "pay-2"}


def test_empty_queue_is_no_work(queue: PaymentQueue, ledger_rows: LedgerServer) -> None:
    queue.poll()
    assert ledger_rows.count("payments") == 0


def test_what_fails_stays_alone_and_is_hidden_meanwhile(
    queue: PaymentQueue, url: str, deployment: PaymentAccount, ledger_rows: LedgerServer, output: Output
) -> None:
    for body in (event_text("pay-1"), "{}", event_text("pay-2", amount="0")):
        deployment.sqs.send_message(QueueUrl=url, MessageBody=body)
    queue.poll()
    assert set(ledger_rows.statuses()) == {"pay-1"}
    assert left(deployment, url) == 1
    assert deployment.sqs.receive_message(QueueUrl=url).get("Messages", []) == []
    observability.publish_metrics()
    lines = output()
    assert any("QueueMessagesFailed" in line for line in lines)
    (stays,) = (line for line in lines if line.get("message") == "messages stay in the queue")
    assert len(stays["messages"]) == 1


def test_batch_that_fails_whole_stays(queue: PaymentQueue, url: str, deployment: PaymentAccount) -> None:
    deployment.sqs.send_message(QueueUrl=url, MessageBody="[]")
    queue.poll()
    assert left(deployment, url) == 1


def test_message_that_cannot_be_deleted_changes_nothing_when_it_comes_again(
    queue: PaymentQueue,
    url: str,
    deployment: PaymentAccount,
    ledger_rows: LedgerServer,
    output: Output,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deployment.sqs.send_message(QueueUrl=url, MessageBody=event_text("pay-1"))
    failed = {"Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": False}]}
    with monkeypatch.context() as broken:
        broken.setattr(deployment.sqs, "delete_message_batch", lambda **_: failed)
        broken.setattr("lib.container.payment_service.queue.HIDDEN_SECONDS", 0)
        queue.poll()
    assert any(line.get("codes") == ["InternalError"] for line in output())
    queue.poll()
    assert left(deployment, url) == 0
    assert ledger_rows.count("ledger_entries") == 2


def test_client_waits_longer_than_the_queue_and_messages_are_hidden_for_a_whole_batch() -> None:
    config = queue_client("eu-west-1").meta.config
    assert config.read_timeout == 10  # type: ignore[attr-defined]
    assert HIDDEN_SECONDS > 10 * 12
