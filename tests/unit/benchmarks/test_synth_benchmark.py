"""The synth benchmark: variants take turns and are compared run by run, and each target can be missed."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from benchmarks import synth
from benchmarks.processes import BenchmarkError, Measurement
from benchmarks.synth import CONTAINERS, FAST, FLOOR, PLAIN, TWO_REGIONS, Comparison, Summary
from benchmarks.synth_report import verdicts

ORDER = [FAST, TWO_REGIONS, CONTAINERS, PLAIN, FLOOR]
SECONDS = {FAST: 1.0, TWO_REGIONS: 1.4, CONTAINERS: 1.8, PLAIN: 12.0, FLOOR: 0.4}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which variants were run, in order; each run takes twice as long as that of the turn before."""
    made: list[str] = []

    def measured(_: Sequence[str], environment: Mapping[str, str]) -> Measurement:
        output = Path(environment["CDKTF_OUTDIR"])
        variant = output.name
        turn = made.count(variant)
        made.append(variant)
        output.mkdir(exist_ok=True)
        (output / "cdk.tf.json").write_text(environment["ARCHITECTURE"])
        return Measurement(SECONDS[variant] * 2**turn, SECONDS[variant], 100.0 + turn, "")

    monkeypatch.setattr(synth, "measured", measured)
    return made


def test_variants_take_turns_and_are_compared_run_by_run(calls: list[str]) -> None:
    comparison = synth.compare(3, print)
    assert calls == ORDER * 4
    assert comparison.ratios == pytest.approx(
        {variant: seconds / SECONDS[FAST] for variant, seconds in SECONDS.items()}
    )
    assert comparison.variants[FAST] == Summary(4.0, 1.0, 103.0)


def test_variants_differ_in_what_they_are_compared_by(tmp_path: Path) -> None:
    environments = {variant: synth._environment(variant, tmp_path) for variant in ORDER}
    assert {variant: environment["ARCHITECTURE"] for variant, environment in environments.items()} == {
        FAST: "single-region",
        TWO_REGIONS: "multi-region",
        CONTAINERS: "containers",
        PLAIN: "single-region",
        FLOOR: "single-region",
    }
    assert [variant for variant in ORDER if environments[variant]["FAST_SYNTH"] == "0"] == [PLAIN]


def test_a_fast_synth_that_writes_something_else_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def measured(_: Sequence[str], environment: Mapping[str, str]) -> Measurement:
        output = Path(environment["CDKTF_OUTDIR"])
        output.mkdir(exist_ok=True)
        (output / "cdk.tf.json").write_text(environment["FAST_SYNTH"])
        return Measurement(1.0, 1.0, 100.0, "")

    monkeypatch.setattr(synth, "measured", measured)
    with pytest.raises(BenchmarkError, match=r"differ in cdk\.tf\.json"):
        synth.compare(1, print)


@pytest.mark.parametrize(
    ("seconds", "megabytes", "ratios", "held"),
    [
        (0.99, 149.0, {PLAIN: 10.0, TWO_REGIONS: 1.5, CONTAINERS: 2.0}, [True] * 5),
        (1.0, 150.0, {PLAIN: 9.9, TWO_REGIONS: 1.51, CONTAINERS: 2.01}, [False] * 5),
    ],
)
def test_each_target_can_be_held_and_missed(
    seconds: float, megabytes: float, ratios: dict[str, float], held: list[bool]
) -> None:
    comparison = Comparison({FAST: Summary(seconds, seconds, megabytes)}, ratios)
    assert [verdict.held for verdict in verdicts(comparison)] == held
