"""Fast synth puts itself in place completely or not at all, and says why not only when asked."""

from __future__ import annotations

import atexit
import gc
import importlib.metadata
import json
import sys
import typing
from collections.abc import Callable, Iterator
from pathlib import Path

import jsii
import pytest
from jsii.__meta__ import __jsii_runtime_version__

from lib.fast_synth import bindings, installation, trim
from lib.fast_synth.installation import install
from lib.fast_synth.packages import LOAD_ORDER, PROVIDER, Jsii, installed_assembly
from lib.fast_synth.process import DeferredProcess
from lib.fast_synth.savings import COLLECTION_THRESHOLD

GREETING = json.dumps({"hello": f"@jsii/runtime@{__jsii_runtime_version__}"})
NAMES = (*LOAD_ORDER, "jsii")
RESTORED = (*NAMES, "typeguard")


@pytest.fixture
def new_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_node: Callable[[str], Path]
) -> Iterator[pytest.MonkeyPatch]:
    """As if nothing was imported yet, with a small project, a quick copy and a Node.js that only answers."""
    modules, thresholds = dict(sys.modules), gc.get_threshold()
    monkeypatch.setattr(jsii.kernel, "provider", jsii.kernel.provider)
    monkeypatch.setattr(typing, "get_type_hints", typing.get_type_hints)
    monkeypatch.setattr(importlib.metadata, "version", importlib.metadata.version)
    monkeypatch.setattr(
        sys, "meta_path", [finder for finder in sys.meta_path if not isinstance(finder, bindings.ImportedModules)]
    )
    monkeypatch.setattr(trim, "trimmed_assembly", lambda _assembly, modules: " ".join(sorted(modules)).encode())
    monkeypatch.setenv("JSII_NODE", str(make_node(GREETING)))
    monkeypatch.setenv("FAST_SYNTH_DEBUG", "1")
    for name in ("FAST_SYNTH", "FAST_SYNTH_CACHE", "JSII_RUNTIME"):
        monkeypatch.delenv(name, raising=False)
    for name in RESTORED:
        sys.modules.pop(name, None)
    (tmp_path / "main.py").write_text(f"from {PROVIDER}.vpc import Vpc\n")
    gc.set_threshold(700)
    yield monkeypatch
    gc.set_threshold(*thresholds)
    atexit.unregister(gc.freeze)
    for name in RESTORED:
        sys.modules.pop(name, None)
        if name in modules:
            sys.modules[name] = modules[name]


def nothing_changed() -> bool:
    return PROVIDER not in sys.modules and not bindings.entered() and gc.get_threshold()[0] != COLLECTION_THRESHOLD


def installed_process() -> DeferredProcess:
    process = getattr(jsii.kernel.provider, "_process", None)
    assert isinstance(process, DeferredProcess)
    return process


@pytest.mark.usefixtures("new_process")
def test_everything_is_put_in_place(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert install(tmp_path)
    process = installed_process()
    process.stop()
    requests = [json.loads(line) for line in (tmp_path / "requests").read_text().splitlines()]
    assert [request.get("name") for request in requests] == ["constructs", "cdktf", "@cdktf/provider-aws", None]
    copy = Path(requests[2]["tarball"])
    assert copy.is_relative_to(tmp_path / ".cache" / "fast-synth")
    assert copy.read_text() == "vpc"
    assert not hasattr(sys.modules[PROVIDER], "no_such_module")
    assert bindings.entered()
    assert install(tmp_path)
    assert capfd.readouterr().err == ""


@pytest.mark.usefixtures("new_process")
def test_the_larger_copy_holds_what_was_imported_since(tmp_path: Path) -> None:
    install(tmp_path)
    process = installed_process()
    process.stop()
    watch = next(finder for finder in sys.meta_path if isinstance(finder, bindings.ImportedModules))
    watch.find_spec(f"{PROVIDER}.sns_topic", None)
    assert process._larger().tarball.read_text() == "sns_topic vpc"


def test_it_can_be_turned_off(new_process: pytest.MonkeyPatch, tmp_path: Path) -> None:
    new_process.setenv("FAST_SYNTH", "0")
    assert not install(tmp_path)
    assert nothing_changed()


@pytest.mark.usefixtures("new_process")
@pytest.mark.parametrize("name", NAMES)
def test_it_is_not_used_once_cdktf_is_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    sys.modules[name] = pytest  # removed again by the fixture
    assert not install(tmp_path)
    assert capsys.readouterr().err == f"fast synth not used: FastSynthError: {name} is imported already\n"


def test_it_is_not_used_with_a_runtime_of_the_users_own(new_process: pytest.MonkeyPatch, tmp_path: Path) -> None:
    new_process.setenv("JSII_RUNTIME", "/some/runtime.js")
    assert not install(tmp_path)
    assert nothing_changed()


def test_it_is_not_used_without_a_place_for_its_copies(
    new_process: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new_process.setenv("FAST_SYNTH_CACHE", str(tmp_path / "main.py" / "cache"))
    assert not install(tmp_path)
    assert nothing_changed()
    assert capsys.readouterr().err.count("\n") == 1


def test_reasons_are_given_only_when_asked_for(
    new_process: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new_process.delenv("FAST_SYNTH_DEBUG")
    new_process.setenv("JSII_RUNTIME", "/some/runtime.js")
    assert not install(tmp_path)
    assert capsys.readouterr().err == ""


def test_the_kernel_is_ended_when_jsii_cannot_be_taken_over(new_process: pytest.MonkeyPatch, tmp_path: Path) -> None:
    children = []

    def fail(child: object, *_: object) -> None:
        children.append(child)
        raise AttributeError("no kernel")

    new_process.setattr(installation, "_take_over", fail)
    assert not install(tmp_path)
    assert nothing_changed()
    assert children[0].returncode is not None  # type: ignore[attr-defined]


def test_the_whole_assembly_is_loaded_late_when_no_larger_copy_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAST_SYNTH_CACHE", str(tmp_path))
    provider = installed_assembly(PROVIDER)
    copies = installation._Copies(tmp_path, provider, Jsii("1.0.0", tmp_path / "missing"), "0.0.0")
    assert copies.assembly({"vpc"}) == provider
