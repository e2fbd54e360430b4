"""Measures everything, prints it, and ends with 1 when a target is missed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console

from benchmarks.processes import BenchmarkError, measured
from benchmarks.report import comparison_table, environments_table, verdicts
from benchmarks.synth import compare, environments_in_one_process


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures speed and memory.")
    parser.add_argument("--runs", type=int, default=5, help="runs of each variant (default: 5)")
    options = parser.parse_args(arguments)
    if options.runs < 1:
        parser.error(f"--runs {options.runs}: at least one run is needed")
    console = Console()
    try:
        return _run(options.runs, console)
    except BenchmarkError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1


def _run(runs: int, console: Console) -> int:
    with console.status("starting") as status:
        comparison = compare(runs, status.update)
        environments = environments_in_one_process(min(runs, 3), status.update)
        status.update("the function's package")
        package = measured(["-m", "lib.compute.package"], {})
    console.print(comparison_table(comparison))
    console.print(environments_table(environments))
    console.print("the function's package", style="italic")
    console.print(package.output, highlight=False, markup=False)
    judged = verdicts(comparison)
    for verdict in judged:
        console.print(str(verdict), style="green" if verdict.held else "red", highlight=False)
    return 0 if all(verdict.held for verdict in judged) else 1


if __name__ == "__main__":
    sys.exit(main())
