"""A whole game day: each scenario that fits, so many times."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from tap.environment import EnvironmentNotFoundError
from tap.gameday.game import Run, play
from tap.gameday.load import LoadError
from tap.gameday.measurement import Summary
from tap.gameday.report import GameDay
from tap.gameday.scenario import Scenario
from tap.gameday.scenarios import SCENARIOS
from tap.gameday.stage import ScenarioUnfitError, Stage
from tap.recovery.errors import RecoveryFailedError, RecoveryRefusedError


def fitting(stage: Stage, names: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Those of the scenarios that are for this environment, and why the others are not."""
    unfit: dict[str, str] = {}
    for name in names:
        try:
            SCENARIOS[name]().check(stage)
        except (ScenarioUnfitError, EnvironmentNotFoundError) as error:
            unfit[name] = str(error)
    return [name for name in names if name not in unfit], unfit


def play_all(
    stage: Stage,
    names: Sequence[str],
    unfit: Mapping[str, str],
    *,
    runs: int,
    once: Callable[[Scenario, Stage], Run] = play,
) -> GameDay:
    """Every scenario in turn; one that fails is not played again, and the others go on."""
    played: list[Run] = []
    failed: dict[str, str] = {}
    summaries: list[Summary] = []
    for name in names:
        own: list[Run] = []
        for number in range(1, runs + 1):
            scenario = SCENARIOS[name]()
            stage.tell(f"{name}, run {number} of {runs}")
            try:
                own.append(once(scenario, stage))
            except (RecoveryFailedError, RecoveryRefusedError, LoadError, ClientError, BotoCoreError) as error:
                failed[name] = f"run {number}: {error}"
                stage.tell(f"{name} failed: {error}")
                break
        played += own
        if own:
            measurements = tuple(run.measurement for run in own)
            summaries.append(Summary(name, SCENARIOS[name]().target, measurements))
    site = stage.site
    return GameDay(site.suffix, site.region, summaries, played, unfit, failed)
