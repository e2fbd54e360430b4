"""The ledger's database in a Region that may be the secondary one."""

from collections.abc import Callable
from typing import TypeVar

from payments.database import Database, LedgerUnavailableError
from payments.engines import Cursor
from payments.region_role import RegionRole, Role
from payments.switched_database import SwitchedDatabase

Result = TypeVar("Result")


class SecondaryRegionError(LedgerUnavailableError):
    """The Region is the secondary one and takes no writes. Nothing was written; a later try may find it promoted."""

    def __init__(self) -> None:
        super().__init__("the primary Region takes payments; this one does once it is promoted")


class RegionalDatabase:
    """Writes go to the writer, and only in the primary Region; where reads go depends on the role too.

    Writer and reader have connections of their own, so that none to a reader is ever used for a write.
    """

    def __init__(self, *, writer: Database | SwitchedDatabase, reader: Database, role: RegionRole) -> None:
        self._writer = writer
        self._reader = reader
        self._role = role
        self.engine = writer.engine

    def transaction(self, work: Callable[[Cursor], Result]) -> Result:
        """As the writer's. Raises `SecondaryRegionError` before any try, and what `RegionRole.read` raises."""
        if self._role.read() is Role.SECONDARY:
            raise SecondaryRegionError
        return self._writer.transaction(work)

    def read(self, work: Callable[[Cursor], Result]) -> Result:
        """A transaction that writes nothing. In the secondary Region its answer is a moment behind the primary's."""
        database = self._writer if self._role.read() is Role.PRIMARY else self._reader
        return database.read(work)

    def close(self) -> None:
        """Closes the idle connections."""
        self._writer.close()
        self._reader.close()


LedgerDatabase = Database | SwitchedDatabase | RegionalDatabase
"""The database of an environment in one Region, where writers can be stopped or not, or in two."""
