"""The package's size and import times, as a table, and their targets with their verdicts."""

from __future__ import annotations

from rich.table import Table

from benchmarks.package import PackageMeasurement
from benchmarks.verdict import Verdict, table

MAXIMUM_MEGABYTES = 8.0
MAXIMUM_MILLISECONDS = 300.0
MAXIMUM_RATIO = 1.5


def package_table(package: PackageMeasurement) -> Table:
    """What is imported, next to boto3 alone."""
    rows = table(f"the function's package, {package.size / 1e6:.2f} MB", "import", "time", "ratio to boto3")
    rows.add_row("boto3 alone", _milliseconds(package.boto3), "1.00")
    rows.add_row("the handler", _milliseconds(package.handler), f"{package.ratio:.2f}")
    rows.add_row("the handler, without bytecode, as in AWS", _milliseconds(package.handler_without_bytecode), "")
    return rows


def package_verdicts(package: PackageMeasurement) -> list[Verdict]:
    """Judge size and import by their targets."""
    return [
        Verdict(
            f"package at most {MAXIMUM_MEGABYTES:.0f} MB",
            f"{package.size / 1e6:.2f} MB",
            package.size <= MAXIMUM_MEGABYTES * 1e6,
        ),
        Verdict(
            f"handler imported in at most {MAXIMUM_MILLISECONDS:.0f} ms",
            _milliseconds(package.handler),
            package.handler * 1000 <= MAXIMUM_MILLISECONDS,
        ),
        Verdict(
            f"import at most {MAXIMUM_RATIO} times boto3's alone",
            f"{package.ratio:.2f} times",
            package.ratio <= MAXIMUM_RATIO,
        ),
    ]


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
