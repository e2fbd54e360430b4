"""Rows of the ledger as JSON has them, and tables read in steps that end in time however large the ledger is."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from payments.currencies import UnknownCurrencyError, decimals_of
from payments.engines import Cursor
from payments.regional_database import LedgerDatabase

PAGE = 1000
# Rows of one step, which takes some tens of milliseconds: a call to the database may take 5 s.
STEP = 2000
# A page is cut short after that long, and the next one goes on from there.
PAGE_SECONDS = 60.0

Row = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Scan:
    """Rows of a table that meet a condition, in the order of its primary key, which is the first of the `columns`.

    A condition on time has no index to help it: it would be one more for every payment to write.
    """

    table: str
    key: str
    columns: str
    condition: str = "1 = 1"

    def step(self, cursor: Cursor, after: object, values: Sequence[object]) -> tuple[Sequence[Row], Any]:
        """The next rows, and the key after which others follow; None when there are no more."""
        cursor.execute(
            f"SELECT {self.key} FROM {self.table} WHERE {self.key} > %s ORDER BY {self.key} LIMIT 1 OFFSET {STEP - 1}",
            (after,),
        )
        found = cursor.fetchone()
        bound = () if found is None else (found[0],)
        cursor.execute(
            f"SELECT {self.columns} FROM {self.table} WHERE {self.key} > %s{f' AND {self.key} <= %s' if bound else ''}"
            f" AND ({self.condition}) ORDER BY {self.key}",
            (after, *bound, *values),
        )
        return cursor.fetchall(), found[0] if found else None

    def page(
        self,
        database: LedgerDatabase,
        after: object,
        values: Sequence[object],
        clock: Callable[[], float] = time.monotonic,
    ) -> tuple[list[Row], Any]:
        """Up to a page of rows, and the key after which others may follow; None when there are no more."""
        ends, rows = clock() + PAGE_SECONDS, list[Row]()
        while True:
            found, next_ = database.read(partial(self.step, after=after, values=values))
            rows.extend(found)
            if len(rows) > PAGE or (len(rows) == PAGE and next_ is not None):
                return rows[:PAGE], rows[PAGE - 1][0]
            if next_ is None or clock() >= ends:
                return rows, next_
            after = next_


def stored(moment: datetime) -> datetime:
    """A moment as the ledger's sessions read and write it: in UTC, which is not said."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def moment_text(moment: datetime | None) -> str | None:
    """ISO 8601, to the microsecond."""
    if moment is None:
        return None
    known = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return known.isoformat(timespec="microseconds").replace("+00:00", "Z")


def amount_text(amount: Decimal, currency: str) -> str:
    """With the currency's decimals; with all that are stored where it has no such amount."""
    try:
        rounded = round(amount, decimals_of(currency))
    except UnknownCurrencyError:
        return str(amount)
    return str(rounded if rounded == amount else amount)
