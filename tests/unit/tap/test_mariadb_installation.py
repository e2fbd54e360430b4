"""What set-up does where MariaDB is missing, with programs that note how they were called."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tap.installation import SetupError
from tap.mariadb_installation import install_mariadb
from tap.mariadb_programs import mariadb_programs

APT = """
echo "apt-get $*" >> "$CALLS"
case "$*" in *download-only*)
    for option; do case "$option" in Dir::Cache=*) : > "${option#*=}archives/server.deb";; esac; done;;
*install*) for name in mariadbd mariadb-install-db; do echo > "$SYSTEM/$name"; chmod +x "$SYSTEM/$name"; done;; esac
"""
DPKG = """
echo "dpkg $*" >> "$CALLS"
for name in sbin/mariadbd bin/mariadb-install-db; do mkdir -p "$3/usr/${name%/*}"; echo > "$3/usr/$name"; done
"""
SUDO = 'echo "sudo $*" >> "$CALLS"; shift; exec "$@"\n'


class Computer:
    """PATH, and a folder that the system's packages go to."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.programs, self.system = folder / "project", folder / "programs", folder / "system"
        self.calls = folder / "calls"
        for made in (self.root, self.programs, self.system):
            made.mkdir()
        for name in ("env", "chmod", "mkdir", "true"):
            (self.programs / name).symlink_to(f"/bin/{name}" if Path(f"/bin/{name}").exists() else f"/usr/bin/{name}")
        for variable, value in {"PATH": self.programs, "CALLS": self.calls, "SYSTEM": self.system}.items():
            monkeypatch.setenv(variable, str(value))

    def provide(self, name: str, script: str) -> None:
        (self.programs / name).write_text(f"#!/bin/sh\n{script}")
        (self.programs / name).chmod(0o755)

    def install(self) -> list[str]:
        """Runs the installation; the commands that it gave."""
        install_mariadb(self.root, self.root / "log", places=[str(self.system)], status=self.root / "status")
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Computer:
    made = Computer(tmp_path, monkeypatch)
    made.provide("apt-get", APT)
    made.provide("dpkg", DPKG)
    return made


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets the tests run as another user."""
    return lambda user: monkeypatch.setattr(os, "geteuid", lambda: user)


def test_root_installs_the_packages_once(computer: Computer, become: Callable[[int], None]) -> None:
    become(0)
    packages = "mariadb-server-core mariadb-client-core"
    expected = ["apt-get update", f"apt-get install -y --no-install-recommends {packages}"]
    assert computer.install() == expected
    assert computer.install() == expected


def test_sudo_without_a_password_serves_as_well(computer: Computer, become: Callable[[int], None]) -> None:
    become(1000)
    computer.provide("sudo", SUDO)
    calls = computer.install()
    assert calls[0] == "sudo -n true"
    assert calls[1] == "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get update"
    assert calls[2] == "apt-get update"


@pytest.mark.parametrize("sudo", [None, "exit 1\n"])
def test_without_privileges_the_packages_are_unpacked_in_the_project(
    computer: Computer, become: Callable[[int], None], sudo: str | None
) -> None:
    become(1000)
    if sudo:
        computer.provide("sudo", sudo)
    calls = computer.install()
    assert f"Dir::State::status={computer.root}/status" in calls[0]
    assert "--download-only" in calls[1]
    assert calls[2].startswith("dpkg -x")
    found = mariadb_programs(computer.root, places=[])
    assert found
    assert found.options == [f"--basedir={computer.root}/.tools/mariadb/usr"]
    assert [folder.name for folder in (computer.root / ".tools").iterdir()] == ["mariadb"]


def test_libraries_that_were_unpacked_are_found(computer: Computer, become: Callable[[int], None]) -> None:
    become(1000)
    computer.install()
    libraries = computer.root / ".tools/mariadb/usr/lib/x86_64-linux-gnu"
    libraries.mkdir(parents=True)
    found = mariadb_programs(computer.root, places=[])
    assert found
    assert found.environment({"LD_LIBRARY_PATH": "/other"})["LD_LIBRARY_PATH"] == f"{libraries}{os.pathsep}/other"


def test_other_systems_are_told_what_to_install(computer: Computer) -> None:
    (computer.programs / "apt-get").unlink()
    with pytest.raises(SetupError, match="brew install mariadb"):
        computer.install()


def test_a_mirror_that_is_not_reached_is_shown_with_the_remedy(
    computer: Computer, become: Callable[[int], None]
) -> None:
    become(0)
    computer.provide("apt-get", "echo could not resolve; exit 100\n")
    with pytest.raises(SetupError, match=r"could not resolve(.|\n)*reaches a Debian or Ubuntu mirror"):
        computer.install()


def test_packages_without_the_programs_are_an_error(computer: Computer, become: Callable[[int], None]) -> None:
    become(0)
    computer.provide("apt-get", "exit 0\n")
    with pytest.raises(SetupError, match="not there after their installation"):
        computer.install()
