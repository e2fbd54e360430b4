"""The canaries' scripts against an API that answers as it should, and against ones that do not."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import boto3
import pytest

from lib.canary import payment_canaries
from lib.canary.payment_canaries import CanaryFailedError, availability, payment, response_time
from payments.validation import validate

KEY = "k" * 32


@dataclass
class Api:
    """What answers in the place of the payment API; the tests change `answer` and `milliseconds`."""

    answer: Callable[[str, str, dict[str, Any] | None], tuple[int, Any]]
    milliseconds: float = 0.0
    asked: list[tuple[str, str, str, dict[str, str]]] = field(default_factory=list)
    host: str = ""

    def connect(self, host: str, port: int | None, **_: object) -> Api:
        self.host = f"{host}:{port}"
        return self

    def request(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> None:
        self.asked.append((method, path, body or "", headers))

    def getresponse(self) -> Api:
        time.sleep(self.milliseconds / 1000)
        return self

    def _answered(self) -> tuple[int, bytes]:
        method, path, body, _ = self.asked[-1]
        status, content = self.answer(method, path, json.loads(body) if body else None)
        return status, content if isinstance(content, bytes) else json.dumps(content).encode()

    @property
    def status(self) -> int:
        return self._answered()[0]

    def read(self) -> bytes:
        return self._answered()[1]

    def close(self) -> None:
        """Nothing is open."""


def ledger(_method: str, path: str, body: dict[str, Any] | None) -> tuple[int, Any]:
    """The answers of an API that takes every payment."""
    if path.endswith("/health"):
        return 200, {"status": "ok"}
    payment_id = body["payment_id"] if body else path.rpartition("/")[2]
    return 200, {"valid": True, "payment_id": payment_id, "amount": "0.01"}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    made = Api(ledger)
    monkeypatch.setattr(http.client, "HTTPSConnection", made.connect)
    monkeypatch.setenv("API_URL", "https://api.acme.io/v1/")
    monkeypatch.setenv("RESPONSE_TIME_LIMIT_MS", "1000")
    monkeypatch.setenv("API_KEY_SECRET_ARN", "arn:secret")

    class Secrets:
        def get_secret_value(self, **given: str) -> dict[str, str]:
            assert given == {"SecretId": "arn:secret"}
            return {"SecretString": KEY}

    monkeypatch.setattr(boto3, "client", lambda name: {"secretsmanager": Secrets()}[name])
    return made


def answering(status: int, content: Any) -> Callable[[str, str, dict[str, Any] | None], tuple[int, Any]]:
    return lambda *_: (status, content)


def test_an_api_that_is_well_is_available(api: Api) -> None:
    assert availability({}, None) == "available"
    assert [(method, path) for method, path, _, _ in api.asked] == [("GET", "/v1/health")]
    assert api.host == "api.acme.io:None"


@pytest.mark.parametrize(
    ("status", "content", "message"),
    [
        (503, {"status": "draining"}, "GET /health was answered with 503"),
        (200, {"status": "draining"}, "/health says 'draining'"),
        (200, b"<html>", "GET /health was answered with 200: b'<html>'"),
        (200, ["ok"], "GET /health was answered with 200"),
    ],
)
def test_another_answer_is_a_failure(api: Api, status: int, content: Any, message: str) -> None:
    api.answer = answering(status, content)
    with pytest.raises(CanaryFailedError, match=message):
        availability({}, None)


@pytest.mark.parametrize("error", [ConnectionRefusedError("nobody"), http.client.RemoteDisconnected("cut off")])
def test_no_answer_is_a_failure(api: Api, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(api, "request", fail)
    with pytest.raises(CanaryFailedError, match=f"GET /health: {type(error).__name__}"):
        availability({}, None)


def test_answers_within_the_limit_are_fast(api: Api) -> None:
    assert response_time({}, None).endswith(" ms")
    assert len(api.asked) == payment_canaries.MEASUREMENTS


def test_answers_beyond_the_limit_are_a_failure(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESPONSE_TIME_LIMIT_MS", "5")
    api.milliseconds = 10
    with pytest.raises(CanaryFailedError, match=r"\d+ ms in the median, more than 5"):
        response_time({}, None)


def test_a_payment_is_sent_found_and_sent_again(api: Api) -> None:
    first, second = payment({}, None), payment({}, None)
    assert first != second
    assert [(method, path) for method, path, _, _ in api.asked[:3]] == [
        ("POST", "/v1/payments"),
        ("GET", f"/v1/payments/{first}"),
        ("POST", "/v1/payments"),
    ]
    assert api.asked[0] == api.asked[2]
    assert {headers["x-api-key"] for _, _, _, headers in api.asked} == {KEY}
    sent = json.loads(api.asked[0][2])
    assert sent == {
        "payment_id": first,
        "amount": "0.01",
        "currency": "USD",
        "payer_account": "CANARY-PAYER",
        "payee_account": "CANARY-PAYEE",
    }


@pytest.mark.parametrize(
    ("at_fault", "message"),
    [(0, "was answered with"), (1, "was taken as .* and found as"), (2, "was answered with .*, then with")],
)
def test_each_answer_of_a_payment_that_differs_is_a_failure(api: Api, at_fault: int, message: str) -> None:
    def answer(_method: str, path: str, body: dict[str, Any] | None) -> tuple[int, Any]:
        payment_id = body["payment_id"] if body else path.rpartition("/")[2]
        right = len(api.asked) - 1 != at_fault
        return 200, {"valid": right, "payment_id": payment_id}

    api.answer = answer
    with pytest.raises(CanaryFailedError, match=message):
        payment({}, None)


def test_the_payment_is_one_that_the_api_takes(api: Api) -> None:
    """By the rules of the payment code itself."""
    payment_id = payment({}, None)
    taken = validate(json.loads(api.asked[0][2]), amount_limit=Decimal(1_000_000))
    assert (taken.payment_id, taken.amount) == (payment_id, Decimal("0.01"))
