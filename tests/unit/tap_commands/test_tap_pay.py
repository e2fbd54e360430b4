"""`tap pay` and `tap payment`: what is sent, repeated, printed, and the exit codes."""

from __future__ import annotations

import json

import pytest

from tap.environment import Environment
from tests.unit.tap_commands.conftest import Tap, payment_answer
from tests.unit.tap_commands.payment_api import FakePaymentApi

PAY = ("pay", "--amount", "12.50", "--currency", "EUR", "--payer", "DE-PAYER-1", "--payee", "FR-PAYEE-2")


@pytest.fixture(autouse=True)
def deployed(environment: Environment) -> Environment:
    return environment


def test_a_payment_is_sent_signed_and_its_answer_printed(tap: Tap, api: FakePaymentApi) -> None:
    api.will_answer(200, payment_answer("order-1"))
    ended = tap(*PAY, "--payment-id", "order-1", "--session-id", "cart-1", "--json")
    assert ended.code == 0
    assert json.loads(ended.out) == {
        "payment_id": "order-1",
        "http_status": 200,
        "answer": payment_answer("order-1"),
    }
    [asked] = api.asked
    assert (asked.method, asked.path) == ("POST", "/payments")
    assert asked.body == {
        "payment_id": "order-1",
        "session_id": "cart-1",
        "amount": "12.50",
        "currency": "EUR",
        "payer_account": "DE-PAYER-1",
        "payee_account": "FR-PAYEE-2",
    }
    assert "/eu-west-1/execute-api/aws4_request" in asked.headers["authorization"]


def test_the_answer_is_also_printed_for_people(tap: Tap, api: FakePaymentApi) -> None:
    api.will_answer(200, payment_answer("order-1"))
    ended = tap(*PAY, "--payment-id", "order-1")
    assert [line.split() for line in ended.out.splitlines()] == [
        ["http_status", "200"],
        ["valid", "true"],
        ["payment_id", "order-1"],
        ["amount", "12.50"],
        ["currency", "EUR"],
    ]


def test_an_id_is_made_and_printed_before_the_payment_is_sent(tap: Tap, api: FakePaymentApi) -> None:
    for _ in range(4):
        api.will_break()
    ended = tap(*PAY)
    payment_id = ended.err.splitlines()[0].removeprefix("payment id: ")
    assert ended.code == 3
    assert {asked.body["payment_id"] for asked in api.asked} == {payment_id}
    assert f"repeating the command with --payment-id {payment_id} is safe" in ended.err
    assert "Traceback" not in ended.err


def test_faults_are_retried_with_the_same_payment(tap: Tap, api: FakePaymentApi) -> None:
    api.will_break()
    api.will_answer(503, {"message": "Service unavailable"}, retry_after="0")
    api.will_answer(429, {"message": "Too Many Requests"})
    api.will_answer(202, payment_answer("order-1", status="PENDING_APPROVAL"))
    ended = tap(*PAY, "--payment-id", "order-1", "--json")
    assert ended.code == 0
    assert json.loads(ended.out)["answer"]["status"] == "PENDING_APPROVAL"
    assert [asked.body for asked in api.asked] == [api.asked[0].body] * 4
    assert "attempt 2 of 4: answer 503; sending the same payment again" in ended.err


def test_after_the_last_fault_its_answer_is_printed(tap: Tap, api: FakePaymentApi) -> None:
    for _ in range(4):
        api.will_answer(500, "Internal Server Error")
    ended = tap(*PAY, "--payment-id", "order-1", "--json")
    assert ended.code == 1
    assert json.loads(ended.out)["answer"] == "Internal Server Error"
    assert "no valid answer after 4 attempts: it may have been taken" in ended.err


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"valid": False, "reason": "Invalid amount"}),
        (409, {"valid": False, "reason": "payment_id was used for another payment"}),
    ],
)
def test_a_refusal_is_not_repeated(tap: Tap, api: FakePaymentApi, status: int, body: dict[str, object]) -> None:
    api.will_answer(status, body)
    ended = tap(*PAY)
    assert (ended.code, len(api.asked)) == (1, 1)
    assert str(body["reason"]) in ended.out


def test_a_forbidden_call_names_the_remedy(tap: Tap, api: FakePaymentApi) -> None:
    api.will_answer(403, {"message": "Forbidden"})
    ended = tap(*PAY)
    assert ended.code == 1
    assert "execute-api:Invoke" in ended.err


@pytest.mark.parametrize(("status", "code"), [(200, 0), (202, 0), (404, 1), (409, 1), (503, 1)])
def test_show_looks_a_payment_up(tap: Tap, api: FakePaymentApi, status: int, code: int) -> None:
    api.will_answer(status, {"message": "an answer"})
    ended = tap("payment", "show", "order/1", "--json")
    assert ended.code == code
    assert json.loads(ended.out) == {
        "payment_id": "order/1",
        "http_status": status,
        "answer": {"message": "an answer"},
    }
    assert (api.asked[0].method, api.asked[0].path) == ("GET", "/payments/order%2F1")


def test_show_without_an_answer_is_one_line(tap: Tap, api: FakePaymentApi) -> None:
    api.will_break()
    ended = tap("payment", "show", "order-1")
    assert ended.code == 3
    assert len(ended.err.splitlines()) == 1
    assert f"{api.url} does not answer" in ended.err
