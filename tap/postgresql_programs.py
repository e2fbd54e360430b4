"""Where PostgreSQL's programs are: it stands in for Aurora PostgreSQL on the local AWS. Standard library alone."""

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tap.toolchain import ROOT

PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
"""Folders that are not on PATH, one for each major version: Debian's, Homebrew's on Apple silicon and on Intel."""

REMEDY = "Install PostgreSQL: apt-get install postgresql (Debian, Ubuntu), brew install postgresql@17 (macOS)"


@dataclass(frozen=True)
class PostgreSqlPrograms:
    """PostgreSQL's server, and what prepares a data folder for it; `base` is set where set-up unpacked them.

    They find their own files from where they are; only their libraries have to be shown to them.
    """

    server: Path
    installer: Path
    base: Path | None = None

    def environment(self, given: Mapping[str, str] = os.environ) -> dict[str, str]:
        """The environment that both need: libraries that were unpacked with them are found."""
        if self.base is None:
            return dict(given)
        libraries = sorted(str(folder) for folder in self.base.glob("**/lib/*-linux-gnu*") if folder.is_dir())
        path = os.pathsep.join(filter(None, [*libraries, given.get("LD_LIBRARY_PATH", "")]))
        return {**given, "LD_LIBRARY_PATH": path}


def unpacked_postgresql(root: Path = ROOT) -> Path:
    """Where set-up unpacks PostgreSQL if it may not install it."""
    return root / ".tools/postgresql"


def postgresql_programs(
    root: Path = ROOT, environment: Mapping[str, str] = os.environ, places: Sequence[str] = PLACES
) -> PostgreSqlPrograms | None:
    """The programs to use: from PATH, else the newest in the usual places, else those that set-up unpacked.

    None if there are none.
    """
    folders = [environment.get("PATH", os.defpath), *(folder for place in places for folder in _newest_first(place))]
    unpacked = unpacked_postgresql(root)
    for base, path in [(None, path) for path in folders] + [
        (unpacked, path) for path in _newest_first(f"{unpacked}{PLACES[0]}")
    ]:
        server, installer = shutil.which("postgres", path=path), shutil.which("initdb", path=path)
        if server and installer:
            return PostgreSqlPrograms(Path(server), Path(installer), base)
    return None


def _newest_first(place: str) -> Iterator[str]:
    root, pattern = Path(place).anchor, place.removeprefix(Path(place).anchor)
    found = (str(folder) for folder in Path(root).glob(pattern))
    yield from sorted(found, key=lambda folder: [int(number) for number in re.findall(r"\d+", folder)], reverse=True)
