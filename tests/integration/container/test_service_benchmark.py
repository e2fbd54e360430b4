"""The service's part of `make bench` runs, small, and its books are right."""

from __future__ import annotations

from benchmarks.service.measurement import WARM_UP, measure


def test_it_measures_each_kind_of_work_at_each_number_of_connections() -> None:
    progress: list[str] = []
    measured, books = measure(1, progress.append, {1: 3, 20: 40})
    assert (books.payments, books.transactions) == (2 * (43 + WARM_UP), 43)
    assert books.entries == 2 * (books.payments + books.transactions)
    assert books.sessions > 0
    for connections, count in ((1, 3), (20, 40)):
        load = measured.loads[connections]
        for work in (load.floor, load.alone, load.whole):
            assert len(work.series.times) == count
            assert work.series.p99 >= work.series.p50 > 0
            assert work.processor_seconds >= 0
    assert 20 < measured.at_start.proportional < measured.at_end.resident
    assert progress[-1] == "service: turn 1 of 1"
