"""Requests and events that are no payments: refused with a reason, nothing stored, never an internal error."""

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.payment_system.ledger_server import LedgerServer

pytestmark = pytest.mark.usefixtures("deployment")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "Invalid JSON"),
        ("{", "Invalid JSON"),
        ("[]", "Invalid JSON"),
        ("null", "Invalid JSON"),
        ("\ud800", "Invalid JSON"),
        ("\ufeff{}", "Invalid JSON"),
        ("[" * 10_000, "Invalid JSON"),
        ('{"amount": 1, "amount": 2}', "Duplicate field"),
        ("{}", "Missing field: payment_id"),
        (" " * 20_000, "Body too large"),
    ],
)
def test_body_that_is_no_payment_is_refused(post: Any, ledger_rows: LedgerServer, body: str, reason: str) -> None:
    result = post(body)
    assert (result.status, result.answer["reason"]) == (400, reason)
    assert ledger_rows.count("payments") == 0


@pytest.mark.parametrize("number", ["1e309", "1e9999999999999999999", "NaN", "-Infinity", "-0", "0.001", "9" * 5000])
def test_number_that_is_no_amount_is_refused(
    post: Any, ledger_rows: LedgerServer, payment: dict[str, Any], number: str
) -> None:
    result = post(json.dumps(payment).replace('"12.50"', number))
    assert (result.status, result.answer["reason"]) == (400, "Invalid amount")
    assert ledger_rows.count("payments") == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"headers": {"content-type": "text/plain"}}, "Invalid content type"),
        ({"headers": {"content-type": "application/json; charset=utf-16"}}, "Invalid content type"),
        ({"headers": {"content-encoding": "gzip"}}, "Invalid content encoding"),
        ({"isBase64Encoded": True, "body": "?"}, "Invalid body encoding"),
        ({"isBase64Encoded": True, "body": "A" * 40_000}, "Body too large"),
        ({"isBase64Encoded": True, "body": base64.b64encode(b"\xff\xfe").decode()}, "Invalid JSON"),
    ],
)
def test_encoding_that_is_not_json_in_utf_8_is_refused(
    post: Any, payment: dict[str, Any], changes: dict[str, Any], reason: str
) -> None:
    result = post(payment, **changes)
    assert (result.status, result.answer["reason"]) == (400, reason)


def test_base64_body_and_missing_content_type_are_read(post: Any, payment: dict[str, Any]) -> None:
    body = base64.b64encode(json.dumps(payment).encode()).decode()
    assert post(payment, isBase64Encoded=True, body=body, headers={}).status == 200


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
FIELDS = ["payment_id", "amount", "currency", "payer_account", "payee_account", "session_id"]
HOSTILE_PAYMENTS = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), JSON_VALUES).map(
    lambda changes: {
        "payment_id": "p",
        "amount": "1",
        "currency": "EUR",
        "payer_account": "AAAA",
        "payee_account": "BBBB",
        **changes,
    }
)
HOSTILE_BODIES = st.text() | HOSTILE_PAYMENTS.map(json.dumps) | JSON_VALUES.map(json.dumps)
HEADERS = st.dictionaries(st.sampled_from(["content-type", "content-encoding", "Content-Type", "x"]), st.text())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(body=HOSTILE_BODIES, headers=HEADERS | st.just({}), encoded=st.booleans())
def test_no_request_is_answered_500_and_a_refused_one_stores_nothing(
    post: Any, ledger_rows: LedgerServer, body: str, headers: dict[str, str], encoded: bool
) -> None:
    before = ledger_rows.statuses()
    result = post(body, headers=headers, isBase64Encoded=encoded)
    assert result.status in (200, 400, 409)
    assert isinstance(result.answer.get("reason", ""), str)
    if result.status != 200:
        assert ledger_rows.statuses() == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(detail=HOSTILE_PAYMENTS | JSON_VALUES)
def test_no_event_with_bad_input_is_an_error(invoke: Any, ledger_rows: LedgerServer, detail: object) -> None:
    before = ledger_rows.statuses()
    answer = invoke({"source": "payment.processor", "detail-type": "Payment Transaction", "detail": detail})
    assert isinstance(answer["valid"], bool)
    if not answer["valid"]:
        assert ledger_rows.statuses() == before
