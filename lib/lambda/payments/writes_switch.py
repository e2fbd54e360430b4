"""Whether anything may be written to the ledger: a parameter in SSM with which an operator stops all writers.

It is for what must not be written meanwhile, such as a ledger that is being set back to an earlier moment.
"""

from enum import StrEnum

from payments.configuration import ConfigurationError
from payments.database import LedgerUnavailableError
from payments.switches import Switches


class Writes(StrEnum):
    """Whether the ledger takes writes."""

    OPEN = "open"
    STOPPED = "stopped"


class WritersStoppedError(LedgerUnavailableError):
    """An operator has stopped all writers. Nothing was written; a later try may find them started."""

    def __init__(self) -> None:
        super().__init__("an operator has stopped all writers for a while; payments are taken again after it")


class WritesSwitch:
    """The switch in `parameter`, which is one of the `switches`.

    While SSM cannot be reached, what was read last holds, however long ago: writers that were stopped stay stopped, and
    an outage of SSM stops no others. A process that has never read it writes nothing. It would not get far anyway: its
    configuration is in SSM too.
    """

    def __init__(self, switches: Switches, parameter: str) -> None:
        self._switches = switches
        self._parameter = parameter

    def require_open(self) -> None:
        """Raises `WritersStoppedError`, `LedgerUnavailableError` when it is not known, and `ConfigurationError`."""
        self._switches.refresh()
        value = self._switches.value(self._parameter)
        if value is None:
            raise LedgerUnavailableError("whether writers are stopped is not known")
        if self._writes(value) is Writes.STOPPED:
            raise WritersStoppedError

    def check(self) -> Writes:
        """Asks SSM. Raises `ConfigurationError` for a value that is none of `Writes`, and botocore's errors."""
        return self._writes(self._switches.check(self._parameter))

    def _writes(self, value: str) -> Writes:
        try:
            return Writes(value)
        except ValueError:
            raise ConfigurationError(f"{self._parameter} is {value!r}; open or stopped is expected") from None
