"""Installs PostgreSQL where it is missing. Runs on the standard library alone."""

from collections.abc import Sequence
from pathlib import Path

from tap.debian_packages import DPKG_STATUS, DebianPrograms
from tap.postgresql_programs import PLACES, REMEDY, postgresql_programs, unpacked_postgresql

PACKAGES = ("postgresql",)
"""Debian's and Ubuntu's name for the one major version that a release of theirs has."""


def install_postgresql(root: Path, log: Path, *, places: Sequence[str] = PLACES, status: Path = DPKG_STATUS) -> None:
    """Makes PostgreSQL's programs available, unless they are. Raises SetupError with the remedy."""
    programs = DebianPrograms(
        name="PostgreSQL",
        packages=PACKAGES,
        remedy=REMEDY,
        available=lambda: postgresql_programs(root, places=places) is not None,
        unpacked=unpacked_postgresql(root),
    )
    programs.install(root, log, status=status)
