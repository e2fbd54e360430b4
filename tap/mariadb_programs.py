"""Where MariaDB's programs are: it stands in for Aurora MySQL on the local AWS. Runs on the standard library alone."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tap.toolchain import ROOT

PLACES = (
    "/usr/sbin",
    "/usr/local/sbin",
    "/opt/homebrew/opt/mariadb/bin",
    "/usr/local/opt/mariadb/bin",
)
"""Folders that are not always on PATH: Debian's for servers, Homebrew's on Apple silicon and on Intel."""

REMEDY = (
    "Install MariaDB: apt-get install mariadb-server-core mariadb-client-core (Debian, Ubuntu), "
    "brew install mariadb (macOS)"
)


@dataclass(frozen=True)
class MariaDbPrograms:
    """MariaDB's server, and what prepares a data folder for it; `base` is set where neither knows its own place."""

    server: Path
    installer: Path
    base: Path | None = None

    @property
    def options(self) -> list[str]:
        """Options that both need."""
        return [f"--basedir={self.base}"] if self.base else []

    def environment(self, given: Mapping[str, str] = os.environ) -> dict[str, str]:
        """The environment that both need: libraries that were unpacked with them are found."""
        if self.base is None:
            return dict(given)
        libraries = sorted(str(folder) for folder in self.base.parent.glob("**/lib/*-linux-gnu*") if folder.is_dir())
        path = os.pathsep.join(filter(None, [*libraries, given.get("LD_LIBRARY_PATH", "")]))
        return {**given, "LD_LIBRARY_PATH": path}


def unpacked_mariadb(root: Path = ROOT) -> MariaDbPrograms:
    """Where set-up unpacks MariaDB if it may not install it."""
    base = root / ".tools/mariadb/usr"
    return MariaDbPrograms(base / "sbin/mariadbd", base / "bin/mariadb-install-db", base)


def mariadb_programs(
    root: Path = ROOT, environment: Mapping[str, str] = os.environ, places: Sequence[str] = PLACES
) -> MariaDbPrograms | None:
    """The programs to use: from PATH or the usual places, else those that set-up unpacked; None if there are none."""
    path = os.pathsep.join([environment.get("PATH", os.defpath), *places])
    server, installer = shutil.which("mariadbd", path=path), shutil.which("mariadb-install-db", path=path)
    if server and installer:
        return MariaDbPrograms(Path(server), Path(installer))
    unpacked = unpacked_mariadb(root)
    return unpacked if unpacked.server.exists() and unpacked.installer.exists() else None
