"""Whether the ledger takes writes: one that is undone."""

import uuid
from contextlib import suppress

from payments.database import Database, LedgerUnavailableError
from payments.engines import Cursor
from payments.ledger import INSERT_EVENT


class _UndoneError(Exception):
    """Ends a transaction, which the database then rolls back."""


def takes_writes(database: Database) -> bool:
    """Whether an event can be written, which is taken back."""

    def work(cursor: Cursor) -> None:
        cursor.execute(INSERT_EVENT, (str(uuid.uuid4()), "recovery-check", "Recovery Check", "{}"))
        raise _UndoneError

    with suppress(_UndoneError):
        try:
            database.transaction(work)
        except LedgerUnavailableError:
            return False
    return True
