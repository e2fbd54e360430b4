"""The function's package: same bytes everywhere, no more than needed, clear faults. The library is a local wheel."""

import base64
import hashlib
import os
import re
import runpy
import shutil
import ssl
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lib.compute import archive, dependencies, package
from lib.compute.package import ROOT, build_package

PACKAGED = [
    "boto3/__init__.py",
    "botocore/__init__.py",
    "botocore/data/dynamodb/2012-08-10/service-2.json.gz",
    "botocore/data/endpoints.json",
    "payment_processor.py",
    "payments/__init__.py",
    "payments/migrations/0001_first.sql",
    "rds_ca.pem",
    "tiny-1.0.dist-info/METADATA",
    "tiny-1.0.dist-info/licenses/LICENSE",
    "tiny/__init__.py",
]


@pytest.fixture
def restored_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_package_holds_what_the_function_needs_and_no_more(project: Path, filled_cache: Path) -> None:
    built = build_package(project, filled_cache)
    with zipfile.ZipFile(built.path) as zipped:
        assert zipped.namelist() == PACKAGED
        assert zipped.read("payments/__init__.py") == b"NAME = 'payments'\n"
        for entry in zipped.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.external_attr >> 16 == 0o100644
            assert entry.compress_type == zipfile.ZIP_STORED


def test_driver_of_postgresql_is_in_a_package_of_its_own_kind(project: Path, filled_cache: Path) -> None:
    plain, built = build_package(project, filled_cache), build_package(project, filled_cache, postgresql=True)
    assert built.path != plain.path
    with zipfile.ZipFile(built.path) as zipped:
        assert set(zipped.namelist()) - set(PACKAGED) == {
            "fast-1.0.dist-info/METADATA",
            "fast/_fast.cpython-313-aarch64-linux-gnu.so",
        }


def test_both_sections_of_the_lock_have_the_same_versions() -> None:
    pure, postgresql = (dependencies.read_lock_section(ROOT / "Pipfile.lock", name) for name in dependencies.WHEELS)
    assert {"psycopg", "psycopg-binary"} <= postgresql.keys()
    assert {name: pure[name]["version"] for name in pure.keys() & postgresql.keys()} == {
        name: postgresql[name]["version"] for name in pure.keys() & postgresql.keys()
    }


def test_digest_is_the_one_that_lambda_computes(project: Path, filled_cache: Path) -> None:
    built = build_package(project, filled_cache)
    digest = hashlib.sha256(built.path.read_bytes()).digest()
    assert built.sha256_base64 == base64.b64encode(digest).decode()


@pytest.mark.usefixtures("restored_umask")
def test_bytes_are_the_same_from_another_folder_with_other_times_modes_and_stray_files(
    project: Path, filled_cache: Path, tmp_path: Path
) -> None:
    here = build_package(project, filled_cache)
    copy = tmp_path / "another place" / "copy"
    shutil.copytree(project, copy)
    os.umask(0o077)
    stray = copy / "lib" / "lambda" / "payments" / "__pycache__" / "__init__.cpython-311.pyc"
    stray.parent.mkdir()
    stray.write_bytes(b"bytecode")
    (copy / "lib" / "lambda" / "notes.txt").write_text("stray", encoding="utf-8")
    for path in copy.rglob("*.py"):
        path.chmod(0o700)
        os.utime(path, (1, 1))
    there = build_package(copy, tmp_path / "another place" / "cache")
    assert there.path.read_bytes() == here.path.read_bytes()
    assert there == package.Package(tmp_path / "another place" / "cache" / here.path.name, here.sha256_base64)


def test_package_is_built_once(project: Path, filled_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build_package(project, filled_cache)
    monkeypatch.setattr(package, "write_archive", None)
    monkeypatch.setattr(package, "installed", None)
    assert build_package(project, filled_cache) == first


def test_change_of_a_source_makes_another_package(project: Path, filled_cache: Path) -> None:
    before = build_package(project, filled_cache)
    (project / "lib" / "lambda" / "payments" / "__init__.py").write_text("NAME = 'changed'\n", encoding="utf-8")
    after = build_package(project, filled_cache)
    assert after.path != before.path
    assert after.sha256_base64 != before.sha256_base64
    assert before.path.exists()


@pytest.mark.parametrize("damage", ["truncated", "note lost", "note garbled"])
def test_damaged_cache_is_built_anew(project: Path, filled_cache: Path, damage: str) -> None:
    whole = build_package(project, filled_cache)
    content = whole.path.read_bytes()
    note = whole.path.with_suffix(".json")
    if damage == "truncated":
        whole.path.write_bytes(content[:100])
    elif damage == "note lost":
        note.unlink()
    else:
        note.write_text("{}", encoding="utf-8")
    assert build_package(project, filled_cache) == whole
    assert whole.path.read_bytes() == content


def test_builds_at_the_same_time_do_not_disturb_each_other(project: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: build_package(project, cache), range(2))
    assert first == second
    assert base64.b64encode(hashlib.sha256(first.path.read_bytes()).digest()).decode() == first.sha256_base64
    assert [path.name for path in cache.rglob(".*")] == []


def test_libraries_that_cannot_be_put_in_place_are_an_error(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependencies, "_install", lambda *_: None)
    with pytest.raises(FileNotFoundError):
        build_package(project, tmp_path / "cache")


def test_command_prints_the_package_and_its_import_time(
    project: Path, filled_cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built = build_package(project, filled_cache)
    kinds: list[bool] = []

    def build(*, postgresql: bool) -> package.Package:
        kinds.append(postgresql)
        return built

    monkeypatch.setattr(package, "build_package", build)
    assert package.main([]) == 0
    assert kinds == [False, True]
    printed = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())
    assert Path(printed["path"]).resolve() == built.path.resolve()
    assert printed["size"] == f"{built.path.stat().st_size} bytes"
    assert printed["files"] == str(len(PACKAGED))
    assert re.fullmatch(r"\d+ ms", printed["handler import without bytecode"])
    assert re.fullmatch(r"\d+ ms", printed["handler import with bytecode"])
    assert "times that" in printed["boto3 import with bytecode"]


def test_command_says_when_the_handler_cannot_be_imported(
    project: Path, filled_cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "lib" / "lambda" / "payment_processor.py").write_text("import absent_library\n", encoding="utf-8")
    built = build_package(project, filled_cache)
    monkeypatch.setattr(package, "build_package", lambda **_: built)
    assert package.main([]) == 1
    error = capsys.readouterr().err
    assert "the package cannot import payment_processor" in error
    assert "absent_library" in error


def test_command_explains_itself(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["package", "--help"])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(package.__file__, run_name="__main__")
    assert end.value.code == 0
    assert "python -m lib.compute.package" in capsys.readouterr().out


def test_project_s_own_lock_pins_every_library_of_the_function() -> None:
    section = dependencies.read_lock_section(ROOT / "Pipfile.lock", "lambda")
    pinned = dependencies.requirements(section).splitlines()
    assert {"aws-lambda-powertools", "aws-xray-sdk", "boto3", "iso4217", "pymysql", "tenacity"} <= section.keys()
    assert all(re.fullmatch(r"[\w.-]+==\S+( --hash=sha256:[0-9a-f]{64})+", line) for line in pinned)


def test_services_kept_are_those_that_the_function_and_the_x_ray_sdk_call() -> None:
    sources = archive.source_files(ROOT / "lib" / "lambda").values()
    called = {
        service
        for path in sources
        for service in re.findall(r'(?:boto3|aws)\.client\(\s*"([a-z0-9-]+)"', path.read_text(encoding="utf-8"))
    }
    assert called | {"xray"} == {*archive.SERVICES, *archive.RECOVERY_SERVICES, *archive.DEPLOYMENT_SERVICES}


def test_certificates_are_those_in_use_of_every_region(project: Path, filled_cache: Path) -> None:
    built = build_package(project, filled_cache)
    with zipfile.ZipFile(built.path) as zipped:
        bundle = zipped.read("rds_ca.pem").decode("ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=bundle)
    certificates: Any = context.get_ca_certs()
    names = {dict(part[0] for part in certificate["subject"])["commonName"] for certificate in certificates}
    for algorithm in ("RSA2048", "RSA4096", "ECC384"):
        for region in ("us-east-1", "us-west-2", "eu-west-1"):
            assert f"Amazon RDS {region} Root CA {algorithm} G1" in names
    assert not any("Beta" in name or "2019" in name for name in names)


def test_builder_needs_the_standard_library_alone() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import lib.compute.package; "
        "print([name for name in sys.modules if name.split('.')[0] not in {*sys.stdlib_module_names, 'lib'}])"
    )
    outcome = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(ROOT)], capture_output=True, text=True, check=True
    )
    assert outcome.stdout.strip() == "['__main__']"
