"""The service when parts of it are away: what is answered then, and that nothing is lost by it."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

import payment_processor
from tests.unit.payment_system.ledger_server import LedgerServer
from tests.unit.payment_system.payment_account import SECRET, TABLE, PaymentAccount

Output = Callable[[], list[dict[str, Any]]]

pytestmark = pytest.mark.usefixtures("deployment")


def test_payment_is_answered_503_in_time_when_the_ledger_is_away(
    post: Any, unreachable_ledger: Callable[[], None], payment: dict[str, Any], deployment: PaymentAccount
) -> None:
    unreachable_ledger()
    began = time.monotonic()
    result = post(payment)
    assert time.monotonic() - began < 3
    assert result.status == 503
    assert result.headers["retry-after"] == "2"
    assert result.answer == {"message": "Service unavailable", "request_id": "request-1"}
    assert deployment.items() == []
    assert deployment.published() == []


def test_payment_is_answered_503_when_aws_gives_no_credentials_for_the_ledger(
    post: Any, deployment: PaymentAccount, payment: dict[str, Any]
) -> None:
    deployment.secretsmanager.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    result = post(payment)
    assert (result.status, result.answer["message"]) == (503, "Service unavailable")


def test_bad_payment_is_refused_even_when_the_ledger_is_away(
    post: Any, unreachable_ledger: Callable[[], None], payment: dict[str, Any]
) -> None:
    unreachable_ledger()
    assert post({**payment, "amount": "0"}).status == 400


def test_answer_comes_from_the_session_while_the_ledger_is_away(
    post: Any, call: Any, unreachable_ledger: Callable[[], None], payment: dict[str, Any]
) -> None:
    answer = post(payment).answer
    unreachable_ledger()
    found = call("GET", "/payments/pay-1")
    assert (found.status, found.answer) == (200, answer)
    assert found.headers["x-answered-by"] == "session"


def test_session_of_a_pending_payment_is_answered_202(
    post: Any,
    call: Any,
    deployment: PaymentAccount,
    unreachable_ledger: Callable[[], None],
    payment: dict[str, Any],
) -> None:
    deployment.make_workflow()
    deployment.set_parameter("payments/approval_threshold", "10")
    answer = post(payment).answer
    unreachable_ledger()
    found = call("GET", "/payments/pay-1")
    assert (found.status, found.answer) == (202, answer)


def test_payment_without_session_is_answered_503_while_the_ledger_is_away(
    call: Any, unreachable_ledger: Callable[[], None]
) -> None:
    unreachable_ledger()
    found = call("GET", "/payments/pay-1")
    assert found.status == 503
    assert found.headers["retry-after"] == "2"


def test_session_that_cannot_be_read_counts_as_none(
    call: Any, deployment: PaymentAccount, unreachable_ledger: Callable[[], None], output: Output
) -> None:
    deployment.dynamodb.delete_table(TableName=TABLE)
    unreachable_ledger()
    assert call("GET", "/payments/pay-1").status == 503
    assert "session unreadable" in [line.get("message") for line in output()]


def test_sessions_that_cannot_be_written_keep_no_payment_from_being_taken(
    post: Any, deployment: PaymentAccount, ledger_rows: LedgerServer, payment: dict[str, Any]
) -> None:
    deployment.dynamodb.delete_table(TableName=TABLE)
    assert post(payment).status == 200
    assert ledger_rows.count("payments") == 1
    assert len(deployment.published()) == 1
    assert ledger_rows.waiting() == []


def test_bus_that_is_away_keeps_no_payment_from_being_taken(
    post: Any, deployment: PaymentAccount, ledger_rows: LedgerServer, payment: dict[str, Any]
) -> None:
    deployment.lose_bus()
    assert post(payment).status == 200
    assert len(deployment.items()) == 1
    assert ledger_rows.waiting() == ["Payment Committed"]


def test_rewound_session_does_not_change_what_the_ledger_says(
    post: Any, call: Any, deployment: PaymentAccount, payment: dict[str, Any]
) -> None:
    answer = post(payment).answer
    (item,) = deployment.items()
    deployment.dynamodb.put_item(
        TableName=TABLE, Item={**item, "status": {"S": "REJECTED"}, "answer": {"S": json.dumps({"amount": "1"})}}
    )
    for result in (call("GET", "/payments/pay-1"), post(payment)):
        assert (result.status, result.answer) == (200, answer)


def test_repeated_payment_is_neither_published_nor_written_again(
    post: Any, deployment: PaymentAccount, payment: dict[str, Any]
) -> None:
    post(payment)
    deployment.dynamodb.delete_item(TableName=TABLE, Key={"session_id": {"S": "pay-1"}})
    assert post(payment).status == 200
    assert deployment.items() == []
    assert len(deployment.published()) == 1


def test_session_of_the_client_is_written_beside_the_payments(
    post: Any, deployment: PaymentAccount, payment: dict[str, Any]
) -> None:
    assert post({**payment, "session_id": "cart-9"}).status == 200
    assert {item["session_id"]["S"] for item in deployment.items()} == {"pay-1", "cart-9"}
    reused = post({**payment, "payment_id": "pay-2", "session_id": "cart-9"})
    assert (reused.status, reused.answer["reason"]) == (409, "session_id was used for another payment")


def test_nothing_is_published_before_the_answer_is_on_its_way(
    deployment: PaymentAccount, ledger_rows: LedgerServer, payment: dict[str, Any]
) -> None:
    service = payment_processor.payment_service()
    assert service.take(payment).answer["valid"] is True
    assert service.after_answer.wait(0.05)
    assert (deployment.published(), deployment.items()) == ([], [])
    assert ledger_rows.waiting() == ["Payment Committed"]
    service.after_answer.begin()
    assert service.after_answer.wait(10)
    assert (len(deployment.published()), len(deployment.items())) == (1, 1)


@pytest.mark.parametrize("threshold", ["none", "10"])
def test_process_that_ends_after_its_commit_leaves_the_event_to_the_relay(
    invoke: Any, deployment: PaymentAccount, ledger_rows: LedgerServer, payment: dict[str, Any], threshold: str
) -> None:
    deployment.make_workflow()
    deployment.set_parameter("payments/approval_threshold", threshold)
    payment_processor.payment_service().take(payment)
    payment_processor.payment_service.cache_clear()
    ledger_rows.let_time_pass(seconds=60)
    assert invoke({"task": "relay-outbox"}) == {"published": 1, "left": 0}
    assert len(deployment.published()) + len(deployment.executions()) == 1
