"""How fast synth is, as tables, and its targets with their verdicts."""

from __future__ import annotations

from rich.table import Table

from benchmarks.synth import CONTAINERS, FAST, FLOOR, PLAIN, TWO_REGIONS, Comparison, Summary
from benchmarks.verdict import Verdict, table

MINIMUM_SPEEDUP = 10.0
MAXIMUM_SECONDS = 1.0
MAXIMUM_MEGABYTES = 150.0
# Two Regions have twice the resources, and load hardly more modules.
MAXIMUM_RATIO_OF_TWO_REGIONS = 1.5
# More kinds of resources, and so more modules to load.
MAXIMUM_RATIO_OF_CONTAINERS = 2.0


def verdicts(comparison: Comparison) -> list[Verdict]:
    """Judge the comparison by the targets of fast synth."""
    fast = comparison.variants[FAST]
    speedup, two_regions = comparison.ratios[PLAIN], comparison.ratios[TWO_REGIONS]
    containers = comparison.ratios[CONTAINERS]
    return [
        Verdict(
            f"at least {MINIMUM_SPEEDUP:.0f} times faster than the plain import",
            f"{speedup:.1f} times",
            speedup >= MINIMUM_SPEEDUP,
        ),
        Verdict(f"under {MAXIMUM_SECONDS:.0f} s", f"{fast.seconds:.2f} s", fast.seconds < MAXIMUM_SECONDS),
        Verdict(
            f"largest process under {MAXIMUM_MEGABYTES:.0f} MB",
            f"{fast.worst_megabytes:.0f} MB",
            fast.worst_megabytes < MAXIMUM_MEGABYTES,
        ),
        Verdict(
            f"two Regions take at most {MAXIMUM_RATIO_OF_TWO_REGIONS} times as long as one",
            f"{two_regions:.2f} times",
            two_regions <= MAXIMUM_RATIO_OF_TWO_REGIONS,
        ),
        Verdict(
            f"containers take at most {MAXIMUM_RATIO_OF_CONTAINERS:g} times as long as one Region",
            f"{containers:.2f} times",
            containers <= MAXIMUM_RATIO_OF_CONTAINERS,
        ),
    ]


def comparison_table(comparison: Comparison) -> Table:
    """The variants next to one another."""
    rows = table("python main.py", "variant", "wall", "processor", "largest process", "ratio to the floor")
    floor = comparison.variants[FLOOR].seconds
    for variant, summary in comparison.variants.items():
        rows.add_row(variant, *_cells(summary), f"{summary.seconds / floor:.1f}")
    return rows


def environments_table(results: dict[int, Summary]) -> Table:
    """What each further environment costs in the same process."""
    rows = table(
        "environments in one process", "environments", "wall", "processor", "largest process", "each further one"
    )
    first, *_ = results.values()
    for count, summary in results.items():
        further = f"{(summary.seconds - first.seconds) / (count - 1):.2f} s" if count > 1 else ""
        rows.add_row(str(count), *_cells(summary), further)
    return rows


def _cells(summary: Summary) -> tuple[str, str, str]:
    return f"{summary.seconds:.2f} s", f"{summary.processor_seconds:.2f} s", f"{summary.worst_megabytes:.0f} MB"
