"""Installs MariaDB where it is missing. Runs on the standard library alone."""

from collections.abc import Sequence
from pathlib import Path

from tap.debian_packages import DPKG_STATUS, DebianPrograms
from tap.mariadb_programs import PLACES, REMEDY, mariadb_programs, unpacked_mariadb

PACKAGES = ("mariadb-server-core", "mariadb-client-core")
"""The server and mariadb-install-db; my_print_defaults, which the latter calls."""


def install_mariadb(root: Path, log: Path, *, places: Sequence[str] = PLACES, status: Path = DPKG_STATUS) -> None:
    """Makes MariaDB's programs available, unless they are. Raises SetupError with the remedy."""
    programs = DebianPrograms(
        name="MariaDB",
        packages=PACKAGES,
        remedy=REMEDY,
        available=lambda: mariadb_programs(root, places=places) is not None,
        unpacked=unpacked_mariadb(root).server.parent.parent.parent,
    )
    programs.install(root, log, status=status)
