"""Answers the type checks of the generated bindings that are plainly passed, and leaves all others to typeguard.

The bindings ask for the type hints of all arguments each time a resource is made, though most arguments are left out
(None), and have typeguard check each one. Typeguard takes 0.04 s to import and works out anew what an expected type
consists of. Whatever is not accepted here at a glance goes to typeguard, so that every error is its own.
"""

from __future__ import annotations

import collections.abc
import functools
import importlib
import sys
import typing
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

NAME = "typeguard"
_STUB = "_typecheckingstub__"
TypeHints = Callable[..., dict[str, Any]]


class Typeguard(ModuleType):
    """Stands in for the module typeguard, which is imported when it is needed unless it is there already."""

    def __init__(self, real: ModuleType | None) -> None:
        super().__init__(NAME)
        self._real = real

    def __getattr__(self, name: str) -> Any:
        if self._real is None:
            del sys.modules[NAME]
            self._real = importlib.import_module(NAME)
        return getattr(self._real, name)

    def check_type(self, *arguments: Any, **options: Any) -> Any:
        """Raise TypeError when `value` is not of `expected_type`."""
        expected = options.get("expected_type")
        if isinstance(expected, Hint):
            if options["value"] is None and expected.optional:
                return None
            options["expected_type"] = expected.type
            if is_plainly(options["value"], expected.type):
                return options["value"]
        return self.__getattr__("check_type")(*arguments, **options)


class Hint:
    """The annotation of one argument of a generated stub, evaluated when it is first needed."""

    def __init__(
        self, annotation: Any, namespace: dict[str, Any], get_type_hints: Callable[..., dict[str, Any]]
    ) -> None:
        self._annotation = annotation
        self._namespace = namespace
        self._get_type_hints = get_type_hints
        self.optional = isinstance(annotation, str) and annotation.startswith("typing.Optional[")

    @functools.cached_property
    def type(self) -> Any:
        stub = SimpleNamespace(__annotations__={"value": self._annotation})
        return self._get_type_hints(stub, self._namespace)["value"]


def hints_on_demand(get_type_hints: TypeHints) -> TypeHints:
    """Return the function with its answers for the generated stubs, which nobody but `check_type` sees, kept."""
    kept: dict[object, dict[str, Any]] = {}

    @functools.wraps(get_type_hints)
    def hints(obj: Any, *arguments: Any, **options: Any) -> dict[str, Any]:
        if arguments or options or not getattr(obj, "__name__", "").startswith(_STUB):
            return get_type_hints(obj, *arguments, **options)
        if obj not in kept:
            annotations = obj.__annotations__.items()
            kept[obj] = {name: Hint(each, obj.__globals__, get_type_hints) for name, each in annotations}
        return kept[obj]

    return hints


class _Accepted(NamedTuple):
    """What an expected type accepts at a glance: classes, items of lists, values of dicts with string keys."""

    classes: frozenset[type]
    items: tuple[Any, ...]
    values: tuple[Any, ...]


def is_plainly(value: object, expected: Any) -> bool:
    """Tell whether a value is of the expected type without any doubt; False says nothing."""
    accepted = _accepted(expected)
    kind = type(value)
    if kind in accepted.classes or typing.Any in accepted.classes:
        return True
    if isinstance(value, list):
        return any(all(is_plainly(item, each) for item in value) for each in accepted.items)
    if isinstance(value, dict):
        return any(all(type(key) is str and is_plainly(value[key], each) for key in value) for each in accepted.values)
    return not accepted.classes.isdisjoint((*kind.__mro__, *getattr(kind, "__jsii_ifaces__", ())))


@functools.cache
def _accepted(expected: Any) -> _Accepted:
    alternatives = typing.get_args(expected) if typing.get_origin(expected) is typing.Union else (expected,)
    generics = [(typing.get_origin(each), typing.get_args(each)) for each in alternatives]
    return _Accepted(
        frozenset(each for each in alternatives if isinstance(each, type) or each is typing.Any),
        tuple(types[0] for origin, types in generics if origin is collections.abc.Sequence),
        tuple(types[1] for origin, types in generics if origin is collections.abc.Mapping and types[0] is str),
    )
