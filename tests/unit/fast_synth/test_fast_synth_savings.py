"""A module that is imported when it is used: nothing until then, the real one afterwards."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from lib.fast_synth.savings import import_when_used

NAME = "slow_module_of_the_tests"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that tells when it runs, not imported yet."""
    (tmp_path / f"{NAME}.py").write_text("import builtins\nbuiltins.runs_of_the_tests += 1\nVALUE = 42\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("builtins.runs_of_the_tests", 0, raising=False)
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    return NAME


def runs() -> int:
    import builtins

    return int(vars(builtins)["runs_of_the_tests"])


def test_importing_it_runs_nothing_until_it_is_used(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import_when_used(module)
    monkeypatch.setitem(sys.modules, module, sys.modules[module])
    stand_in = importlib.import_module(module)
    assert runs() == 0
    assert stand_in.VALUE == 42
    assert importlib.import_module(module).VALUE == 42
    assert runs() == 1


def test_what_the_module_lacks_is_an_attribute_error(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import_when_used(module)
    stand_in = sys.modules[module]
    monkeypatch.setitem(sys.modules, module, stand_in)
    with pytest.raises(AttributeError, match="NOTHING"):
        _ = stand_in.NOTHING
    with pytest.raises(AttributeError, match="NOTHING"):
        _ = stand_in.NOTHING
    assert runs() == 1


def test_a_module_that_is_there_stays(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module(module)
    monkeypatch.setitem(sys.modules, module, real)
    import_when_used(module)
    assert sys.modules[module] is real
