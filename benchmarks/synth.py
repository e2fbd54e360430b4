"""How fast `python main.py` is, and how much memory it takes, next to the plain import and to cdktf alone."""

from __future__ import annotations

import filecmp
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.processes import BenchmarkError, Measurement, measured

FAST, TWO_REGIONS, CONTAINERS = "fast synth", "fast synth, two Regions", "fast synth, containers"
PLAIN, FLOOR = "plain import", "cdktf without a provider"
INPUTS = {
    TWO_REGIONS: {"ARCHITECTURE": "multi-region"},
    CONTAINERS: {"ARCHITECTURE": "containers", "DOMAIN": "acme.io", "PARENT_ZONE_ID": "Z0PARENT"},
}
COUNTS = (1, 10, 50)


@dataclass(frozen=True)
class Summary:
    """Medians of several runs; `worst_megabytes` is the highest peak."""

    seconds: float
    processor_seconds: float
    worst_megabytes: float

    @classmethod
    def of(cls, runs: list[Measurement]) -> Summary:
        return cls(
            median(run.seconds for run in runs),
            median(run.processor_seconds for run in runs),
            max(run.megabytes for run in runs),
        )


@dataclass(frozen=True)
class Comparison:
    """The variants by name; how many times longer than fast synth, run by run, the others took."""

    variants: dict[str, Summary]
    ratios: dict[str, float]


def compare(runs: int, progress: Callable[[str], None]) -> Comparison:
    """Run the variants by turns, so that other load on the machine meets all of them; the first turn is not counted.

    Raises:
        BenchmarkError: A variant failed, or fast synth and plain import did not write the same files.
    """
    measurements: dict[str, list[Measurement]] = {
        variant: [] for variant in (FAST, TWO_REGIONS, CONTAINERS, PLAIN, FLOOR)
    }
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(runs + 1):
            for variant, results in measurements.items():
                progress(f"{variant}, {f'run {turn} of {runs}' if turn else 'warming up'}")
                result = measured(_arguments(variant), _environment(variant, Path(folder)))
                if turn:
                    results.append(result)
        _check_same(Path(folder) / FAST, Path(folder) / PLAIN)
    return Comparison(
        {variant: Summary.of(results) for variant, results in measurements.items()},
        {variant: _ratio(results, measurements[FAST]) for variant, results in measurements.items()},
    )


def _ratio(results: list[Measurement], to: list[Measurement]) -> float:
    return median(result.seconds / other.seconds for result, other in zip(results, to, strict=True))


def environments_in_one_process(runs: int, progress: Callable[[str], None]) -> dict[int, Summary]:
    """Synthesize 1, 10 and 50 environments in one process each."""
    results: dict[int, list[Measurement]] = {count: [] for count in COUNTS}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(runs):
            for count in COUNTS:
                progress(f"{count} environments in one process, run {turn + 1} of {runs}")
                environment = {"CDKTF_OUTDIR": str(Path(folder) / str(count))}
                results[count].append(measured(["-m", "benchmarks.environments", str(count)], environment))
    return {count: Summary.of(measurements) for count, measurements in results.items()}


def _arguments(variant: str) -> list[str]:
    return ["-m", "benchmarks.without_provider"] if variant == FLOOR else ["main.py"]


def _environment(variant: str, folder: Path) -> dict[str, str]:
    return {
        "ARCHITECTURE": "single-region",
        **INPUTS.get(variant, {}),
        "FAST_SYNTH": "0" if variant == PLAIN else "1",
        "CDKTF_OUTDIR": str(folder / variant),
    }


def _check_same(left: Path, right: Path) -> None:
    files = {path.relative_to(folder) for folder in (left, right) for path in folder.rglob("*") if path.is_file()}
    for file in sorted(files):
        if not all((folder / file).is_file() for folder in (left, right)) or not filecmp.cmp(
            left / file, right / file, shallow=False
        ):
            raise BenchmarkError(f"fast synth and plain import differ in {file}")
