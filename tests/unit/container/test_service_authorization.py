"""Who is let in: by the present key or the one before it."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError

from lib.container.payment_service.authorization import AuthorizationUnavailableError, SharedKey
from tests.unit.payment_system.payment_account import PaymentAccount

FIRST, SECOND, THIRD = (f"a-key-of-the-tests-that-is-long-enough-{number}" for number in range(3))
Output = Callable[[], list[dict[str, Any]]]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def secret(account: PaymentAccount) -> str:
    return account.secretsmanager.create_secret(Name="key", SecretString=FIRST)["ARN"]


@pytest.fixture
def shared_key(account: PaymentAccount, secret: str, clock: Clock) -> SharedKey:
    return SharedKey(client=account.secretsmanager, secret_arn=secret, max_age=300, clock=clock)


def key(text: str) -> dict[str, str]:
    return {"x-api-key": text}


def test_the_key_and_no_other_lets_in(shared_key: SharedKey) -> None:
    assert shared_key.allows(key(FIRST))
    assert not shared_key.allows(key(SECOND))
    assert not shared_key.allows(key(""))
    assert not shared_key.allows({})
    assert not shared_key.allows(key("schlüssel"))


def test_key_before_a_rotation_is_taken_until_the_next(
    shared_key: SharedKey, account: PaymentAccount, secret: str, clock: Clock
) -> None:
    assert shared_key.allows(key(FIRST))
    account.secretsmanager.put_secret_value(SecretId=secret, SecretString=SECOND)
    assert not shared_key.allows(key(SECOND))
    clock.now = 30
    assert shared_key.allows(key(SECOND))
    assert shared_key.allows(key(FIRST))
    account.secretsmanager.put_secret_value(SecretId=secret, SecretString=THIRD)
    clock.now = 329
    assert shared_key.allows(key(FIRST))
    clock.now = 330
    assert not shared_key.allows(key(FIRST))
    assert shared_key.allows(key(SECOND))
    assert shared_key.allows(key(THIRD))


def test_key_that_could_be_guessed_lets_nobody_in(
    shared_key: SharedKey, account: PaymentAccount, secret: str, output: Output
) -> None:
    account.secretsmanager.put_secret_value(SecretId=secret, SecretString="short")
    assert not shared_key.allows(key("short"))
    assert "short" not in {line.get("key") for line in output()}
    assert shared_key.allows(key(FIRST))


class Unreachable:
    def get_secret_value(self, **_request: str) -> object:
        raise EndpointConnectionError(endpoint_url="https://secretsmanager")


def test_secret_that_cannot_be_read_stops_nobody_who_was_known(
    shared_key: SharedKey, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shared_key.allows(key(FIRST))
    monkeypatch.setattr(shared_key, "_client", Unreachable())
    clock.now = 301
    assert shared_key.allows(key(FIRST))


def test_secret_that_was_never_read_is_not_the_clients_fault(account: PaymentAccount, clock: Clock) -> None:
    unreachable = SharedKey(client=cast("Any", Unreachable()), secret_arn="key", max_age=300, clock=clock)
    missing = SharedKey(client=account.secretsmanager, secret_arn="missing", max_age=300, clock=clock)
    for shared_key in (unreachable, missing):
        with pytest.raises(AuthorizationUnavailableError):
            shared_key.allows(key(FIRST))
