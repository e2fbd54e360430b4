"""The service beside the bare transaction, as a table, and its targets with their verdicts."""

from __future__ import annotations

from rich.table import Table

from benchmarks.service.measurement import ServiceMeasurement, Work
from benchmarks.verdict import Verdict, table

JUDGED_CONNECTIONS = 32
# How many answers there are in a second depends on what else the computer does. What each takes of the processor and
# of memory hardly does: 3.5 to 4.2 times the bare transaction, and 87 to 95 MB, were measured on idle and busy ones.
MAXIMUM_RATIO = 6.0
MAXIMUM_MEGABYTES = 160.0


def service_table(measured: ServiceMeasurement) -> Table:
    """One process, at several numbers of connections."""
    rows = table(
        "one service process on PostgreSQL; clients, database and local AWS share the processors",
        "until",
        *("p50", "p99", "per s", "of the floor", "processor", "times the floor"),
    )
    for connections, load in measured.loads.items():
        rows.add_row(f"{connections} at once", style="bold")
        for name, work in (("floor", load.floor), ("answer, AWS away", load.alone), ("answer, AWS busy", load.whole)):
            rows.add_row(f"  {name}", *_figures(work, load.floor))
    return rows


def memory_line(measured: ServiceMeasurement) -> str:
    """What one process takes."""
    idle, at_end = measured.at_start, measured.at_end
    return (
        f"memory of one process: {idle.resident:.0f} MB idle, {at_end.resident:.0f} MB at the end (RSS);"
        f" {idle.proportional:.0f} and {at_end.proportional:.0f} MB by its share (PSS)"
    )


def service_verdicts(measured: ServiceMeasurement) -> list[Verdict]:
    """Judge what the service takes of processor and memory by its targets."""
    ratio, megabytes = measured.loads[JUDGED_CONNECTIONS].processor_ratio, measured.at_end.resident
    return [
        Verdict(
            f"an answer of the service takes at most {MAXIMUM_RATIO} times the processor's time of a bare transaction"
            f" ({JUDGED_CONNECTIONS} connections)",
            f"{ratio:.2f} times",
            ratio <= MAXIMUM_RATIO,
        ),
        Verdict(
            f"a service process takes at most {MAXIMUM_MEGABYTES:.0f} MB",
            f"{megabytes:.0f} MB",
            megabytes <= MAXIMUM_MEGABYTES,
        ),
    ]


def _figures(work: Work, floor: Work) -> tuple[str, ...]:
    series = work.series
    return (
        f"{series.p50 * 1000:.1f} ms",
        f"{series.p99 * 1000:.1f} ms",
        f"{series.per_second:.0f}",
        f"{series.per_second / floor.series.per_second:.2f}",
        f"{work.processor_each * 1000:.2f} ms",
        f"{work.processor_each / floor.processor_each:.2f}",
    )
