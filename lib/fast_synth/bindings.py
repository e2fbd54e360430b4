"""Makes the provider's Python bindings importable one module at a time."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Collection, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from lib.fast_synth.errors import FastSynthError
from lib.fast_synth.packages import PROVIDER
from lib.fast_synth.sources import is_module


def bare_package(provider: Path) -> ModuleType:
    """Return the provider's root package without running its `__init__`, which imports over 2,000 modules."""
    spec = importlib.util.find_spec(PROVIDER)
    if spec is None:
        raise FastSynthError(f"package {PROVIDER} is not installed")

    def import_on_demand(name: str) -> Any:
        if not is_module(provider, name):
            raise AttributeError(f"module {PROVIDER!r} has no attribute {name!r}")
        return importlib.import_module(f"{PROVIDER}.{name}")

    package = importlib.util.module_from_spec(spec)
    package.__dict__["__getattr__"] = import_on_demand
    return package


class ImportedModules:
    """Watches which modules of the provider are imported; finds none itself."""

    def __init__(self, provider: Path, included: Collection[str]) -> None:
        self._provider = provider
        self.modules = set(included)
        self._missing = False

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002  (the import system calls it so)
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        package, _, name = fullname.partition(".")
        if package == PROVIDER and name not in self.modules and is_module(self._provider, name):
            self.modules.add(name)
            self._missing = True
        return None

    def take_missing(self) -> bool:
        """Tell whether modules were imported since the last call that the set did not hold before."""
        missing, self._missing = self._missing, False
        return missing


def entered() -> bool:
    """Tell whether imports of the provider are watched already."""
    return any(isinstance(finder, ImportedModules) for finder in sys.meta_path)


def enter(package: ModuleType, watch: ImportedModules) -> None:
    """Put both in place."""
    sys.modules[PROVIDER] = package
    sys.meta_path.insert(0, watch)
