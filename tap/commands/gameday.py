"""`tap gameday`: faults on purpose, and how long it takes until payments are taken again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from local_aws.server import LocalAws
from tap.account import LOCAL_AWS_DIRECTORY
from tap.commands.environments.asking import Yes, ask, need_somebody
from tap.commands.exit_codes import ExitCode
from tap.commands.options import AsJson, Region, Suffix
from tap.commands.output import note, print_json, print_table
from tap.commands.recover.options import SETTLE_SECONDS, Confirm
from tap.environment import Environment, EnvironmentNotFoundError
from tap.gameday.local_environment import local_environment
from tap.gameday.playing import fitting, play_all
from tap.gameday.report import COLUMNS, GameDay, save
from tap.gameday.scenarios import SCENARIOS
from tap.gameday.stage import ScenarioUnfitError, Stage
from tap.recovery.site import Site

GAMEDAYS = Path("gamedays")
LOCAL_SETTLE_SECONDS = 8.0
"""On a local AWS, where no database hangs for as long as it may in a VPC."""

REGION_LOST = "region-lost"


def gameday(
    scenario: Annotated[
        str | None,
        typer.Argument(help=f"One of {', '.join(SCENARIOS)}; all that fit without it.", show_default=False),
    ] = None,
    runs: Annotated[int, typer.Option(help="How many times each is played.", min=1)] = 1,
    directory: Annotated[Path, typer.Option(help="Where the tables are kept.")] = GAMEDAYS,
    confirm: Confirm = None,
    suffix: Suffix = None,
    region: Region = None,
    local: Annotated[
        bool,
        typer.Option(
            "--local",
            help="On the local AWS: the environment of `make local` if it has one, else one that is made for this.",
        ),
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Play a game day: inject faults under a load of payments, and measure RPO and RTO.

    Payments are refused meanwhile, and those of the load stay in the ledger. Ends with a table, median and worst of all
    runs, that is also saved; exit code 1 if a target was missed.
    """
    names, made = _names(scenario), local and not _deployed_locally(suffix, region)
    played: list[tuple[GameDay, Path]] = []
    for inputs, own in _made_for(names, suffix, region) if made else [({}, names)]:
        with local_environment(inputs, note) if made else _found(suffix, region, local) as environment:
            stage = _stage(environment, directory)
            fit, unfit = fitting(stage, own)
            for name, reason in unfit.items():
                note(f"not played: {name}: {reason}")
            if not fit:
                raise ScenarioUnfitError(f"no scenario is for {stage.site.suffix!r}: " + "; ".join(unfit.values()))
            _answer(stage, fit, confirm, yes or made)
            game_day = play_all(stage, fit, unfit, runs=runs)
        played.append((game_day, save(game_day, directory / game_day.suffix)))
    _show(played, as_json)
    if not all(game_day.met for game_day, _ in played):
        raise typer.Exit(ExitCode.FAILED)


def _names(scenario: str | None) -> list[str]:
    if scenario is not None and scenario not in SCENARIOS:
        raise typer.BadParameter(f"{scenario!r} is none of {', '.join(SCENARIOS)}", param_hint="SCENARIO")
    return [scenario] if scenario else list(SCENARIOS)


def _made_for(names: list[str], suffix: str | None, region: str | None) -> list[tuple[dict[str, str], list[str]]]:
    """The environments to make for these scenarios, each by its inputs: a lost Region needs two of them."""
    inputs = {"ENVIRONMENT_SUFFIX": suffix or "gameday"} | ({"AWS_REGION": region} if region else {})
    in_one = [name for name in names if name != REGION_LOST]
    games = [(inputs, in_one)] if in_one else []
    if REGION_LOST in names:
        games.append(({**inputs, "ARCHITECTURE": "multi-region"}, [REGION_LOST]))
    return games


@contextmanager
def _found(suffix: str | None, region: str | None, local: bool) -> Iterator[Environment]:
    yield Environment.find(suffix=suffix, region=region, local=local)


def _stage(environment: Environment, directory: Path) -> Stage:
    site = Site(environment)
    settle = LOCAL_SETTLE_SECONDS if environment.account.endpoint_url else SETTLE_SECONDS
    return Stage(_paying(site), directory / site.suffix, note, settle)


def _deployed_locally(suffix: str | None, region: str | None) -> bool:
    if LocalAws.running(LOCAL_AWS_DIRECTORY) is None:
        return False
    try:
        Environment.find(suffix=suffix, region=region, local=True).parameter("api/endpoint")
    except EnvironmentNotFoundError:
        return False
    return True


def _paying(site: Site) -> Site:
    """The Region that takes payments now."""
    if not site.in_two_regions:
        return site
    regions = site.function.ask_until("examine-regions")
    return site if regions["already_primary"] else site.elsewhere(regions["primary"])


def _answer(stage: Stage, names: list[str], confirm: str | None, agreed: bool) -> None:
    """Return if a person agrees; of a production environment only by its suffix, typed."""
    suffix = stage.site.suffix
    if confirm is not None:
        if confirm != suffix:
            raise typer.BadParameter(f"{confirm!r} is not {suffix!r}", param_hint="--confirm")
        return
    if stage.production:
        need_somebody(f"--confirm {suffix}")
        question = f"{suffix} is a production environment. To take {', '.join(names)} there, type its suffix"
        if typer.prompt(question, err=True) != suffix:
            raise typer.Abort
    elif not agreed:
        ask(f"Take {', '.join(names)} in {suffix!r}, {stage.environment.account.place}? Payments will be refused")


def _show(played: list[tuple[GameDay, Path]], as_json: bool) -> None:
    if as_json:
        documents = [{**game_day.as_json(), "folder": str(folder)} for game_day, folder in played]
        print_json(documents if len(documents) > 1 else documents[0])
        return
    for game_day, folder in played:
        title = f"Game day of {game_day.suffix} in {game_day.region}: median / worst, in seconds and payments"
        print_table(COLUMNS, game_day.rows(), title=title)
        note(f"saved: {folder}")
