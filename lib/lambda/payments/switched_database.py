"""The ledger's database where an operator can stop all writers."""

from collections.abc import Callable
from typing import TypeVar

from payments.database import Database
from payments.engines import Cursor
from payments.writes_switch import WritesSwitch

Result = TypeVar("Result")


class SwitchedDatabase:
    """Writes only while the switch lets it; reads always."""

    def __init__(self, database: Database, switch: WritesSwitch) -> None:
        self._database = database
        self._switch = switch
        self.engine = database.engine

    def transaction(self, work: Callable[[Cursor], Result]) -> Result:
        """As the database's. Raises what `WritesSwitch.require_open` raises.

        Each try looks at the switch, so that what was begun before writers were stopped is not tried again after it.
        """

        def switched(cursor: Cursor) -> Result:
            self._switch.require_open()
            return work(cursor)

        self._switch.require_open()
        return self._database.transaction(switched)

    def read(self, work: Callable[[Cursor], Result]) -> Result:
        """A transaction that writes nothing."""
        return self._database.read(work)

    def close(self) -> None:
        """Closes the idle connections."""
        self._database.close()
