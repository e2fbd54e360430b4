"""What is on disk for a function's process."""

import io
import zipfile
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import psycopg
import pytest

from local_aws.functions.package import LibraryMissingError, link_compiled_libraries, link_runtime_client, unpack


def test_a_package_keeps_the_modes_of_its_files(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        entry = zipfile.ZipInfo("bin/run")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, "x")
    unpack(content.getvalue(), tmp_path / "package")
    assert (tmp_path / "package/bin/run").stat().st_mode & 0o777 == 0o755


def test_the_runtime_client_comes_alone(tmp_path: Path) -> None:
    link_runtime_client(tmp_path / "runtime")
    names = {path.name.split(".")[0] for path in (tmp_path / "runtime").iterdir() if not path.name.endswith("-info")}
    assert names == {"awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py"}


def package_with_driver(directory: Path, version: str) -> Path:
    """A package with PostgreSQL's driver, compiled for a processor that no computer has."""
    for name in ("psycopg_binary/_psycopg.cpython-313-none-linux-gnu.so", "psycopg_binary.libs/libpq.so.5", "own.py"):
        (directory / name).parent.mkdir(exist_ok=True, parents=True)
        (directory / name).touch()
    (directory / f"psycopg_binary-{version}.dist-info").mkdir()
    return directory


def test_compiled_libraries_are_this_computers(tmp_path: Path) -> None:
    package = package_with_driver(tmp_path / "package", psycopg.__version__)
    link_compiled_libraries(package)
    assert (package / f"psycopg_binary/_psycopg{EXTENSION_SUFFIXES[0]}").exists()
    assert not (package / "psycopg_binary/_psycopg.cpython-313-none-linux-gnu.so").exists()
    assert (package / "own.py").exists()
    link_compiled_libraries(package)


def test_compiled_library_of_another_version_is_not_taken(tmp_path: Path) -> None:
    package = package_with_driver(tmp_path / "package", "1.0")
    with pytest.raises(LibraryMissingError, match=r"pip install psycopg_binary==1\.0"):
        link_compiled_libraries(package)
