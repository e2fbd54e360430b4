"""What the deployment tells the service beyond what it tells the payment library, by environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from payments.environment import EnvironmentVariableError


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """`threads` requests are worked on at once and `waiting` more may wait; `drain_seconds` is for the load balancer.

    Clients are known by tokens of `jwt_issuer` for `jwt_audience`, else by the key in the secret `api_key_secret_arn`.
    """

    version: str
    host: str
    port: int
    threads: int
    waiting: int
    drain_seconds: int
    queue_url: str | None
    jwt_issuer: str | None
    jwt_audience: str | None
    api_key_secret_arn: str | None

    @classmethod
    def from_variables(cls, variables: Mapping[str, str]) -> Self:
        """Raises `EnvironmentVariableError`, naming the variable: also where nothing says who may call."""
        settings = cls(
            version=variables.get("SERVICE_VERSION") or "unknown",
            host=variables.get("SERVICE_HOST") or "0.0.0.0",
            port=_whole_number(variables, "SERVICE_PORT", default=8080, least=1),
            threads=_whole_number(variables, "SERVICE_THREADS", default=16, least=1),
            waiting=_whole_number(variables, "SERVICE_WAITING", default=128, least=0),
            drain_seconds=_whole_number(variables, "SERVICE_DRAIN_SECONDS", default=8, least=0),
            queue_url=variables.get("PAYMENT_QUEUE_URL") or None,
            jwt_issuer=variables.get("API_JWT_ISSUER") or None,
            jwt_audience=variables.get("API_JWT_AUDIENCE") or None,
            api_key_secret_arn=variables.get("API_KEY_SECRET_ARN") or None,
        )
        if bool(settings.jwt_issuer) != bool(settings.jwt_audience):
            raise EnvironmentVariableError("API_JWT_ISSUER and API_JWT_AUDIENCE must both be set, or neither")
        if not settings.jwt_issuer and not settings.api_key_secret_arn:
            raise EnvironmentVariableError(
                "neither API_JWT_ISSUER nor API_KEY_SECRET_ARN is set; without one of them nobody may be let in"
            )
        return settings


def _whole_number(variables: Mapping[str, str], name: str, *, default: int, least: int) -> int:
    value = variables.get(name) or str(default)
    if not (value.isascii() and value.isdigit()) or int(value) < least:
        raise EnvironmentVariableError(f"{name} is {value!r}; a whole number of at least {least} is expected")
    return int(value)
