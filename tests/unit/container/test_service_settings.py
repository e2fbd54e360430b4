"""The service's variables: defaults, and what is refused before it serves."""

import pytest

from lib.container.payment_service.settings import ServiceSettings
from payments.environment import EnvironmentVariableError


def test_defaults_are_those_of_the_task() -> None:
    settings = ServiceSettings.from_variables({"API_KEY_SECRET_ARN": "arn"})
    assert (settings.host, settings.port, settings.version) == ("0.0.0.0", 8080, "unknown")
    assert (settings.threads, settings.waiting, settings.drain_seconds) == (16, 128, 8)
    assert (settings.queue_url, settings.jwt_issuer, settings.api_key_secret_arn) == (None, None, "arn")


def test_everything_can_be_set() -> None:
    settings = ServiceSettings.from_variables(
        {
            "SERVICE_VERSION": "3",
            "SERVICE_HOST": "127.0.0.1",
            "SERVICE_PORT": "9000",
            "SERVICE_THREADS": "2",
            "SERVICE_WAITING": "0",
            "SERVICE_DRAIN_SECONDS": "0",
            "PAYMENT_QUEUE_URL": "https://queue",
            "API_JWT_ISSUER": "https://issuer",
            "API_JWT_AUDIENCE": "payments",
        }
    )
    assert (settings.version, settings.host, settings.port) == ("3", "127.0.0.1", 9000)
    assert (settings.threads, settings.waiting, settings.drain_seconds) == (2, 0, 0)
    assert (settings.queue_url, settings.jwt_issuer, settings.jwt_audience) == (
        "https://queue",
        "https://issuer",
        "payments",
    )


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({}, "API_KEY_SECRET_ARN"),
        ({"API_JWT_ISSUER": "https://issuer"}, "API_JWT_AUDIENCE"),
        ({"API_JWT_AUDIENCE": "payments", "API_KEY_SECRET_ARN": "arn"}, "API_JWT_ISSUER"),
        ({"API_KEY_SECRET_ARN": "arn", "SERVICE_THREADS": "0"}, "SERVICE_THREADS"),
        ({"API_KEY_SECRET_ARN": "arn", "SERVICE_PORT": "http"}, "SERVICE_PORT"),
        ({"API_KEY_SECRET_ARN": "arn", "SERVICE_WAITING": "-1"}, "SERVICE_WAITING"),
    ],
)
def test_what_cannot_be_used_is_named(variables: dict[str, str], named: str) -> None:
    with pytest.raises(EnvironmentVariableError, match=named):
        ServiceSettings.from_variables(variables)
