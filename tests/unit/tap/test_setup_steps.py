from pathlib import Path

import pytest

from tap.installation import SetupError, run
from tap.setup import Step


@pytest.fixture
def step(tmp_path: Path) -> Step:
    """A step that copies its input, with a stamp within what it makes."""
    (tmp_path / "lock").write_text("1")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources/a.py").write_text("a")
    product = tmp_path / "product"

    def install() -> None:
        product.mkdir(exist_ok=True)
        (product / "copy").write_text((tmp_path / "lock").read_text())

    inputs = (tmp_path / "lock", tmp_path / "sources")
    return Step("copy", inputs, product / "copy", product / ".setup", install)


def test_a_step_is_done_once_it_was_performed(step: Step) -> None:
    assert not step.is_done()
    step.perform()
    assert step.is_done()


@pytest.mark.parametrize("changed", ["lock", "sources/a.py", "sources/b.py"])
def test_a_step_is_due_again_when_an_input_changes(step: Step, tmp_path: Path, changed: str) -> None:
    step.perform()
    (tmp_path / changed).write_text("2")
    assert not step.is_done()


def test_bytecode_beside_the_sources_is_no_input(step: Step, tmp_path: Path) -> None:
    step.perform()
    (tmp_path / "sources/__pycache__").mkdir()
    (tmp_path / "sources/__pycache__/a.pyc").write_bytes(b"x")
    assert step.is_done()


def test_a_step_is_due_again_when_its_product_is_gone(step: Step) -> None:
    step.perform()
    step.product.unlink()
    assert not step.is_done()


def test_a_step_that_fails_is_not_remembered_as_done(step: Step) -> None:
    step.perform()

    def fail() -> None:
        raise SetupError("no network")

    with pytest.raises(SetupError):
        Step(step.name, step.inputs, step.product, step.stamp, fail).perform()
    assert not step.is_done()


def test_a_failing_command_is_shown_with_the_end_of_its_output_and_the_remedy(tmp_path: Path) -> None:
    command = ["sh", "-c", "seq 100; echo no such package >&2; exit 3"]
    with pytest.raises(SetupError) as caught:
        run(command, root=tmp_path, log=tmp_path / "log", environment={"PATH": "/usr/bin:/bin"}, remedy="Go online")
    message = str(caught.value)
    assert "exit code 3" in message
    assert "  | no such package" in message
    assert "  | 50\n" not in message
    assert message.endswith("Go online")


def test_a_command_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"no-such-program cannot be started.*Install it"):
        run(["no-such-program"], root=tmp_path, log=tmp_path / "log", environment={}, remedy="Install it")
