"""Where PostgreSQL's programs are found, and what set-up does where they are missing."""

import os
from pathlib import Path

import pytest

from tap.installation import SetupError
from tap.postgresql_installation import install_postgresql
from tap.postgresql_programs import postgresql_programs, unpacked_postgresql


def provide(folder: Path, *names: str, script: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(f"#!/bin/sh\n{script}")
        (folder / name).chmod(0o755)
    return folder


def test_programs_on_path_come_first_and_the_newest_of_the_usual_places_next(tmp_path: Path) -> None:
    for version in ("9", "15", "17"):
        provide(tmp_path / f"postgresql/{version}/bin", "postgres", "initdb")
    places = [f"{tmp_path}/postgresql/*/bin"]
    on_path = provide(tmp_path / "path", "postgres", "initdb")
    found = postgresql_programs(tmp_path, {"PATH": str(on_path)}, places)
    assert found
    assert (found.server, found.base) == (on_path / "postgres", None)
    found = postgresql_programs(tmp_path, {"PATH": ""}, places)
    assert found
    assert found.installer == tmp_path / "postgresql/17/bin/initdb"


def test_a_server_and_an_installer_of_different_places_do_not_go_together(tmp_path: Path) -> None:
    provide(tmp_path / "path", "postgres")
    provide(tmp_path / "postgresql/15/bin", "initdb")
    assert postgresql_programs(tmp_path, {"PATH": str(tmp_path / "path")}, [f"{tmp_path}/postgresql/*/bin"]) is None


def test_libraries_that_were_unpacked_are_found(tmp_path: Path) -> None:
    base = unpacked_postgresql(tmp_path)
    provide(base / "usr/lib/postgresql/15/bin", "postgres", "initdb")
    libraries = provide(base / "usr/lib/x86_64-linux-gnu")
    found = postgresql_programs(tmp_path, {"PATH": ""}, [])
    assert found
    assert found.environment({"LD_LIBRARY_PATH": "/other"})["LD_LIBRARY_PATH"] == f"{libraries}{os.pathsep}/other"


def test_environment_of_installed_programs_is_as_given(tmp_path: Path) -> None:
    on_path = provide(tmp_path / "path", "postgres", "initdb")
    found = postgresql_programs(tmp_path, {"PATH": str(on_path)}, [])
    assert found
    assert found.environment({"LANG": "C"}) == {"LANG": "C"}


def test_without_privileges_the_package_is_unpacked_in_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = provide(
        tmp_path / "programs",
        "apt-get",
        script='for option; do case "$option" in Dir::Cache=*) : > "${option#*=}archives/server.deb";; esac; done\n'
        'echo "$*" >> "$CALLS"\n',
    )
    unpack = 'mkdir -p "$3/usr/lib/postgresql/15/bin"; cd "$3/usr/lib/postgresql/15/bin"\n'
    provide(programs, "dpkg", script=f"{unpack}for name in postgres initdb; do echo > $name; chmod +x $name; done\n")
    for name in ("mkdir", "chmod"):
        (programs / name).symlink_to(f"/bin/{name}")
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for _ in range(2):
        install_postgresql(tmp_path, tmp_path / "log", places=[])
    calls = (tmp_path / "calls").read_text().splitlines()
    assert len(calls) == 2
    assert calls[1].endswith("--download-only postgresql")
    found = postgresql_programs(tmp_path, {"PATH": ""}, [])
    assert found
    assert found.base == tmp_path / ".tools/postgresql"
    assert [folder.name for folder in (tmp_path / ".tools").iterdir()] == ["postgresql"]


def test_other_systems_are_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match=r"PostgreSQL is missing.*brew install postgresql@17"):
        install_postgresql(tmp_path, tmp_path / "log", places=[])
