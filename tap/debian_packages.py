"""Programs of Debian's packages: installed where this user may, else unpacked within the project.

Runs on the standard library alone.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tap.installation import SetupError, run

INSTALL = ("install", "-y", "--no-install-recommends")
ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive"}
DPKG_STATUS = Path("/var/lib/dpkg/status")


@dataclass(frozen=True, kw_only=True)
class DebianPrograms:
    """Programs under the `name` that people know: the packages that hold them, and how to get them elsewhere.

    `available` says whether they are there; `unpacked` is where they are unpacked, a folder of their own.
    """

    name: str
    packages: Sequence[str]
    remedy: str
    available: Callable[[], bool]
    unpacked: Path

    def install(self, root: Path, log: Path, *, status: Path = DPKG_STATUS) -> None:
        """Makes them available, unless they are. Raises SetupError with the remedy.

        As root, or with a sudo that asks for no password, the packages are installed. Else they, and what they need and
        this computer lacks, are unpacked. `status` is what dpkg has installed.
        """
        if self.available():
            return
        if not (shutil.which("apt-get") and shutil.which("dpkg")):
            raise SetupError(
                f"{self.name} is missing, and set-up can install it on Debian and Ubuntu only. {self.remedy}"
            )
        command = partial(self._run, root=root, log=log)
        privilege = _privilege()
        if privilege is None:
            self._unpack(command, status)
        else:
            variables = ["env", *(f"{name}={value}" for name, value in ENVIRONMENT.items())] if privilege else []
            for arguments in (("update",), (*INSTALL, *self.packages)):
                command([*privilege, *variables, "apt-get", *arguments])
        if not self.available():
            raise SetupError(
                f"{self.name}'s programs are not there after their installation (log: {log}). {self.remedy}"
            )

    def _unpack(self, command: Callable[[Sequence[str]], None], status: Path) -> None:
        """Fetches with lists and archives of the project's own, as those of the computer belong to root."""
        final = self.unpacked
        fresh, work = final.with_name(f"{final.name}.new"), final.with_name(f"{final.name}.apt")
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
        command([*apt, "update"])
        command([*apt, *INSTALL, "--download-only", *self.packages])
        for archive in sorted((work / "cache/archives").glob("*.deb")):
            command(["dpkg", "-x", str(archive), str(fresh)])
        shutil.rmtree(final, ignore_errors=True)
        fresh.rename(final)
        shutil.rmtree(work)

    def _run(self, command: Sequence[str], *, root: Path, log: Path) -> None:
        remedy = (
            f"Check that this computer reaches a Debian or Ubuntu mirror (apt's configuration is used). {self.remedy}"
        )
        run(command, root=root, log=log, environment={**os.environ, **ENVIRONMENT}, remedy=remedy)


def _privilege() -> list[str] | None:
    """What to put before a command that only root may run; None if there is no such thing."""
    if os.geteuid() == 0:
        return []
    try:
        allowed = subprocess.run(["sudo", "-n", "true"], stdin=subprocess.DEVNULL, capture_output=True).returncode == 0
    except OSError:
        return None
    return ["sudo", "-n"] if allowed else None
