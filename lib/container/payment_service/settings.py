"""What the deployment tells the service beyond what it tells the payment library, by environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from payments.environment import EnvironmentVariableError


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """`threads` requests are worked on at once and `waiting` more may wait; `drain_seconds` is for the load balancer.

    Clients are known by the key in the secret `api_key_secret_arn`.
    """

    version: str
    host: str
    port: int
    threads: int
    waiting: int
    drain_seconds: int
    queue_url: str | None
    api_key_secret_arn: str

    @classmethod
    def from_variables(cls, variables: Mapping[str, str]) -> Self:
        """Raises `EnvironmentVariableError`, naming the variable: also where nothing says who may call."""
        api_key_secret_arn = variables.get("API_KEY_SECRET_ARN")
        if not api_key_secret_arn:
            raise EnvironmentVariableError("API_KEY_SECRET_ARN is not set; without it nobody may be let in")
        return cls(
            version=variables.get("SERVICE_VERSION") or "unknown",
            host=variables.get("SERVICE_HOST") or "0.0.0.0",
            port=_whole_number(variables, "SERVICE_PORT", default=8080, least=1),
            threads=_whole_number(variables, "SERVICE_THREADS", default=16, least=1),
            waiting=_whole_number(variables, "SERVICE_WAITING", default=128, least=0),
            drain_seconds=_whole_number(variables, "SERVICE_DRAIN_SECONDS", default=8, least=0),
            queue_url=variables.get("PAYMENT_QUEUE_URL") or None,
            api_key_secret_arn=api_key_secret_arn,
        )


def _whole_number(variables: Mapping[str, str], name: str, *, default: int, least: int) -> int:
    value = variables.get(name) or str(default)
    if not (value.isascii() and value.isdigit()) or int(value) < least:
        raise EnvironmentVariableError(f"{name} is {value!r}; a whole number of at least {least} is expected")
    return int(value)
