"""Whether this Region takes payments: the role in an SSM parameter, which can change at any moment.

The role is neither in the code nor in the deployment's variables, so that a failover needs no deployment.
"""

from enum import StrEnum

from payments.configuration import ConfigurationError
from payments.database import LedgerUnavailableError
from payments.switches import Switches

# A short outage or throttling of SSM is to stop no payment. But a primary that was fenced, and cannot see it, must
# soon take none: when the other Region's cluster was detached and promoted, the old one still takes writes, of which
# the other Region would know nothing. A minute is about what that promotion takes. Who promotes while the old Region
# may not see its fence waits as long first.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-detaching.html
KNOWN_SECONDS = 60.0


class Role(StrEnum):
    """What a Region is for. The ledger in the secondary one is a replica and takes no writes."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


class RegionRole:
    """The role in `parameter`, which is one of the `switches`."""

    def __init__(self, switches: Switches, parameter: str) -> None:
        self._switches = switches
        self._parameter = parameter

    def read(self) -> Role:
        """The role to act on. Raises `LedgerUnavailableError` when it is not known, `ConfigurationError`."""
        self._switches.refresh()
        value = self._switches.value(self._parameter)
        if value is None or self._switches.age(self._parameter) >= KNOWN_SECONDS:
            raise LedgerUnavailableError("whether this Region takes payments is not known")
        return self._role(value)

    def check(self) -> Role:
        """Asks SSM. Raises `ConfigurationError` for a value that is no role, and botocore's errors."""
        return self._role(self._switches.check(self._parameter))

    def _role(self, value: str) -> Role:
        try:
            return Role(value)
        except ValueError:
            raise ConfigurationError(f"{self._parameter} is {value!r}; primary or secondary is expected") from None
