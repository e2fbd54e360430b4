"""The image's build context: the same bytes everywhere, nothing that does not belong into it, clear faults."""

import json
import os
import runpy
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from lib.compute import certificates, image_source
from lib.compute.dependencies import PackageError
from lib.compute.image_source import ROOT, build_image_source

DIGEST = f"sha256:{'0' * 64}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the context is made of, with one library in the lock file."""
    root = tmp_path / "project"
    for folder in ("lib/container", "lib/lambda"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    source = root / certificates.SOURCE
    source.parent.mkdir(parents=True)
    shutil.copyfile(ROOT / certificates.SOURCE, source)
    section = {"tiny": {"version": "==1.0", "hashes": [DIGEST], "markers": "sys_platform == 'nowhere'"}}
    (root / "Pipfile.lock").write_text(json.dumps({"_meta": {}, "container": section}), encoding="utf-8")
    return root


def test_context_holds_what_the_image_needs_and_no_more(project: Path, tmp_path: Path) -> None:
    built = build_image_source(project, tmp_path)
    with zipfile.ZipFile(built.path) as zipped:
        names = zipped.namelist()
        assert zipped.read("requirements.txt").decode() == f"tiny==1.0 --hash={DIGEST}\n"
        assert zipped.read("base_image").decode().startswith("public.ecr.aws/docker/library/python")
        assert zipped.read("service/rds_ca.pem").startswith(b"-----BEGIN CERTIFICATE-----")
    outside = [name for name in names if not name.startswith("service/")]
    assert outside == ["Dockerfile", "base_image", "buildspec.yml", "requirements.txt"]
    assert {"service/payment_service/__main__.py", "service/service_probe.py", "service/payments/http.py"} <= {*names}
    assert {name.split("/")[1] for name in names if name.startswith("service/")} == {
        "payment_service",
        "payments",
        "rds_ca.pem",
        "service_probe.py",
    }


def test_bytes_are_the_same_from_another_folder_with_other_times_modes_and_stray_files(
    project: Path, tmp_path: Path
) -> None:
    here = build_image_source(project, tmp_path / "here")
    copy = tmp_path / "another place" / "copy"
    shutil.copytree(project, copy)
    stray = copy / "lib" / "container" / "__pycache__" / "service_probe.cpython-311.pyc"
    stray.parent.mkdir()
    stray.write_bytes(b"bytecode")
    (copy / "lib" / "container" / "notes.txt").write_text("stray", encoding="utf-8")
    for path in copy.rglob("*.py"):
        path.chmod(0o700)
        os.utime(path, (1, 1))
    there = build_image_source(copy, tmp_path / "there")
    assert there.path.read_bytes() == here.path.read_bytes()
    assert there.tag == here.tag
    assert there.path.name == f"payment_service-{here.tag}.zip"
    assert list((tmp_path / "there").iterdir()) == [there.path]


@pytest.mark.parametrize(
    "changed", ["lib/container/Dockerfile", "lib/lambda/payments/http.py", "lib/container/service_probe.py"]
)
def test_tag_follows_from_the_content(project: Path, tmp_path: Path, changed: str) -> None:
    before = build_image_source(project, tmp_path).tag
    with (project / changed).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert build_image_source(project, tmp_path).tag != before


@pytest.mark.parametrize("lock", [None, "{", "[]", "{}", '{"container": {}}', '{"container": {"tiny": {"path": "."}}}'])
def test_lock_file_of_no_use_is_named_with_the_remedy(project: Path, tmp_path: Path, lock: str | None) -> None:
    path = project / "Pipfile.lock"
    path.unlink()
    if lock is not None:
        path.write_text(lock, encoding="utf-8")
    with pytest.raises(PackageError, match="pipenv lock --categories"):
        build_image_source(project, tmp_path)


def test_as_a_program_it_prints_where_the_context_is(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built = build_image_source(project, tmp_path)
    monkeypatch.setattr(image_source, "build_image_source", lambda: built)
    assert image_source.main() == 0
    assert capsys.readouterr().out == f"path: {built.path}\ntag: {built.tag}\n"


def test_as_a_program_it_ends_with_the_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "lib.compute.image_source")
    monkeypatch.setattr(certificates, "SOURCE", Path("nowhere"))
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("lib.compute.image_source", run_name="__main__")
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("image source: nowhere is missing")
