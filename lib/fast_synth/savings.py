"""Small savings in how Python runs the generated bindings; what they do stays the same.

Of the processor time that Python needs for a stack of 200 resources, 8 % were garbage collections that found nothing,
about 10 % type checks and what they are made with (`type_checks`), 4 % the version of typeguard, which each of the
modules reads from its metadata. A tenth of the wall clock was the last collection when Python ends, which looks through
every class and function once more.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import importlib.metadata
import importlib.util
import sys
import typing
from types import ModuleType
from typing import Any

from lib.fast_synth import type_checks

# Allocations between collections; Python's own 700 is for programs that do not import 100,000 objects at the start.
COLLECTION_THRESHOLD = 200_000


# pydantic-settings imports it for asynchronous command lines, of which there are none here.
LAZY_MODULES = ("asyncio",)


def apply_savings() -> None:
    """Put the savings in place for the rest of the process."""
    for name in LAZY_MODULES:
        import_when_used(name)
    gc.set_threshold(COLLECTION_THRESHOLD)
    atexit.register(gc.freeze)
    vars(importlib.metadata)["version"] = functools.cache(importlib.metadata.version)
    sys.modules[type_checks.NAME] = type_checks.Typeguard(sys.modules.get(type_checks.NAME))
    vars(typing)["get_type_hints"] = type_checks.hints_on_demand(typing.get_type_hints)


def import_when_used(name: str) -> None:
    """Have `import name` cost nothing until something of the module is used.

    Python's own LazyLoader does not serve: until 3.12 a second `import` of the module counts as use.
    """
    if name in sys.modules:
        return
    stand_in = ModuleType(name)
    stand_in.__spec__ = importlib.util.find_spec(name)

    def load(attribute: str) -> Any:
        if sys.modules.get(name) is stand_in:
            del sys.modules[name]
        module = importlib.import_module(name)
        vars(stand_in).update(vars(module))
        return getattr(module, attribute)

    vars(stand_in)["__getattr__"] = load
    sys.modules[name] = stand_in
