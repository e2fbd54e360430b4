"""Parameters in SSM that may change at any moment, and that every process follows within seconds."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from payments.configuration import ConfigurationError
from payments.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient

# A failover, or a stop, is to take effect within seconds. It costs one GetParameters each 5 s for each busy environment
# of the function: 40 a second, the Region's quota unless a higher throughput is turned on, are 200 such environments.
# https://docs.aws.amazon.com/general/latest/gr/ssm.html
TRUSTED_SECONDS = 5.0

Instant = tuple[float, float]
"""The same moment on the monotonic and on the wall clock, in seconds."""


def instant() -> Instant:
    return time.monotonic(), time.time()


class Switches:
    """The values of `parameters`, read together, at most once in `TRUSTED_SECONDS`, also when SSM does not answer.

    A value that cannot be read again stays as it was read last; whoever acts on it asks for its age.
    """

    def __init__(
        self, *, client: "SSMClient", parameters: Sequence[str], clock: Callable[[], Instant] = instant
    ) -> None:
        self._client = client
        self._parameters = list(parameters)
        self._clock = clock
        self._asked: Instant | None = None
        self._read: dict[str, tuple[str, Instant]] = {}

    def refresh(self) -> None:
        """Asks SSM again when it is time; that it does not answer is logged."""
        if self._seconds_since(self._asked) >= TRUSTED_SECONDS:
            try:
                self._ask()
            except (BotoCoreError, ClientError) as error:
                logger.warning("switches could not be read", parameters=self._parameters, error=str(error))
                self._asked = self._clock()

    def check(self, parameter: str) -> str:
        """The value that SSM has now. Raises `ConfigurationError` where there is none, and botocore's errors."""
        if parameter in self._ask():
            raise ConfigurationError(f"{parameter} does not exist")
        return self._read[parameter][0]

    def value(self, parameter: str) -> str | None:
        """What was read last, however long ago."""
        return self._read[parameter][0] if parameter in self._read else None

    def age(self, parameter: str) -> float:
        """Seconds since the value was true; infinite when it was never read."""
        return self._seconds_since(self._read[parameter][1] if parameter in self._read else None)

    def _ask(self) -> list[str]:
        """The parameters that do not exist."""
        # What is read was true when it was asked for; the answer may take seconds.
        began = self._clock()
        answer = self._client.get_parameters(Names=self._parameters)
        for found in answer["Parameters"]:
            self._read[found["Name"]] = (found["Value"], began)
        self._asked = began
        missing = answer["InvalidParameters"]
        if missing:
            logger.warning("switches do not exist", parameters=missing)
        return missing

    def _seconds_since(self, moment: Instant | None) -> float:
        """By the clock that says more: for a frozen environment the monotonic one stands still.

        https://github.com/hashicorp/vault-lambda-extension/pull/150
        """
        if moment is None:
            return float("inf")
        return max(abs(now - before) for now, before in zip(self._clock(), moment, strict=True))
