"""`tap env destroy` and `tap env unlock` as people and pipelines call them, without Terraform and AWS."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lib.input_rules import SUFFIX_PATTERN
from tap.__main__ import main
from tap.account import Account
from tap.commands.environments import destroy as command
from tap.commands.environments import reach as reaching
from tap.commands.environments import unlock as unlocking
from tap.commands.exit_codes import ExitCode
from tap.inventory.state import State
from tap.terraform_errors import LockInfo
from tap.toolchain import ROOT
from tests.unit.tap_removal_destroy.doubles import (
    ACCOUNT,
    QUEUE,
    REGION,
    SUFFIX,
    TOPIC,
    StubAccount,
    StubFinder,
    StubStates,
    StubSweeper,
    destruction,
    resource,
)

LOCK = LockInfo("1-2", f"b/payment/single-region/{SUFFIX}.tfstate", "apply", "kim@laptop", "2026-11-21")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def states() -> StubStates:
    return StubStates(State(1, "a", resources=(TOPIC,)))


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, states: StubStates) -> dict[str, Any]:
    """An account with a topic in the state and a queue beside it; no terminal."""
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_ACCOUNT_ID", "AWS_ENDPOINT_URL", "PROTECTED_SUFFIXES", "STATE_BUCKET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("COLUMNS", "200")
    made: dict[str, Any] = {"sweeper": StubSweeper(), "searches": ([QUEUE], [QUEUE], [])}
    monkeypatch.setattr(Account, "reach", lambda *_, **__: StubAccount())
    monkeypatch.setattr(reaching, "open_states", lambda *_: states)

    def destroying(*_: object, **options: Any) -> Any:
        options.pop("finder")
        made["destruction"] = destruction(StubFinder(*made["searches"]), states, made["sweeper"], **options)
        return made["destruction"]

    monkeypatch.setattr(command, "Destruction", destroying)
    return made


@pytest.fixture
def tap(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["env", *arguments])
        printed = capsys.readouterr()
        return int(code), printed.out, " ".join(printed.err.split())

    return run


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[object], None]:
    """A person at a terminal, who gives this answer to every question."""

    def give(answer: object) -> None:
        def confirm(_text: str, **_options: object) -> bool:
            if answer != "y":
                raise typer.Abort
            return True

        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr(typer, "confirm", confirm)
        monkeypatch.setattr(typer, "prompt", lambda *_, **__: answer)

    return give


def test_it_shows_what_goes_and_ends_with_the_receipt(tap: Run) -> None:
    code, out, err = tap("destroy", SUFFIX, "--yes")
    assert code == 0
    assert re.search(r"aws_sns_topic .* 1 ", err)
    assert re.search(r"sqs:queue .* payment-queue-pr-1 .* not in the state", err)
    assert "Receipt: environment pr-1, account 123456789012, Region us-east-1" in out
    assert QUEUE.arn in out


def test_both_regions_are_named_where_there_are_two(tap: Run, surroundings: dict[str, Any], states: StubStates) -> None:
    there = resource(f"sqs:us-west-2:{ACCOUNT}:payment-queue-{SUFFIX}", SecondaryRegion="us-west-2")
    surroundings["searches"] = ([there], [there], [])
    code, out, _ = tap("destroy", SUFFIX, "--dry-run")
    assert (code, "Regions us-east-1 and us-west-2" in out) == (0, True)
    assert re.search(r"aws_sns_topic +│ us-east-1 +│ +1 ", out)
    assert re.search(r"sqs:queue +│ us-west-2 +│ +1 ", out)
    going = json.loads(tap("destroy", SUFFIX, "--dry-run", "--json")[1])
    assert (going["secondary_region"], [one["region"] for one in going["going"]]) == (
        "us-west-2",
        ["us-east-1", "us-west-2"],
    )
    surroundings["searches"] = ([there], [there], [])
    code, out, _ = tap("destroy", SUFFIX, "--yes")
    assert (code, states.state) == (0, None)
    assert "Receipt: environment pr-1, account 123456789012, Regions us-east-1 and us-west-2" in out


def test_a_dry_run_changes_nothing(tap: Run, states: StubStates, surroundings: dict[str, Any]) -> None:
    code, out, err = tap("destroy", SUFFIX, "--dry-run")
    assert (code, "2 resources go" in out, err.endswith("nothing was changed")) == (0, True, True)
    code, out, _ = tap("destroy", SUFFIX, "--dry-run", "--json")
    assert [one["by"] for one in json.loads(out)["going"]] == ["terraform", "sweep"]
    assert states.state is not None
    assert surroundings["sweeper"].asked == []


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1)])
def test_a_person_is_asked(tap: Run, answers: Any, states: StubStates, answer: str, code: int) -> None:
    answers(answer)
    assert tap("destroy", SUFFIX)[0] == code
    assert (states.state is None) == (code == 0)


@pytest.mark.parametrize(("answer", "code"), [(SUFFIX, 0), ("pr-12", 1), ("yes", 1)])
def test_a_protected_suffix_is_typed_out(
    tap: Run, answers: Any, states: StubStates, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    monkeypatch.setenv("PROTECTED_SUFFIXES", SUFFIX)
    answers(answer)
    assert tap("destroy", SUFFIX, "--account", ACCOUNT)[0] == code
    assert (states.state is None) == (code == 0)


def test_what_is_left_is_exit_code_1_with_its_reason(tap: Run, surroundings: dict[str, Any]) -> None:
    surroundings.update(sweeper=StubSweeper(sqs="InUse: held"), searches=([QUEUE],))
    code, out, err = tap("destroy", SUFFIX, "--yes", "--json")
    assert code == 1
    assert json.loads(out)["left_resources"] == [{"name": QUEUE.arn, "type": "sqs:queue", "reason": "InUse: held"}]
    assert err.endswith("1 are left: see to what keeps them, then run it again")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "there is no terminal: give --yes"),
        (("--confirm", "pr-12"), 2, "'pr-12' is not 'pr-1', which is to be destroyed"),
        (("--yes", "--account", "12"), 2, "'12' is not an account's 12 digits"),
        (("--yes", "--account", "210987654321"), 1, "not of 210987654321: nothing was looked at"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything(
    tap: Run, surroundings: dict[str, Any], arguments: tuple[str, ...], code: int, says: str
) -> None:
    ended, out, err = tap("destroy", SUFFIX, *arguments)
    # Rich draws a box around usage errors.
    assert (ended, out, says in err.replace("│ │ ", "")) == (code, "", True), err
    assert "destruction" not in surroundings


@pytest.mark.no_cover  # Measuring coverage takes longer than the calls.
@given(
    suffix=st.text(min_size=1, max_size=40).filter(lambda text: len(text) > 20 or not SUFFIX_PATTERN.fullmatch(text))
)
@example(suffix="../prod")
@example(suffix="$(reboot)")
@example(suffix="pr-1\n")
@example(suffix="pr-1 --yes")
@example(suffix="--yes")
@example(suffix="-- pr-1")
@example(suffix="pr--1")
@example(suffix="\x00")
@hypothesis_settings(
    max_examples=100,
    deadline=None,
    # Nothing is done, so nothing is carried over from one example to the next.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_hostile_suffix_gets_past_validation(tap: Run, surroundings: dict[str, Any], suffix: str) -> None:
    for name in ("destroy", "unlock"):
        assert tap(name, "--yes", "--", suffix)[0] == ExitCode.USAGE
    assert "destruction" not in surroundings


def test_unlock_shows_the_holder_and_releases_only_on_request(
    tap: Run, states: StubStates, answers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    released: list[str] = []
    monkeypatch.setattr(unlocking, "release", lambda *arguments: released.append(arguments[-1]))
    assert tap("unlock", SUFFIX, "--id", "1-2")[0] == 0
    states.held = LOCK
    code, out, err = tap("unlock", SUFFIX, "--json")
    assert (code, json.loads(out)["who"], json.loads(out)["released"]) == (0, "kim@laptop", False)
    assert "tap env unlock pr-1 --id 1-2" in err
    assert tap("unlock", SUFFIX, "--id", "1-2")[0] == 2
    answers("n")
    assert tap("unlock", SUFFIX, "--id", "1-2")[0] == 1
    assert released == []
    answers("y")
    code, out, err = tap("unlock", SUFFIX, "--id", "1-2", "--json")
    assert (code, json.loads(out)["released"], released) == (0, True, ["1-2"])
    assert "That run may still go on" in err


def test_every_exit_code_is_on_the_page() -> None:
    rows = re.findall(r"^\| (\d+) \|", (ROOT / "docs/exit-codes.md").read_text(), re.MULTILINE)
    assert [int(row) for row in rows] == sorted(ExitCode)
