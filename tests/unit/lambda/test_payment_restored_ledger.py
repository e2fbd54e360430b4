"""The queries by which a restored ledger is verified find nothing in a sound one, and what is wrong in another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from payments.database import Database
from payments.ledger import Ledger
from tests.unit.payment_system.sample_payments import record, valid_payment

PAGE = Path(__file__).resolve().parents[3] / "docs" / "restore-postgresql.md"
SECTION = PAGE.read_text().partition("## 3. ")[2].partition("## 4. ")[0]
QUERIES = [
    query.strip() for query in re.findall(r"```sql\n(.*?)```", SECTION, re.DOTALL)[0].split(";") if query.strip()
]


FUTURE, PAST = "2100-01-01T00:00:00Z", "2000-01-01T00:00:00Z"
BREAKING = (
    "INSERT INTO ledger_entries VALUES ('pay-1', 9, 'somebody', 'DEBIT', 1, 'EUR', CURRENT_TIMESTAMP)",
    "UPDATE payments SET status = 'REJECTED' WHERE payment_id = 'pay-1'",
)


def found(database: Database, moment: str) -> list[int]:
    """How many rows each query gives."""
    with database.connect() as connection, connection.cursor() as cursor:
        counts = []
        for query in QUERIES:
            cursor.execute(query.replace("2026-11-26T09:30:00Z", moment))
            counts.append(len(cursor.fetchall()))
        return counts


@pytest.mark.parametrize("engine", ["aurora-postgresql"], indirect=True)
def test_a_sound_ledger_gives_no_row_and_a_broken_one_does(ledger: Ledger, database: Database) -> None:
    record(ledger, valid_payment("pay-1"))
    record(ledger, valid_payment("pay-2"), pending=True)
    assert found(database, FUTURE) == [0, 0, 0]
    assert found(database, PAST) == [0, 0, 2]
    with database.connect() as connection, connection.cursor() as cursor:
        for statement in BREAKING:
            cursor.execute(statement)
        connection.commit()
    assert found(database, FUTURE) == [1, 1, 0]
