"""Fast synth writes what the plain import writes, to the byte, whatever happens to it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.integration.fast_synth.sample_app import LATE, PROJECT, SampleApp, finish_app, start_app

BROKEN_COPY = """
import lib.fast_synth.trim as trim
trim.trimmed_assembly = lambda assembly, modules: b"no tarball"
"""


def test_the_projects_stack_is_the_same_to_the_byte(tmp_path: Path) -> None:
    outcomes = [
        finish_app(start_app(PROJECT / "main.py", tmp_path / value, {"FAST_SYNTH": value}), tmp_path / value)
        for value in ("0", "1")
    ]
    assert outcomes[0].files == outcomes[1].files
    assert "fast synth not used" not in outcomes[1].stderr


def test_modules_imported_when_resources_exist_already_work(app: SampleApp, plain: dict[str, bytes]) -> None:
    for output in ("copies made", "copies found"):
        outcome = app.run(output, late=LATE)
        assert (outcome.stdout, outcome.stderr) == ("fast: True\n", "")
        assert outcome.files == plain
    assert len(list((app.cache / "assemblies").iterdir())) == 2


def test_a_late_module_works_when_no_copy_can_be_made_of_it(app: SampleApp, plain: dict[str, bytes]) -> None:
    app.run("small")
    block = "import lib.fast_synth.trim as trim\ndel trim.trimmed_assembly\n"
    outcome = app.run("large", before=block, late=LATE)
    assert outcome.stdout == "fast: True\n"
    assert outcome.stderr.startswith("fast synth not used: ImportError")
    assert outcome.files == plain


def test_an_unusable_cache_folder_means_the_plain_import(app: SampleApp, plain: dict[str, bytes]) -> None:
    outcome = app.run("out", late=LATE, FAST_SYNTH_CACHE="/dev/null/cache")
    assert outcome.stdout == "fast: False\n"
    assert "cannot be written" in outcome.stderr
    assert outcome.files == plain


def test_a_copy_that_the_kernel_refuses_means_the_whole_assembly(app: SampleApp, plain: dict[str, bytes]) -> None:
    outcome = app.run("out", before=BROKEN_COPY, late=LATE)
    assert outcome.stdout == "fast: True\n"
    assert outcome.stderr.startswith("fast synth not used: FastSynthError: jsii could not load an assembly")
    assert outcome.files == plain


def test_damaged_copies_are_made_again(app: SampleApp) -> None:
    first = app.run("first")
    damaged = [path for path in app.cache.rglob("*") if path.is_file() and path.name != "sha256"]
    for path in damaged:
        path.write_bytes(b"damaged")
    second = app.run("second")
    assert (second.stdout, second.stderr) == ("fast: True\n", "")
    assert second.files == first.files
    assert all(path.read_bytes() != b"damaged" for path in damaged)


def test_processes_that_start_at_once_with_an_empty_cache_do_not_disturb_each_other(app: SampleApp) -> None:
    processes = {output: app.start(output) for output in ("one", "two")}
    outcomes = [app.finish(process, output) for output, process in processes.items()]
    assert [outcome.stderr for outcome in outcomes] == ["", ""]
    assert outcomes[0].files == outcomes[1].files
    assert len(list((app.cache / "assemblies").iterdir())) == 1


def test_an_app_that_ends_before_it_makes_anything_leaves_no_process(app: SampleApp) -> None:
    app.run("warm")
    note = "import jsii\nprint(jsii.kernel.provider._process._early._process.pid)\nraise SystemExit(3)"
    process = app.start("out", early=note)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (3, "")
    with pytest.raises(ProcessLookupError):
        os.kill(int(stdout.split()[-1]), 0)
