"""Measures everything, or what is asked for, prints it, and ends with 1 when a target is missed."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from rich.console import Console, RenderableType

from benchmarks import package, synth
from benchmarks.package_report import package_table, package_verdicts
from benchmarks.payment_environment import PaymentEnvironmentError
from benchmarks.processes import BenchmarkError
from benchmarks.service import measurement as service_measurement
from benchmarks.service.report import memory_line, service_table, service_verdicts
from benchmarks.synth_report import comparison_table, environments_table, verdicts
from benchmarks.verdict import Verdict
from benchmarks.warm_payment import measurement
from benchmarks.warm_payment.report import books_line, load_table, payment_table, payment_verdicts
from lib.compute.dependencies import PackageError
from local_aws.databases.errors import DatabaseError
from local_aws.server import LocalAwsError

Progress = Callable[[str], None]
Report = tuple[list[RenderableType], list[Verdict]]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures speed and memory.")
    parser.add_argument(
        "parts", nargs="*", metavar="part", help=f"what to measure, of {', '.join(PARTS)} (default: all)"
    )
    parser.add_argument("--runs", type=int, default=5, help="runs of each variant (default: 5)")
    options = parser.parse_args(arguments)
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"{unknown[0]}: choose from {', '.join(PARTS)}")
    if options.runs < 1:
        parser.error(f"--runs {options.runs}: at least one run is needed")
    try:
        return _run(options.parts or list(PARTS), options.runs, Console())
    except (BenchmarkError, PaymentEnvironmentError, PackageError, DatabaseError, LocalAwsError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1


def _run(parts: Sequence[str], runs: int, console: Console) -> int:
    judged: list[Verdict] = []
    for part in parts:
        console.print(_load(f"before {part}"), highlight=False)
        with console.status("starting") as status:
            shown, verdicts_of_part = PARTS[part](runs, status.update)
        for renderable in shown:
            console.print(renderable, highlight=False)
        judged += verdicts_of_part
    console.print(_load("at the end"), highlight=False)
    for verdict in judged:
        console.print(str(verdict), style="green" if verdict.held else "red", highlight=False)
    return 0 if all(verdict.held for verdict in judged) else 1


def _load(moment: str) -> str:
    """How busy the computer is; above the number of its processors, numbers say more of the others than of this."""
    return f"load {moment}: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


def _synth(runs: int, progress: Progress) -> Report:
    comparison = synth.compare(runs, progress)
    environments = synth.environments_in_one_process(min(runs, 3), progress)
    return [comparison_table(comparison), environments_table(environments)], verdicts(comparison)


def _package(runs: int, progress: Progress) -> Report:
    measured = package.measure(3 * runs, progress)
    return [package_table(measured)], package_verdicts(measured)


def _payments(runs: int, progress: Progress) -> Report:
    measured, books = measurement.measure(2 * runs, progress)
    return [payment_table(measured), load_table(measured), books_line(books)], payment_verdicts(measured)


def _service(runs: int, progress: Progress) -> Report:
    measured, books = service_measurement.measure(runs, progress)
    return [service_table(measured), memory_line(measured), books_line(books)], service_verdicts(measured)


PARTS: dict[str, Callable[[int, Progress], Report]] = {
    "synth": _synth,
    "package": _package,
    "payments": _payments,
    "service": _service,
}


if __name__ == "__main__":
    sys.exit(main())
