"""The workflows: pinned, with the least permissions, and with commands that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml  # type: ignore[import-untyped]

from docs.markers import ROOT
from tap.__main__ import app

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PREVIEW, NIGHTLY = (ROOT / ".github" / "workflows" / name for name in ("preview.yml", "nightly.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
TAP = re.compile(r"\.venv/bin/python -m tap (.+)")
# What a job may do beyond reading the code, and why it must.
PERMISSIONS = {
    ("ci.yml", "deploy"): {"contents": "read", "id-token": "write"},
    ("preview.yml", "deploy"): {"contents": "read", "id-token": "write"},
    ("preview.yml", "destroy"): {"contents": "read", "id-token": "write"},
    ("preview.yml", "comment"): {"pull-requests": "write"},
    ("nightly.yml", "expire"): {"contents": "read", "id-token": "write"},
}
# Text that somebody without write access may choose.
UNTRUSTED = re.compile(r"github\.(head_ref|event\.(pull_request\.(title|body|head\.(ref|label))|comment|review|issue))")


def read(workflow: Path) -> dict[str, Any]:
    """YAML 1.1 takes the key `on` for a boolean."""
    document: dict[Any, Any] = yaml.safe_load(workflow.read_text())
    document["on"] = document.pop(True)
    return document


def jobs() -> list[Any]:
    return [
        pytest.param(path.name, name, job, id=f"{path.stem}-{name}")
        for path in WORKFLOWS
        for name, job in read(path)["jobs"].items()
    ]


def tap_commands() -> list[Any]:
    found = []
    for path in WORKFLOWS:
        for job in read(path)["jobs"].values():
            for step in job["steps"]:
                for command in TAP.findall(step.get("run", "")):
                    words = shlex.split(command.split(" > ")[0].split(" | ")[0], comments=True)
                    found.append(pytest.param(words, id=f"{path.stem}-{'-'.join(words[:2])}"))
    return found


def parsed(words: list[str]) -> tuple[Any, dict[str, Any]]:
    """The command that the words name, and its parameters as its own parser reads them."""
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    with command.make_context("tap", rest) as context:
        return command, dict(context.params)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_to_a_commit(path: Path) -> None:
    steps = [step for job in read(path)["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert [action for action in used if not PINNED.fullmatch(action)] == []
    for line in path.read_text().splitlines():
        if "uses:" in line:
            assert re.search(r"# v\d+\.\d+\.\d+$", line), f"{line.strip()}: name the version beside the commit"


@pytest.mark.parametrize(("workflow", "name", "job"), jobs())
def test_a_job_may_do_no_more_than_it_must(workflow: str, name: str, job: dict[str, Any]) -> None:
    default = read(ROOT / ".github" / "workflows" / workflow)["permissions"]
    assert default in ({}, {"contents": "read"})
    assert job.get("permissions", {"contents": "read"}) == PERMISSIONS.get((workflow, name), {"contents": "read"})
    assert "permissions" in job or default
    assert job["timeout-minutes"] <= 180
    for step in job["steps"]:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_nobody_elses_text_reaches_a_shell(path: Path) -> None:
    workflow = read(path)
    assert "pull_request_target" not in workflow["on"]
    assert UNTRUSTED.findall(path.read_text()) == []
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), "pass it through env instead"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_make_targets_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    runs = [step.get("run", "") for job in read(path)["jobs"].values() for step in job["steps"]]
    named = {target for run in runs for target in re.findall(r"^make ([a-z-]+)", run, re.MULTILINE)}
    assert named <= targets


@pytest.mark.parametrize("words", tap_commands())
def test_commands_exist_with_these_options(words: list[str]) -> None:
    command, parameters = parsed(words)
    assert command.callback is not None
    assert parameters


def test_a_preview_is_named_by_the_number_alone() -> None:
    workflow = read(PREVIEW)
    assert workflow["env"]["SUFFIX"] == "pr-${{ github.event.pull_request.number }}"
    commands = [param.values[0] for param in tap_commands() if param.id and param.id.startswith("preview")]
    assert all("$SUFFIX" in words for words in commands)
    assert {words[1] for words in commands} == {"deploy", "show", "destroy"}


def test_a_preview_expires_by_itself_and_asks_nobody() -> None:
    (deploy,) = (param.values[0] for param in tap_commands() if param.id == "preview-env-deploy")
    _, parameters = parsed(deploy)
    assert (parameters["ttl"], parameters["yes"], parameters["as_json"]) == ("24h", True, True)


@pytest.mark.parametrize("name", ["deploy", "destroy"])
def test_previews_are_not_for_forks(name: str) -> None:
    condition = read(PREVIEW)["jobs"][name]["if"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in condition
    assert "vars.PREVIEW_ROLE_ARN != ''" in condition


def test_code_of_a_pull_request_never_holds_a_token_that_writes() -> None:
    """The job that comments runs nothing of the repository; the ones that do hold no such permission."""
    (comment,) = (job for name, job in read(PREVIEW)["jobs"].items() if name == "comment")
    assert [step for step in comment["steps"] if "uses" in step] == []


@pytest.mark.parametrize("path", [PREVIEW, NIGHTLY], ids=lambda path: path.name)
def test_a_run_that_has_begun_is_not_cancelled(path: Path) -> None:
    assert read(path)["concurrency"]["cancel-in-progress"] is False


def test_the_nightly_sweep_asks_nobody() -> None:
    commands = {param.id: parsed(param.values[0])[1] for param in tap_commands() if param.id.startswith("nightly")}
    assert commands["nightly-env-expire"]["yes"] is True
    assert commands["nightly-env-expire"]["dry_run"] is False
    assert commands["nightly-env-list"]["as_json"] is True
