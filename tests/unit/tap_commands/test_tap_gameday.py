"""`tap gameday` as an operator calls it: what is played, who must agree, how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from local_aws.server import LocalAws
from tap.commands import gameday
from tap.commands.exit_codes import ExitCode
from tap.environment import Environment, EnvironmentNotFoundError
from tap.gameday.measurement import Measurement, Summary, Target
from tap.gameday.report import GameDay
from tap.gameday.stage import Stage
from tests.unit.tap_commands.conftest import SUFFIX, Tap

RUN = Measurement(5.0, 0.0, 4.0, acknowledged=100, lost=0, doubled=0, refused=3, unanswered=0)


class Played:
    """What the command has played; `fit` are the scenarios that the environment is for."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.runs = 0
        self.fit = ["writer-lost", "zone-lost"]
        self.target = Target(60, 0)
        self.tags: dict[str, str] = {}
        self.inputs: dict[str, str] = {}

    def fitting(self, _: Stage, names: list[str]) -> tuple[list[str], dict[str, str]]:
        return [one for one in names if one in self.fit], {one: "why" for one in names if one not in self.fit}

    def play_all(self, _: Stage, names: list[str], unfit: dict[str, str], *, runs: int) -> GameDay:
        self.names, self.runs = names, runs
        summaries = [Summary(name, self.target, (RUN,) * runs) for name in names]
        return GameDay(SUFFIX, "eu-west-1", summaries, [], unfit, {})


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Played:
    played = Played()
    environment = SimpleNamespace(suffix=SUFFIX, account=SimpleNamespace(endpoint_url=None, place="Region eu-west-1"))
    site = SimpleNamespace(
        suffix=SUFFIX,
        environment=environment,
        in_two_regions=False,
        function=SimpleNamespace(tags=played.tags),
    )
    monkeypatch.setattr(Environment, "find", lambda **_: environment)
    monkeypatch.setattr(gameday, "Site", lambda _: site)
    monkeypatch.setattr(gameday, "fitting", played.fitting)
    monkeypatch.setattr(gameday, "play_all", played.play_all)

    @contextmanager
    def local_environment(inputs: dict[str, str], _: object) -> Iterator[Environment]:
        played.inputs = inputs
        yield cast(Environment, environment)

    monkeypatch.setattr(gameday, "local_environment", local_environment)
    return played


def test_all_that_fit_are_played_and_the_table_is_saved(tap: Tap, played: Played, tmp_path: Path) -> None:
    ended = tap("gameday", "--yes", "--runs", "2")
    assert ended.code == ExitCode.OK
    assert (played.names, played.runs) == (["writer-lost", "zone-lost"], 2)
    assert "writer-lost" in ended.out
    assert "not played: region-lost: why" in ended.err
    (folder,) = (tmp_path / "gamedays" / SUFFIX).iterdir()
    assert {path.name for path in folder.iterdir()} == {"gameday.json", "gameday.md"}


def test_one_scenario_as_json(tap: Tap, played: Played) -> None:
    ended = tap("gameday", "zone-lost", "--yes", "--json")
    assert played.names == ["zone-lost"]
    document: dict[str, Any] = json.loads(ended.out)
    assert document["scenarios"][0]["scenario"] == "zone-lost"
    assert document["met"] is True


def test_a_missed_target_is_a_failure(tap: Tap, played: Played) -> None:
    played.target = Target(5, 0)
    assert tap("gameday", "writer-lost", "--yes").code == ExitCode.FAILED


def test_a_scenario_that_there_is_not(tap: Tap, played: Played) -> None:
    ended = tap("gameday", "meteor", "--yes")
    assert ended.code == ExitCode.USAGE
    assert "writer-lost" in ended.err
    assert played.names == []


def test_nothing_that_fits_is_refused(tap: Tap, played: Played) -> None:
    ended = tap("gameday", "region-lost", "--yes")
    assert ended.code == ExitCode.FAILED
    assert "why" in ended.err
    assert played.names == []


def test_where_nobody_can_be_asked_nothing_is_played(tap: Tap, played: Played) -> None:
    ended = tap("gameday", "writer-lost")
    assert ended.code == ExitCode.USAGE
    assert "--yes" in ended.err
    assert played.names == []


def test_production_wants_its_suffix(tap: Tap, played: Played) -> None:
    played.tags["EnvironmentClass"] = "production"
    refused = tap("gameday", "writer-lost", "--yes")
    assert refused.code == ExitCode.USAGE
    assert f"--confirm {SUFFIX}" in refused.err
    assert tap("gameday", "writer-lost", "--confirm", "other").code == ExitCode.USAGE
    assert played.names == []
    assert tap("gameday", "writer-lost", "--confirm", SUFFIX).code == ExitCode.OK
    assert played.names == ["writer-lost"]


@pytest.mark.parametrize(("scenario", "architecture"), [("writer-lost", None), ("region-lost", "multi-region")])
def test_without_an_environment_on_the_local_aws_one_is_made(
    tap: Tap, played: Played, monkeypatch: pytest.MonkeyPatch, scenario: str, architecture: str | None
) -> None:
    monkeypatch.setattr(LocalAws, "running", lambda _: None)
    played.fit = [scenario]
    assert tap("gameday", scenario, "--local", "--yes").code == ExitCode.OK
    assert played.inputs.get("ARCHITECTURE") == architecture
    assert played.names == [scenario]


def test_all_scenarios_are_played_on_an_environment_in_one_region_and_one_in_two(
    tap: Tap, played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalAws, "running", lambda _: None)
    played.fit = ["writer-lost", "region-lost"]
    ended = tap("gameday", "--local", "--json")
    assert ended.code == ExitCode.OK
    one, two = json.loads(ended.out)
    assert [scenario["scenario"] for scenario in one["scenarios"]] == ["writer-lost"]
    assert [scenario["scenario"] for scenario in two["scenarios"]] == ["region-lost"]
    assert played.inputs["ARCHITECTURE"] == "multi-region"


@pytest.mark.parametrize("there", [True, False])
def test_an_environment_on_the_local_aws_is_taken_if_it_is_there(
    tap: Tap, played: Played, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    found = Environment.find()

    def parameter(_: str) -> str:
        if not there:
            raise EnvironmentNotFoundError("none")
        return "https://api"

    cast(Any, found).parameter = parameter
    monkeypatch.setattr(LocalAws, "running", lambda _: object())
    assert tap("gameday", "writer-lost", "--local", "--yes").code == ExitCode.OK
    assert bool(played.inputs) is not there
