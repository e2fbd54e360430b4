"""Warm payments beside the bare transaction, as tables, and their target with its verdict."""

from __future__ import annotations

from rich.table import Table

from benchmarks.verdict import Verdict, table
from benchmarks.warm_payment.books import Books
from benchmarks.warm_payment.measurement import Load, Series, WarmPayments

MAXIMUM_RATIO = 3.0


def payment_table(measured: WarmPayments) -> Table:
    """One warm environment, as Lambda drives it."""
    rows = table("a warm payment, by turns with the bare transaction", "until", "p50", "p99", "p50 ratio")
    for name, series in (
        ("floor: database transaction committed", measured.floor),
        ("payment answered", measured.answer),
        ("and event published, session written", measured.whole),
    ):
        rows.add_row(name, *_times(series), _ratio(series.p50, measured.floor.p50))
    return rows


def load_table(measured: WarmPayments) -> Table:
    """Several environments at the same time, each kind of work by itself."""
    rows = table(
        "warm environments at once; the local AWS shares the processors",
        "until",
        *("p50", "p99", "p50 ratio", "per s", "ratio"),
    )
    for count, load in measured.loads.items():
        rows.add_row(f"{count} at once", style="bold")
        for name, series, counted in _load_rows(load):
            rate = (f"{series.per_second:.0f}", _ratio(series.per_second, load.floor.per_second))
            ratio = _ratio(series.p50, load.floor.p50)
            rows.add_row(f"  {name}", *_times(series), ratio, *(rate if counted else ("", "")))
    return rows


def books_line(books: Books) -> str:
    """What the check of the ledger found."""
    return (
        f"ledger: {books.payments} payments and {books.transactions} bare transactions, as sent, {books.entries}"
        f" entries, balanced in {books.currencies} currencies; events left to the relay: {books.left_to_relay};"
        f" sessions: {books.sessions}"
    )


def payment_verdicts(measured: WarmPayments) -> list[Verdict]:
    """Judge the warm payment by its target."""
    return [
        Verdict(
            f"warm payment answered in at most {MAXIMUM_RATIO:.0f} times the bare transaction (p50)",
            f"{measured.ratio:.2f} times",
            measured.ratio <= MAXIMUM_RATIO,
        )
    ]


def _load_rows(load: Load) -> tuple[tuple[str, Series, bool], ...]:
    """The rate of answers beside other work is that of the row below it, so it is not counted."""
    return (
        ("floor", load.floor, True),
        ("answer, AWS idle", load.held, True),
        ("answer, AWS busy", load.beside, False),
        ("event, session", load.whole, True),
    )


def _times(series: Series) -> tuple[str, str]:
    return f"{series.p50 * 1000:.1f} ms", f"{series.p99 * 1000:.1f} ms"


def _ratio(one: float, other: float) -> str:
    return f"{one / other:.2f}"
