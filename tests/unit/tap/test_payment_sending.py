"""A payment is sent again when no answer arrives, whether a connection breaks or none can be made."""

from __future__ import annotations

from typing import Any, cast

import pytest
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from tap.payment_client import Answer, PaymentClient
from tap.payment_sending import ATTEMPTS, Attempt, NoAnswerError, find_payment, send_payment

URL = "https://api"
NO_ANSWERS = [
    EndpointConnectionError(endpoint_url=URL),
    ConnectTimeoutError(endpoint_url=URL),
    ConnectionClosedError(endpoint_url=URL),
    ReadTimeoutError(endpoint_url=URL),
]


class FakeClient:
    """Answers, or raises, in turn."""

    url = URL

    def __init__(self, *turns: Answer | Exception) -> None:
        self.turns = list(turns)
        self.sent: list[tuple[str, str, Any]] = []

    def send(self, method: str, path: str, body: object = None) -> Answer:
        self.sent.append((method, path, body))
        turn = self.turns.pop(0)
        if isinstance(turn, Exception):
            raise turn
        return turn


def client(*turns: Answer | Exception) -> tuple[FakeClient, PaymentClient]:
    fake = FakeClient(*turns)
    return fake, cast(PaymentClient, fake)


@pytest.mark.parametrize("error", NO_ANSWERS, ids=lambda error: type(error).__name__)
def test_the_same_payment_is_sent_again_without_an_answer(error: Exception) -> None:
    fake, calls = client(error, Answer(200, {"payment_id": "p"}))
    attempts: list[Attempt] = []
    answer = send_payment(calls, {"payment_id": "p"}, on_retry=attempts.append, pause=lambda _: 0.0)
    assert answer.status == 200
    assert fake.sent == [("POST", "/payments", {"payment_id": "p"})] * 2
    assert [attempt.number for attempt in attempts] == [1]


@pytest.mark.parametrize("error", NO_ANSWERS, ids=lambda error: type(error).__name__)
def test_an_api_that_never_answers_is_told_as_such(error: Exception) -> None:
    fake, calls = client(*[error] * ATTEMPTS)
    with pytest.raises(NoAnswerError):
        send_payment(calls, {"payment_id": "p"}, on_retry=lambda _: None, pause=lambda _: 0.0)
    assert len(fake.sent) == ATTEMPTS
    _, calls = client(error)
    with pytest.raises(NoAnswerError, match="does not answer"):
        find_payment(calls, "p")
