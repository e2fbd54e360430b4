"""The service benchmark: what is measured is what it says, and targets are judged."""

import os
import threading
from io import StringIO

import pytest
from rich.console import Console

from benchmarks.service.measurement import Load, ServiceMeasurement, Work
from benchmarks.service.report import memory_line, service_table, service_verdicts
from benchmarks.service.service_process import Memory, Service
from benchmarks.warm_payment.batch import ANSWER, FLOOR, Batch
from benchmarks.warm_payment.floor import ledger_statements
from benchmarks.warm_payment.requests import documents
from payments.engines import AURORA_POSTGRESQL
from payments.ledger import INSERT_ENTRIES, INSERT_EVENT, INSERT_PAYMENT


def load(*, answer: float) -> Load:
    """Bare transactions that take the processor 1 ms each, answers that take it so many seconds."""
    made = Load()
    made.floor.add(Batch({FLOOR: [0.002, 0.002]}, 0, 1), FLOOR, 0.002)
    made.alone.add(Batch({ANSWER: [0.004, 0.004]}, 0, 2), ANSWER, 2 * answer)
    made.whole.add(Batch({ANSWER: [0.005, 0.005]}, 0, 4), ANSWER, 2 * answer)
    return made


def test_the_floor_is_what_the_ledger_sends_to_postgresql() -> None:
    statements = ledger_statements(next(documents("one")), region="eu-west-1", engine=AURORA_POSTGRESQL)
    assert [sql for sql, _ in statements] == [f"{INSERT_PAYMENT} ON CONFLICT DO NOTHING", INSERT_ENTRIES, INSERT_EVENT]


def test_processor_time_is_that_of_all_turns_by_all_that_was_made() -> None:
    work = Work()
    work.add(Batch({ANSWER: [0.1, 0.1]}, 0, 1), ANSWER, 0.02)
    work.add(Batch({ANSWER: [0.1]}, 5, 6), ANSWER, 0.04)
    assert work.processor_each == pytest.approx(0.02)
    assert work.series.per_second == pytest.approx(1.5)


@pytest.mark.parametrize(("answer", "megabytes", "held"), [(0.0059, 159.0, True), (0.0061, 161.0, False)])
def test_service_is_judged_by_processor_and_memory(answer: float, megabytes: float, held: bool) -> None:
    measured = ServiceMeasurement({32: load(answer=answer)}, at_end=Memory(megabytes, 80.0))
    assert [verdict.held for verdict in service_verdicts(measured)] == [held, held]


def test_table_and_line_have_the_ratios_and_the_memory() -> None:
    measured = ServiceMeasurement({32: load(answer=0.003)}, Memory(80.0, 60.0), Memory(90.0, 70.0))
    console = Console(width=140, record=True, file=StringIO())
    console.print(service_table(measured))
    rows = [line.split() for line in console.export_text().splitlines()]
    (answer,) = [row for row in rows if "away" in row]
    assert [cell for cell in answer if cell[0].isdigit()] == ["4.0", "4.0", "1", "0.50", "3.00", "3.00"]
    assert memory_line(measured) == (
        "memory of one process: 80 MB idle, 90 MB at the end (RSS); 60 and 70 MB by its share (PSS)"
    )


def test_memory_and_processor_time_of_a_process_are_read() -> None:
    service = Service(port=0, pid=os.getpid())
    before = service.processor_seconds()
    while service.processor_seconds() == before:
        threading.Event().wait(0)
    memory = service.memory()
    assert 10 < memory.proportional <= memory.resident
