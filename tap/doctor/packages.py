"""Whether the installed packages are those of the lock files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from tap.doctor.check import Check

GROUP = "Tools"
_SHOWN = 3


def python_packages(root: Path) -> Iterator[Check]:
    """Compare this Python's packages with Pipfile.lock.

    Set-up does nothing while its stamp is there, so that the remedy removes it.
    """
    try:
        lock = json.loads((root / "Pipfile.lock").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        yield Check.fault(GROUP, "Python packages", f"Pipfile.lock: {error}", "restore it: `git checkout Pipfile.lock`")
        return
    wanted = {name: entry for section in ("default", "develop") for name, entry in lock.get(section, {}).items()}
    differing = [fault for name, entry in sorted(wanted.items()) if (fault := _differs(name, entry))]
    yield _answer("Python packages", "Pipfile.lock", len(wanted), differing, "rm -f .venv/.setup && make setup")


def _differs(name: str, entry: dict[str, Any]) -> str | None:
    version = str(entry.get("version", "")).removeprefix("==")
    try:
        installed = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"{name} is missing" if _is_wanted_here(entry) else None
    return f"{name} {installed} instead of {version}" if version and installed != version else None


def _is_wanted_here(entry: dict[str, Any]) -> bool:
    """Whether the entry's marker holds for this Python and computer."""
    try:
        from packaging.markers import Marker
    except ModuleNotFoundError:
        return True
    marker = entry.get("markers")
    return Marker(marker).evaluate() if marker else True


def node_packages(root: Path) -> Iterator[Check]:
    """Compare what npm says it installed with package-lock.json."""
    remedy = "rm -f node_modules/.setup && make setup"
    try:
        lock = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))["packages"]
        # npm keeps it up to date: "hidden lockfiles" in its documentation of package-lock.json.
        there = json.loads((root / "node_modules/.package-lock.json").read_text(encoding="utf-8"))["packages"]
    except (OSError, ValueError, KeyError) as error:
        yield Check.fault(GROUP, "Node packages", f"what is installed cannot be read: {error}", f"`{remedy}`")
        return
    wanted = {path.removeprefix("node_modules/"): entry for path, entry in lock.items() if path}
    found = {path.removeprefix("node_modules/"): entry for path, entry in there.items() if path}
    differing = []
    for path, entry in sorted(wanted.items()):
        if path not in found:
            if not entry.get("optional") and not entry.get("peer"):
                differing.append(f"{path} is missing")
        elif found[path].get("version") != entry.get("version"):
            differing.append(f"{path} {found[path].get('version')} instead of {entry.get('version')}")
    yield _answer("Node packages", "package-lock.json", len(wanted), differing, remedy)


def _answer(name: str, lock: str, count: int, differing: list[str], command: str) -> Check:
    if not differing:
        return Check.ok(GROUP, name, f"{count} packages as in {lock}")
    more = f" and {len(differing) - _SHOWN} more" if len(differing) > _SHOWN else ""
    return Check.fault(GROUP, name, f"not as in {lock}: {', '.join(differing[:_SHOWN])}{more}", f"`{command}`")
