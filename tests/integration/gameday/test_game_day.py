"""A game day on a deployment: the fault is injected under load, and what the clients were told is measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from tap.environment import Environment
from tap.gameday.playing import fitting, play_all
from tap.gameday.report import save
from tap.gameday.stage import Stage
from tap.recovery.site import Site
from tests.integration.deployed import LocalDeployment


@pytest.fixture
def stage(local_deployment: LocalDeployment, tmp_path: Path) -> Stage:
    deployment = local_deployment.deployment
    environment = Environment(deployment.settings.environment_suffix, deployment.account)
    return Stage(Site(environment), tmp_path, lambda _: None, 8.0)


def test_a_lost_writer_is_replaced_within_the_target_and_nothing_acknowledged_is_lost(
    stage: Stage, tmp_path: Path
) -> None:
    names, unfit = fitting(stage, ["writer-lost", "region-lost"])
    assert names == ["writer-lost"]
    assert "two Regions" in unfit["region-lost"]
    game_day = play_all(stage, names, unfit, runs=1)
    assert game_day.failed == {}
    (run,) = game_day.runs
    measurement = run.measurement
    assert 0 < measurement.rto < 60
    assert measurement.longest_wait > 0
    assert measurement.acknowledged > 20
    assert (measurement.lost, measurement.doubled, measurement.unanswered) == (0, 0, 0)
    assert game_day.met
    text = (save(game_day, tmp_path) / "gameday.md").read_text()
    assert "| writer-lost | 1 |" in text
    assert stage.ledger()["balanced"]
