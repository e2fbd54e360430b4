"""The validation function: the payment library's rules and answers, nothing beside them, no account data in its log."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any, cast

import pytest

import payment_validation
from payments.observability import logger
from tests.unit.payment_system.sample_payments import ACCOUNTS, payment_document

Validate = Callable[[dict[str, Any]], dict[str, object]]


class Context:
    """What Lambda tells a handler about its invocation."""

    function_name = "payment-validation-test"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:payment-validation-test"
    aws_request_id = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", stream)
    return stream


@pytest.fixture
def validate(monkeypatch: pytest.MonkeyPatch, log: io.StringIO) -> Validate:
    assert log.getvalue() == ""
    monkeypatch.setenv("REGION", "eu-west-1")
    monkeypatch.setenv("PAYMENT_AMOUNT_LIMIT", "1000")
    return lambda event: payment_validation.handler(event, cast("Any", Context()))


def bus_event(detail: object, **changes: str) -> dict[str, Any]:
    return {"source": "payment.processor", "detail-type": "Payment Transaction", "detail": detail, **changes}


@pytest.mark.parametrize("event", [payment_document(), bus_event(payment_document())])
def test_a_valid_payment_gets_the_answer_of_the_payment_api(validate: Validate, event: dict[str, Any]) -> None:
    answer = validate(event)
    at = answer.pop("validated_at")
    assert answer == {
        "valid": True,
        "payment_id": "pay-1",
        "amount": "12.50",
        "currency": "EUR",
        "region": "eu-west-1",
    }
    assert isinstance(at, str)
    assert at.endswith("Z")


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (payment_document(amount="0"), "Invalid amount"),
        (payment_document(amount="1000.01"), "Amount exceeds limit"),
        (payment_document(currency="XXX1"), "Invalid currency"),
        (payment_document(extra=1), "Unknown field: extra"),
        (bus_event(payment_document(amount=0.001)), "Invalid amount"),
        (bus_event("no object"), "Invalid JSON"),
        (bus_event(payment_document(), source="somebody.else"), "Unknown field: detail"),
        ({}, "Missing field: payment_id"),
    ],
)
def test_what_would_be_refused_gets_the_reason(validate: Validate, event: dict[str, Any], reason: str) -> None:
    answer = validate(event)
    assert (answer["valid"], answer["reason"]) == (False, reason)


def test_an_event_that_is_no_object_is_refused(validate: Validate) -> None:
    assert validate(cast("Any", bus_event([payment_document()])))["reason"] == "Invalid JSON"


def test_neither_account_is_in_the_log(validate: Validate, log: io.StringIO) -> None:
    validate(payment_document())
    validate(payment_document(payee_account="DE89370400440532013000"))
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["message"] for line in lines] == ["payment is valid", "payment is not valid"]
    assert not [account for account in ACCOUNTS if account in log.getvalue()]


@pytest.mark.parametrize("limit", [None, "", "0", "-1", "1.5", "many", "\N{SUPERSCRIPT TWO}"])
def test_a_limit_that_is_none_is_named(validate: Validate, monkeypatch: pytest.MonkeyPatch, limit: str | None) -> None:
    if limit is None:
        monkeypatch.delenv("PAYMENT_AMOUNT_LIMIT")
    else:
        monkeypatch.setenv("PAYMENT_AMOUNT_LIMIT", limit)
    with pytest.raises(payment_validation.AmountLimitError, match="PAYMENT_AMOUNT_LIMIT"):
        validate(payment_document())


def test_it_loads_nothing_that_could_reach_aws_or_the_ledger() -> None:
    program = "import sys, payment_validation; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    folder = payment_validation.__file__.rpartition("/")[0]
    printed = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "payments" in printed
    assert not {"boto3", "pymysql", "psycopg", "pg8000"} & set(printed)
