"""Whether this Region takes payments: the role in an SSM parameter, which can change at any moment.

The role is neither in the code nor in the deployment's variables, so that a failover needs no deployment.
"""

import time
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from payments.configuration import ConfigurationError
from payments.database import LedgerUnavailableError
from payments.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient

# A failover is to take effect within seconds. It costs one GetParameter each 5 s for each busy environment of the
# function: 40 a second, the Region's quota unless a higher throughput is turned on, are 200 such environments.
# https://docs.aws.amazon.com/general/latest/gr/ssm.html
TRUSTED_SECONDS = 5.0
# A short outage or throttling of SSM is to stop no payment. But a primary that was fenced, and cannot see it, must
# soon take none: when the other Region's cluster was detached and promoted, the old one still takes writes, of which
# the other Region would know nothing. A minute is about what that promotion takes. Who promotes while the old Region
# may not see its fence waits as long first.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-detaching.html
KNOWN_SECONDS = 60.0

Instant = tuple[float, float]
"""The same moment on the monotonic and on the wall clock, in seconds."""


class Role(StrEnum):
    """What a Region is for. The ledger in the secondary one is a replica and takes no writes."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


def instant() -> Instant:
    return time.monotonic(), time.time()


class RegionRole:
    """The role in `parameter`. SSM is asked at most once in `TRUSTED_SECONDS`, also when it does not answer.

    `last` is the role that was read last, however long ago.
    """

    def __init__(self, *, client: "SSMClient", parameter: str, clock: Callable[[], Instant] = instant) -> None:
        self._client = client
        self._parameter = parameter
        self._clock = clock
        self._asked: Instant | None = None
        self._known: Instant | None = None
        self.last: Role | None = None

    def read(self) -> Role:
        """The role to act on. Raises `LedgerUnavailableError` when it is not known, `ConfigurationError`."""
        if self._age(self._asked) >= TRUSTED_SECONDS:
            try:
                self.check()
            except (BotoCoreError, ClientError) as error:
                logger.warning("the Region's role could not be read", parameter=self._parameter, error=str(error))
                self._asked = self._clock()
        if self.last is None or self._age(self._known) >= KNOWN_SECONDS:
            raise LedgerUnavailableError("whether this Region takes payments is not known")
        return self.last

    def check(self) -> None:
        """Asks SSM. Raises `ConfigurationError` for a value that is no role, and botocore's errors."""
        # What is read was true when it was asked for; the answer may take seconds.
        began = self._clock()
        value = self._client.get_parameter(Name=self._parameter)["Parameter"]["Value"]
        try:
            self.last = Role(value)
        except ValueError:
            raise ConfigurationError(f"{self._parameter} is {value!r}; primary or secondary is expected") from None
        self._asked = self._known = began

    def _age(self, moment: Instant | None) -> float:
        """Seconds since `moment`, by the clock that says more: for a frozen environment the monotonic one stands still.

        https://github.com/hashicorp/vault-lambda-extension/pull/150
        """
        if moment is None:
            return float("inf")
        return max(abs(now - before) for now, before in zip(self._clock(), moment, strict=True))
