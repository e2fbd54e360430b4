"""What the ledger and the tables hold after the measurements: exactly what was sent, or the numbers mean nothing."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.payment_environment import PaymentEnvironment
from benchmarks.processes import BenchmarkError

UNBALANCED = (
    "SELECT currency FROM ledger_entries GROUP BY currency"
    " HAVING SUM(CASE side WHEN 'DEBIT' THEN amount ELSE -amount END) <> 0"
)


@dataclass(frozen=True)
class Books:
    """`payments` through the handler, `transactions` of the floor. What a local AWS that was too slow did not take of
    the work after the answers is left to the relay, as in a deployment."""

    payments: int
    transactions: int
    entries: int
    currencies: int
    left_to_relay: int
    sessions: int


def checked_books(environment: PaymentEnvironment, *, payments: int, transactions: int) -> Books:
    """Raises `BenchmarkError` unless each payment and transaction is there once, with its entries, balanced."""

    def number(rows: str) -> int:
        return int(environment.ledger.rows(f"SELECT COUNT(*) FROM {rows}")[0][0])

    books = Books(
        payments=number("payments WHERE payment_id LIKE 'payment-%'"),
        transactions=number("payments WHERE payment_id LIKE 'floor-%'"),
        entries=number("ledger_entries"),
        currencies=number("(SELECT DISTINCT currency FROM ledger_entries) AS currencies"),
        left_to_relay=number("outbox WHERE published_at IS NULL AND payment_id LIKE 'payment-%'"),
        sessions=environment.sessions(),
    )
    if (books.payments, books.transactions) != (payments, transactions):
        raise BenchmarkError(
            f"{payments} payments and {transactions} bare transactions were made; in the ledger: {books}"
        )
    if books.entries != 2 * (payments + transactions) or number("outbox") != payments + transactions:
        raise BenchmarkError(f"two entries and one event belong to each payment: {books}")
    if unbalanced := environment.ledger.rows(UNBALANCED):
        raise BenchmarkError(f"debits and credits differ in {', '.join(row[0] for row in unbalanced)}")
    return books
