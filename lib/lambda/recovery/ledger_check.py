"""Whether the ledger is balanced: every payment has exactly the entries that its status asks for, and no others.

Since each payment's debits then equal its credits, so do all of them. That no entry is without its payment, and no
payment there twice, the database's keys say.
"""

from datetime import datetime
from functools import partial

from payments.outbox import Outbox
from payments.payment import Status
from payments.regional_database import LedgerDatabase
from recovery.inputs import Answer
from recovery.rows import Scan, moment_text

ENTRIES = {Status.COMMITTED: 2, Status.REVERSED: 4}
SHOWN_FAULTS = 100

# The entries of a payment in their order: debited and credited, and each the other way round when it is taken back.
RIGHT = " OR ".join(
    f"(e.entry_number = {number} AND e.side = '{side}' AND e.account = p.{account})"
    for number, side, account in (
        (1, "DEBIT", "payer_account"),
        (2, "CREDIT", "payee_account"),
        (3, "DEBIT", "payee_account"),
        (4, "CREDIT", "payer_account"),
    )
)
ENTRIES_OF = "SELECT COUNT(*) FROM ledger_entries e WHERE e.payment_id = p.payment_id"
BOOKED = Scan(
    table="payments p",
    key="p.payment_id",
    columns=f"p.payment_id, p.status, p.recorded_at, ({ENTRIES_OF}),"
    f" ({ENTRIES_OF} AND e.amount = p.amount AND e.currency = p.currency AND ({RIGHT}))",
)


class LedgerUnbalancedError(Exception):
    """Payments are not booked as they stand; the message names the first of them."""


def check_ledger(database: LedgerDatabase) -> Answer:
    """Counts and faults of the whole ledger, each payment with its entries as of one moment.

    Raises `LedgerUnavailableError`.
    """
    payments = entries = faulty = 0
    newest: datetime | None = None
    faults: list[Answer] = []
    after: object = ""
    while after is not None:
        rows, after = database.read(partial(BOOKED.step, after=after, values=()))
        for payment_id, status, recorded_at, booked, right in rows:
            payments += 1
            entries += booked
            newest = max(newest, recorded_at) if newest else recorded_at
            expected = ENTRIES.get(Status(status), 0)
            if (booked, right) != (expected, expected):
                faulty += 1
                fault = f"{status} with {booked} entries, {right} of them right; {expected} are expected"
                faults.append({"payment_id": payment_id, "fault": fault})
        del faults[SHOWN_FAULTS:]
    return {
        "balanced": not faulty,
        "payments": payments,
        "entries": entries,
        "outbox_waiting": Outbox(database).backlog().events,
        "newest": moment_text(newest),
        "faulty": faulty,
        "faults": faults,
    }


def require_balance(checked: Answer) -> None:
    """Raises `LedgerUnbalancedError`."""
    if not checked["balanced"]:
        raise LedgerUnbalancedError(f"{checked['faulty']} payments are not booked as they stand: {checked['faults']}")
