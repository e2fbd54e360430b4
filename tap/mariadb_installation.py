"""Installs MariaDB where it is missing: Debian's packages, or these unpacked within the project if they may not be
installed. Runs on the standard library alone.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tap.installation import SetupError, run
from tap.mariadb_programs import PLACES, REMEDY, mariadb_programs, unpacked_mariadb

PACKAGES = ("mariadb-server-core", "mariadb-client-core")
"""The server and mariadb-install-db; my_print_defaults, which the latter calls."""

INSTALL = ("install", "-y", "--no-install-recommends")
ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive"}
OFFLINE = f"Check that this computer reaches a Debian or Ubuntu mirror (apt's configuration is used). {REMEDY}"
DPKG_STATUS = Path("/var/lib/dpkg/status")


def install_mariadb(root: Path, log: Path, *, places: Sequence[str] = PLACES, status: Path = DPKG_STATUS) -> None:
    """Makes MariaDB's programs available, unless they are. Raises SetupError with the remedy.

    As root, or with a sudo that asks for no password, the packages are installed. Else they, and what they need and
    this computer lacks, are unpacked below `root`. `status` is what dpkg has installed.
    """
    if mariadb_programs(root, places=places):
        return
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise SetupError(f"MariaDB is missing, and set-up can install it on Debian and Ubuntu only. {REMEDY}")
    privilege = _privilege()
    if privilege is None:
        _unpack(root, log, status)
    else:
        apt = [*privilege, *(["env", *(f"{name}={value}" for name, value in ENVIRONMENT.items())] if privilege else [])]
        for arguments in (("update",), (*INSTALL, *PACKAGES)):
            _run([*apt, "apt-get", *arguments], root=root, log=log)
    if mariadb_programs(root, places=places) is None:
        raise SetupError(f"MariaDB's programs are not there after their installation (log: {log}). {REMEDY}")


def _privilege() -> list[str] | None:
    """What to put before a command that only root may run; None if there is no such thing."""
    if os.geteuid() == 0:
        return []
    try:
        allowed = subprocess.run(["sudo", "-n", "true"], stdin=subprocess.DEVNULL, capture_output=True).returncode == 0
    except OSError:
        return None
    return ["sudo", "-n"] if allowed else None


def _unpack(root: Path, log: Path, status: Path) -> None:
    """Fetches with lists and archives of the project's own, as those of the computer belong to root."""
    final = unpacked_mariadb(root).server.parent.parent.parent
    fresh, work = final.with_name("mariadb.new"), final.with_name("mariadb.apt")
    for folder in (fresh, work):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in (fresh, work / "state/lists/partial", work / "cache/archives/partial"):
        folder.mkdir(parents=True)
    options = {
        "Debug::NoLocking": "1",
        "Dir::State": f"{work / 'state'}/",
        "Dir::State::status": str(status),
        "Dir::Cache": f"{work / 'cache'}/",
    }
    apt = ["apt-get", *(part for name, value in options.items() for part in ("-o", f"{name}={value}"))]
    fetch = partial(_run, root=root, log=log)
    fetch([*apt, "update"])
    fetch([*apt, *INSTALL, "--download-only", *PACKAGES])
    for archive in sorted((work / "cache/archives").glob("*.deb")):
        fetch(["dpkg", "-x", str(archive), str(fresh)])
    shutil.rmtree(final, ignore_errors=True)
    fresh.rename(final)
    shutil.rmtree(work)


def _run(command: Sequence[str], *, root: Path, log: Path) -> None:
    run(command, root=root, log=log, environment={**os.environ, **ENVIRONMENT}, remedy=OFFLINE)
