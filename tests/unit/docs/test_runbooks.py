"""The runbooks say what the commands say."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import runbooks
from tap.recovery.catalogue import KINDS


def test_the_pages_are_those_of_the_plans() -> None:
    assert runbooks.main(["--check"]) == 0


def test_every_recovery_has_a_page() -> None:
    commands = {plan.command.split()[2] for plan in runbooks.plans().values()}
    kinds = {kind.removeprefix("writer-").removeprefix("region-") for kind in KINDS}
    assert commands == kinds


def test_each_step_of_a_plan_is_on_its_page() -> None:
    pages = runbooks.pages()
    for name, plan in runbooks.plans().items():
        assert [f"**{step.name}**: {step.text}." in pages[f"{name}.md"] for step in plan.steps] == [True] * len(
            plan.steps
        )
        assert f"]({name}.md)" in pages["README.md"]


def test_pages_out_of_date_are_named_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runbooks, "FOLDER", tmp_path / "runbooks")
    assert runbooks.main([]) == 0
    (tmp_path / "runbooks" / "backtrack.md").write_text("old")
    (tmp_path / "runbooks" / "gone.md").write_text("old")
    assert runbooks.main(["--check"]) == 1
    assert "backtrack.md, gone.md out of date: run `python -m docs.runbooks`" in capsys.readouterr().err
    assert runbooks.main([]) == 0
    assert runbooks.main(["--check"]) == 0
    assert not (tmp_path / "runbooks" / "gone.md").exists()
