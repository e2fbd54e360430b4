"""Generated modules do the same when they are compiled in the slim way and checked at a glance."""

from __future__ import annotations

import sys
import typing
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import cdktf
import pytest

from lib.fast_synth import bindings, slim, type_checks
from lib.fast_synth.errors import FastSynthError
from lib.fast_synth.packages import PROVIDER, package_folder
from lib.fast_synth.slim import SlimLoader, slim_code
from lib.fast_synth.type_checks import Hint, Typeguard, hints_on_demand, is_plainly

SOURCE = '''"""Words."""
from __future__ import annotations
class Queue:
    """More words."""
    def check(self, value: Missing = None) -> int:
        """Even more."""
        return __debug__ and 1 // (value or 1)
    def empty(self): "Only words."
'''


def loaded(source: Path, cache: Path) -> ModuleType:
    loader = SlimLoader("queue_bindings", str(source), cache)
    spec = spec_from_file_location("queue_bindings", source, loader=loader)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "queue_bindings.py"
    path.write_text(SOURCE)
    return path


def test_slim_code_has_no_docstrings_and_keeps_checks_annotations_and_lines(source: Path) -> None:
    module = loaded(source, source.parent / "cache")
    assert (module.__doc__, module.Queue.__doc__, module.Queue.check.__doc__) == ("", "", "")
    assert module.Queue().check() == 1
    assert module.Queue().empty() is None
    assert module.Queue.check.__annotations__ == {"value": "Missing", "return": "int"}
    assert module.Queue.check.__code__.co_firstlineno == 5
    assert module.Queue.check.__code__.co_filename == str(source)


def test_a_module_is_compiled_once(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = source.parent / "cache"
    loaded(source, cache)
    monkeypatch.setattr(slim, "slim_code", None)
    assert loaded(source, cache).Queue().check() == 1


@pytest.mark.parametrize("content", [b"", b"damaged", b"\0" * 100])
def test_damaged_code_is_compiled_again(source: Path, content: bytes) -> None:
    cache = source.parent / "cache"
    loaded(source, cache)
    [file] = cache.iterdir()
    file.write_bytes(content)
    assert loaded(source, cache).Queue().check() == 1
    assert file.read_bytes() != content


def test_changed_source_is_compiled_again(source: Path) -> None:
    loaded(source, source.parent / "cache")
    source.write_text("class Queue: changed = True\n")
    assert loaded(source, source.parent / "cache").Queue.changed


def test_a_cache_that_cannot_be_written_means_pythons_own_way(source: Path) -> None:
    assert loaded(source, source / "cache").Queue.__doc__ == "More words."


def test_source_without_docstrings_is_left_as_it_is() -> None:
    assert isinstance(slim_code(b"x = 1\nclass A:\n    y = 2\n", "a.py"), CodeType)


def test_the_bare_package_has_the_modules_and_nothing_else() -> None:
    package = bindings.bare_package(package_folder(PROVIDER))
    assert package.sns_topic.SnsTopic
    with pytest.raises(AttributeError, match="has no attribute 'no_such_module'"):
        package.no_such_module  # noqa: B018


def test_a_provider_that_is_not_installed_has_no_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bindings, "find_spec", lambda _: None)
    with pytest.raises(FastSynthError, match="is not installed"):
        bindings.bare_package(tmp_path)


def test_only_generated_modules_are_found_and_only_new_ones_are_missing(tmp_path: Path) -> None:
    watch = bindings.ImportedModules(package_folder(PROVIDER), package_folder("cdktf"), {"vpc"}, tmp_path)
    for name in (f"{PROVIDER}._jsii", f"{PROVIDER}.no_such_module", "json.decoder", "cdktf.testing_matchers"):
        assert watch.find_spec(name, None) is None
    for name in (f"{PROVIDER}.vpc", "cdktf"):
        spec = watch.find_spec(name, None)
        assert spec is not None
        assert isinstance(spec.loader, SlimLoader)
    assert not watch.take_missing()
    watch.find_spec(f"{PROVIDER}.subnet", None)
    assert (watch.take_missing(), watch.take_missing()) == (True, False)
    assert watch.modules == {"vpc", "subnet"}


STACK: object = object.__new__(type("Stack", (cdktf.TerraformStack,), {}))


@pytest.mark.parametrize(
    ("value", "expected", "plain"),
    [
        ("text", str, True),
        (1, str, False),
        (None, typing.Optional[str], True),  # noqa: UP045  (the bindings write it so)
        (1.5, typing.Union[int, float], True),  # noqa: UP007
        ("text", typing.Any, True),
        (STACK, cdktf.TerraformStack, True),
        (STACK, cdktf.ITerraformDependable, False),
        (object.__new__(cdktf.TerraformResource), cdktf.ITerraformDependable, True),
        (["a", "b"], typing.Sequence[str], True),
        (["a", 1], typing.Sequence[str], False),
        ([], typing.Mapping[str, str], False),
        ({"a": "b"}, typing.Mapping[str, str], True),
        ({"a": 1}, typing.Mapping[str, str], False),
        ({1: "a"}, typing.Mapping[str, str], False),
        (("a",), typing.Sequence[str], False),
        ([{"a": None}], typing.Sequence[typing.Mapping[str, typing.Any]], True),
    ],
)
def test_only_what_is_plainly_of_a_type_is_accepted_at_a_glance(value: object, expected: Any, plain: bool) -> None:
    assert is_plainly(value, expected) is plain


@pytest.fixture
def typeguard() -> Iterator[Typeguard]:
    """The stand-in in place, with the real module not imported yet."""
    real = sys.modules.pop(type_checks.NAME, None)
    sys.modules[type_checks.NAME] = stand_in = Typeguard(None)
    yield stand_in
    sys.modules.pop(type_checks.NAME)
    if real is not None:
        sys.modules[type_checks.NAME] = real


def hint(annotation: object) -> Hint:
    return Hint(annotation, {"typing": typing}, typing.get_type_hints)


def test_what_passes_at_a_glance_needs_no_typeguard(typeguard: Typeguard) -> None:
    typeguard.check_type(argname="a", value=None, expected_type=hint("typing.Optional[Unknown]"))
    typeguard.check_type(argname="a", value="text", expected_type=hint("typing.Optional[str]"))
    assert sys.modules[type_checks.NAME] is typeguard


@pytest.mark.parametrize("expected", [hint("typing.Optional[str]"), typing.Optional[str]])  # noqa: UP045
def test_what_does_not_pass_is_typeguards_own_error(typeguard: Typeguard, expected: Any) -> None:
    with pytest.raises(TypeError, match=r"type of argument name must be one of \(str, NoneType\); got int instead"):
        typeguard.check_type(argname="argument name", value=3, expected_type=expected)
    assert sys.modules[type_checks.NAME] is not typeguard
    assert typeguard.typechecked


def test_a_typeguard_that_is_imported_already_is_used() -> None:
    real = ModuleType("typeguard")
    real.check_type = lambda **options: f"checked {options['value']}"  # type: ignore[attr-defined]
    assert Typeguard(real).check_type(value=1, expected_type=str) == "checked 1"


def test_hints_are_made_on_demand_and_kept_for_generated_stubs_only() -> None:
    calls: list[object] = []

    def get_type_hints(obj: object, *_: object) -> dict[str, object]:
        calls.append(obj)
        return {"value": str}

    def _typecheckingstub__1(value: str) -> None: ...

    hints = hints_on_demand(get_type_hints)
    kept = hints(_typecheckingstub__1)
    assert hints(_typecheckingstub__1) is kept
    assert calls == []
    assert kept["value"].type is str
    hints(slim_code)
    hints(_typecheckingstub__1, {})
    assert calls[1:] == [slim_code, _typecheckingstub__1]
