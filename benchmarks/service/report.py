"""The service beside the bare transaction, as a table, and its targets with their verdicts."""

from __future__ import annotations

from rich.table import Table

from benchmarks.service.measurement import ServiceMeasurement
from benchmarks.verdict import Verdict, table
from benchmarks.warm_payment.measurement import Series

JUDGED_CONNECTIONS = 32
MINIMUM_RATIO = 0.3
MAXIMUM_MEGABYTES = 256.0


def service_table(measured: ServiceMeasurement) -> Table:
    """One process, at several numbers of connections."""
    rows = table(
        "one service process; clients, database and local AWS share the processors",
        "until",
        *("p50", "p99", "per s", "of the floor"),
    )
    for connections, load in measured.loads.items():
        rows.add_row(f"{connections} connections", style="bold")
        for name, series in (
            ("floor: database transaction committed", load.floor),
            ("payment answered, AWS away", load.alone),
            ("payment answered, events and sessions beside", load.whole),
        ):
            rows.add_row(f"  {name}", *_figures(series), f"{series.per_second / load.floor.per_second:.2f}")
    return rows


def memory_line(measured: ServiceMeasurement) -> str:
    """What one process takes."""
    idle, at_end = measured.megabytes_at_start, measured.megabytes_at_end
    return f"memory of one process: {idle:.0f} MB idle, {at_end:.0f} MB at the end"


def service_verdicts(measured: ServiceMeasurement) -> list[Verdict]:
    """Judge throughput and memory by their targets."""
    ratio = measured.loads[JUDGED_CONNECTIONS].ratio
    return [
        Verdict(
            f"at {JUDGED_CONNECTIONS} connections the service answers at least {MINIMUM_RATIO:.2f} of the floor's rate",
            f"{ratio:.2f}",
            ratio >= MINIMUM_RATIO,
        ),
        Verdict(
            f"a service process takes at most {MAXIMUM_MEGABYTES:.0f} MB",
            f"{measured.megabytes_at_end:.0f} MB",
            measured.megabytes_at_end <= MAXIMUM_MEGABYTES,
        ),
    ]


def _figures(series: Series) -> tuple[str, str, str]:
    return f"{series.p50 * 1000:.1f} ms", f"{series.p99 * 1000:.1f} ms", f"{series.per_second:.0f}"
