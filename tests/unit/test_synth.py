"""`python main.py`: what is written, and that a refusal writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lib import synth
from lib.compute.dependencies import PackageError
from lib.refusals import RefusalError
from lib.settings import load_settings
from tests.unit.stacks import artifacts


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CDKTF_OUTDIR", "out")
    monkeypatch.setattr(synth, "build_artifacts", lambda _: artifacts())
    return tmp_path / "out"


def test_the_stack_is_written_with_its_package(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT_SUFFIX", "pr-1")
    assert synth.main() == 0
    document = json.loads((output / "stacks/TapStackpr-1/cdk.tf.json").read_text())
    filename = document["resource"]["aws_lambda_function"]["function"]["filename"]
    assert (output / "stacks/TapStackpr-1" / filename).read_bytes() == artifacts().functions.path.read_bytes()
    manifest = json.loads((output / "manifest.json").read_text())
    assert manifest["stacks"]["TapStackpr-1"]["synthesizedStackPath"] == "stacks/TapStackpr-1/cdk.tf.json"
    assert sorted(path.name for path in output.iterdir()) == ["manifest.json", "stacks"]


def test_what_terraform_keeps_beside_the_stack_stays(output: Path) -> None:
    kept = output / "stacks/TapStackdev/.terraform/modules.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("kept")
    assert synth.main() == 0
    assert kept.read_text() == "kept"


def test_a_wrong_input_ends_with_one_message_and_nothing_written(
    output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENVIRONMENT_SUFFIX", "PR_12")
    assert synth.main() == 1
    assert capsys.readouterr().err.startswith("error: ENVIRONMENT_SUFFIX=PR_12: ")
    assert not output.exists()


def test_a_refused_stack_leaves_what_was_there(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert synth.main() == 0
    before = {path: path.stat().st_mtime_ns for path in output.rglob("*") if path.is_file()}

    def refuse(*_: object) -> None:
        raise RefusalError("no")

    monkeypatch.setattr(synth, "check", refuse)
    assert synth.main() == 1
    assert {path: path.stat().st_mtime_ns for path in output.rglob("*") if path.is_file()} == before


def test_a_package_that_cannot_be_built_is_told(
    output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> None:
        raise PackageError("no network")

    monkeypatch.setattr(synth, "build_artifacts", fail)
    assert synth.main() == 1
    assert capsys.readouterr().err == "error: no network\n"
    assert not output.exists()


def test_several_environments_in_one_run(output: Path) -> None:
    environments = [load_settings(environment_suffix=f"pr-{number}") for number in range(2)]
    synth.synthesize(environments, output, artifacts())
    assert sorted(path.name for path in (output / "stacks").iterdir()) == ["TapStackpr-0", "TapStackpr-1"]
