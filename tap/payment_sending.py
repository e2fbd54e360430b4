"""Sends one payment until it is answered: safe, because the same payment id is never taken twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from tenacity import RetryCallState, Retrying, retry_if_exception_type, retry_if_result, stop_after_attempt
from tenacity.wait import wait_random_exponential

from tap.payment_client import NO_ANSWER, Answer, PaymentClient

ATTEMPTS = 4
LONGEST_PAUSE_SECONDS = 10
THROTTLED = 429

_back_off = wait_random_exponential(multiplier=0.5, max=LONGEST_PAUSE_SECONDS)


class NoAnswerError(RuntimeError):
    """The API could not be reached, or did not answer in time: whether it has taken the payment is not known."""


@dataclass(frozen=True)
class Attempt:
    """One that was not the last: its number, and why another follows."""

    number: int
    reason: str


def send_payment(
    client: PaymentClient,
    payment: Mapping[str, str],
    *,
    on_retry: Callable[[Attempt], None],
    pause: Callable[[RetryCallState], float] | None = None,
) -> Answer:
    """The answer to `payment`, sent again after network errors, throttling and faults of the server.

    The last answer counts, whatever it is. Raises `NoAnswerError` if the last attempt had none. `pause` gives the
    seconds before the next attempt: by default what the server asks for, or an exponential back-off with jitter.
    """

    def tell(state: RetryCallState) -> None:
        on_retry(Attempt(state.attempt_number, _why(state)))

    retrying = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=pause or _pause,
        retry=retry_if_exception_type(NO_ANSWER) | retry_if_result(_may_succeed_later),
        before_sleep=tell,
        retry_error_callback=_last_answer,
    )
    return retrying(client.send, "POST", "/payments", dict(payment))


def find_payment(client: PaymentClient, payment_id: str) -> Answer:
    """The answer to a look-up. Raises `NoAnswerError`."""
    try:
        return client.send("GET", f"/payments/{quote(payment_id, safe='')}")
    except NO_ANSWER as error:
        raise NoAnswerError(f"{client.url} does not answer: {error}") from error


def _may_succeed_later(answer: Answer) -> bool:
    return answer.status >= 500 or answer.status == THROTTLED


def _why(state: RetryCallState) -> str:
    assert state.outcome is not None  # tenacity sets it before it asks whether to go on.
    error = state.outcome.exception()
    return str(error) if error else f"answer {state.outcome.result().status}"


def _pause(state: RetryCallState) -> float:
    if state.outcome and not state.outcome.failed:
        asked_for = state.outcome.result().headers.get("retry-after", "")
        if asked_for.isascii() and asked_for.isdigit():
            return float(min(int(asked_for), LONGEST_PAUSE_SECONDS))
    return _back_off(state)


def _last_answer(state: RetryCallState) -> Answer:
    assert state.outcome is not None
    error = state.outcome.exception()
    if error:
        raise NoAnswerError(str(error)) from error
    answer: Answer = state.outcome.result()
    return answer
