"""States in files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lib.provider_options import state_file
from lib.settings import load_settings
from tap.inventory.errors import InventoryError
from tap.inventory.states import LocalStates

ARCHITECTURE = "single-region"
EMPTY = {"version": 4, "serial": 9, "lineage": "l", "outputs": {}, "resources": []}
LOCK = {"ID": "1-2", "Operation": "OperationTypeApply", "Who": "ann@host", "Created": "2030-01-01", "Path": "x"}
HOLD = """
import fcntl, sys
file = open(sys.argv[1], "r+b")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def full(suffix: str) -> dict[str, object]:
    attributes = {"tags_all": load_settings(environment_suffix=suffix).tags}
    block = {"mode": "managed", "type": "aws_eip", "name": "a", "instances": [{"attributes": attributes}]}
    return {**EMPTY, "resources": [block]}


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, object], Path]:
    def write(suffix: str, document: object) -> Path:
        path = tmp_path / state_file(ARCHITECTURE, suffix)
        path.write_text(json.dumps(document))
        return path

    return write


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another process holds the file's lock, as Terraform does."""
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield
        finally:
            process.communicate()


def test_states_are_listed_and_nothing_else(tmp_path: Path, put: Callable[[str, object], Path]) -> None:
    put("pr-12", full("pr-12"))
    path = put("pr-1", full("pr-1"))
    (tmp_path / state_file("multi-region", "pr-2")).write_text(json.dumps(full("pr-2")))
    for name in ("terraform.TapStackPR-1.tfstate", "terraform.tfstate", "terraform.TapStackpr-1.tfstate.backup", "x"):
        (tmp_path / name).write_text("?")
    found = LocalStates(tmp_path).list()
    assert [(one.suffix, one.architecture) for one in found] == [
        ("pr-1", "single-region"),
        ("pr-12", "single-region"),
        ("pr-2", "multi-region"),
    ]
    assert (found[0].location, found[0].size) == (str(path), path.stat().st_size)


def test_a_folder_that_does_not_exist_holds_none(tmp_path: Path) -> None:
    states = LocalStates(tmp_path / "nowhere")
    assert states.list() == []
    assert states.read("pr-1") is None
    assert states.lock("pr-1") is None
    assert not states.remove_empty("pr-1")


def test_a_broken_state_is_named(tmp_path: Path) -> None:
    (tmp_path / state_file(ARCHITECTURE, "pr-1")).write_text("{")
    with pytest.raises(InventoryError, match=r"terraform\.TapStackpr-1\.tfstate is no Terraform state"):
        LocalStates(tmp_path).read("pr-1")


def test_of_two_architectures_the_one_that_is_not_empty(tmp_path: Path, put: Callable[[str, object], Path]) -> None:
    put("pr-1", EMPTY)
    other = tmp_path / state_file("multi-region", "pr-1")
    other.write_text(json.dumps(full("pr-1")))
    states = LocalStates(tmp_path)
    stored, state = states.find("pr-1"), states.read("pr-1")
    assert stored is not None
    assert state is not None
    assert (stored.architecture, len(state.managed)) == ("multi-region", 1)
    with held(other):
        assert states.lock("pr-1") is not None
    put("pr-1", full("pr-1"))
    with pytest.raises(InventoryError, match=r"environment pr-1 has two states, .*TapStack.* and .*DisasterRecovery"):
        states.find("pr-1")


def test_a_state_that_terraform_has_just_begun_is_empty(tmp_path: Path) -> None:
    (tmp_path / state_file(ARCHITECTURE, "pr-1")).touch()
    state = LocalStates(tmp_path).read("pr-1")
    assert state is not None
    assert state.is_empty


def test_the_lock_counts_as_long_as_its_process_runs(tmp_path: Path, put: Callable[[str, object], Path]) -> None:
    path, states = put("pr-1", full("pr-1")), LocalStates(tmp_path)
    lock_file = tmp_path / f".{path.name}.lock.info"
    lock_file.write_text(json.dumps(LOCK))
    assert states.lock("pr-1") is None
    with held(path):
        lock = states.lock("pr-1")
        assert lock is not None
        assert (lock.id, lock.who, lock.operation) == ("1-2", "ann@host", "apply")
        lock_file.unlink()
        unnamed = states.lock("pr-1")
        assert unnamed is not None
        assert unnamed.who.startswith("process ")
    assert states.lock("pr-1") is None


def test_asking_for_the_lock_does_not_take_it(tmp_path: Path, put: Callable[[str, object], Path]) -> None:
    path = put("pr-1", full("pr-1"))
    assert LocalStates(tmp_path).lock("pr-1") is None
    with held(path):
        assert LocalStates(tmp_path).lock("pr-1") is not None


def test_an_empty_state_is_removed_with_its_backup(tmp_path: Path, put: Callable[[str, object], Path]) -> None:
    path, other = put("pr-1", EMPTY), put("pr-12", EMPTY)
    path.with_name(path.name + ".backup").write_text(json.dumps(full("pr-1")))
    (tmp_path / f".{path.name}.lock.info").write_text(json.dumps(LOCK))
    assert LocalStates(tmp_path).remove_empty("pr-1")
    assert list(tmp_path.iterdir()) == [other]


def test_a_state_that_lists_something_stays(tmp_path: Path, put: Callable[[str, object], Path]) -> None:
    path = put("pr-1", full("pr-1"))
    assert not LocalStates(tmp_path).remove_empty("pr-1")
    assert path.exists()


def test_a_locked_state_stays(tmp_path: Path, put: Callable[[str, object], Path]) -> None:
    path = put("pr-1", EMPTY)
    with held(path):
        assert not LocalStates(tmp_path).remove_empty("pr-1")
    assert path.exists()
