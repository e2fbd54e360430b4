"""Makes the provider's Python bindings importable one module at a time."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Collection, Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from lib.fast_synth.errors import FastSynthError
from lib.fast_synth.packages import PROVIDER
from lib.fast_synth.slim import SlimLoader
from lib.fast_synth.sources import is_module


def bare_package(provider: Path) -> ModuleType:
    """Return the provider's root package without running its `__init__`, which imports over 2,000 modules."""
    spec = find_spec(PROVIDER)
    if spec is None:
        raise FastSynthError(f"package {PROVIDER} is not installed")

    def import_on_demand(name: str) -> Any:
        if not is_module(provider, name):
            raise AttributeError(f"module {PROVIDER!r} has no attribute {name!r}")
        return importlib.import_module(f"{PROVIDER}.{name}")

    package = module_from_spec(spec)
    package.__dict__["__getattr__"] = import_on_demand
    return package


class ImportedModules:
    """Finds the generated modules of the provider, and cdktf, and notes which of the provider's are imported."""

    def __init__(self, provider: Path, cdktf: Path, included: Collection[str], cache: Path) -> None:
        self._provider = provider
        self._cdktf = cdktf
        self._cache = cache
        self.modules = set(included)
        self._missing = False

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002  (the import system calls it so)
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        package, _, name = fullname.partition(".")
        if package == PROVIDER and is_module(self._provider, name):
            if name not in self.modules:
                self.modules.add(name)
                self._missing = True
            return self._spec(fullname, self._provider / name)
        return self._spec(fullname, self._cdktf) if fullname == "cdktf" else None

    def _spec(self, fullname: str, folder: Path) -> ModuleSpec | None:
        source = folder / "__init__.py"
        loader = SlimLoader(fullname, str(source), self._cache)
        return spec_from_file_location(fullname, source, loader=loader, submodule_search_locations=[str(folder)])

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
