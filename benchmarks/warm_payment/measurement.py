"""Warm payments and the floor by turns, at several numbers of workers, against a real database and a local AWS."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from benchmarks.package import unpacked_package
from benchmarks.payment_environment import PaymentEnvironment
from benchmarks.warm_payment.batch import ANSWER, FLOOR, WHOLE, Batch, Kind
from benchmarks.warm_payment.books import Books, checked_books
from benchmarks.warm_payment.workers import WorkerProcess, work_together, workers

IN_A_TURN = {1: 30, 8: 10, 32: 4}
"""How many each worker makes of each kind in a turn, by the number of workers at the same time."""
# From the start of the servers on. After them no turn begins: a slow or busy computer makes fewer, but these at least.
BUDGET_SECONDS = 70.0
MINIMUM_TURNS = 2
WARM_UP = 4


@dataclass
class Series:
    """The same measured in all turns, in seconds."""

    times: list[float] = field(default_factory=list)
    elapsed: float = 0.0

    def add(self, batches: Sequence[Batch], name: str) -> None:
        self.times += [seconds for batch in batches for seconds in batch.times[name]]
        self.elapsed += max(batch.ended for batch in batches) - min(batch.began for batch in batches)

    @property
    def p50(self) -> float:
        return median(self.times)

    @property
    def p99(self) -> float:
        return quantiles(self.times, n=100)[98]

    @property
    def per_second(self) -> float:
        """By all workers together."""
        return len(self.times) / self.elapsed


@dataclass(frozen=True)
class Load:
    """What so many workers did at the same time. `beside` are answers while the local AWS works for other payments."""

    floor: Series = field(default_factory=Series)
    held: Series = field(default_factory=Series)
    beside: Series = field(default_factory=Series)
    whole: Series = field(default_factory=Series)


@dataclass(frozen=True)
class WarmPayments:
    """`floor`, `answer` and `whole` by turns in one process; the loads by number of workers."""

    floor: Series = field(default_factory=Series)
    answer: Series = field(default_factory=Series)
    whole: Series = field(default_factory=Series)
    loads: dict[int, Load] = field(default_factory=lambda: {count: Load() for count in IN_A_TURN})

    @property
    def ratio(self) -> float:
        """How many times longer half of the answers take at most than half of the bare transactions."""
        return self.answer.p50 / self.floor.p50


def measure(turns: int, progress: Callable[[str], None]) -> tuple[WarmPayments, Books]:
    """Everything, and the books, which were checked.

    Raises:
        BenchmarkError: A payment failed, or the ledger does not hold exactly what was sent.
    """
    result, ends = WarmPayments(), time.monotonic() + BUDGET_SECONDS
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        progress("payments: a database and a local AWS")
        code = unpacked_package(directory / "package")
        with PaymentEnvironment.started(directory) as environment:
            environment.migrate(code)
            progress(f"payments: {max(IN_A_TURN)} workers")
            with workers(max(IN_A_TURN), environment.process_environment(code), directory) as processes:
                work_together(processes, Kind.TURNS, WARM_UP)
                for turn in range(turns):
                    if turn >= MINIMUM_TURNS and time.monotonic() > ends:
                        break
                    progress(f"payments: turn {turn + 1} of {turns}")
                    _take_turn(processes, result)
                sent = sum(worker.payments for worker in processes)
                bare = sum(worker.transactions for worker in processes)
            books = checked_books(environment, payments=sent, transactions=bare)
    return result, books


def _take_turn(processes: Sequence[WorkerProcess], result: WarmPayments) -> None:
    """One kind after the other, so that other load on the machine meets all of them."""
    together = work_together(processes[:1], Kind.TURNS, IN_A_TURN[1])
    for series, name in ((result.floor, FLOOR), (result.answer, ANSWER), (result.whole, WHOLE)):
        series.add(together, name)
    for count, load in result.loads.items():
        chosen, number = processes[:count], IN_A_TURN[count]
        load.floor.add(work_together(chosen, Kind.FLOOR, number), FLOOR)
        load.held.add(work_together(chosen, Kind.HELD, number), ANSWER)
        whole = work_together(chosen, Kind.WHOLE, number)
        load.beside.add(whole, ANSWER)
        load.whole.add(whole, WHOLE)
