"""A package that cannot be built: one clear fault, with the remedy."""

import os
import re
import shutil
from pathlib import Path

import pytest

from lib.compute import certificates, dependencies
from lib.compute.dependencies import PackageError
from lib.compute.package import build_package


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, r"Pipfile.lock does not exist; run `pipenv lock --categories lambda`"),
        ("{", r"Pipfile.lock is not JSON"),
        ("[]", r"Pipfile.lock has no section 'lambda'"),
        ('{"default": {}}', r"Pipfile.lock has no section 'lambda'"),
        ('{"lambda": {"tiny": {"git": "x"}}}', r"tiny is not locked to a version and its hashes"),
        ('{"lambda": {"tiny": {"version": "==1.0"}}}', r"tiny is not locked to a version and its hashes"),
        ('{"lambda": {"tiny": "*"}}', r"tiny is not locked to a version and its hashes"),
    ],
)
def test_useless_lock_is_refused_with_the_remedy(
    project: Path, tmp_path: Path, text: str | None, complaint: str
) -> None:
    lock = project / "Pipfile.lock"
    lock.unlink() if text is None else lock.write_text(text, encoding="utf-8")
    with pytest.raises(PackageError, match=complaint):
        build_package(project, tmp_path / "cache")


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        (None, r"defaults.js is missing; run `make setup`"),
        ("exports.defaults = [];", r"holds no certificate of Amazon RDS; run `make setup`"),
        (
            "['-----BEGIN CERTIFICATE-----\\n' + 'AAAA\\n' + '-----END CERTIFICATE-----\\n']",
            r"does not hold certificates \(.*\); run `make setup`",
        ),
    ],
)
def test_useless_certificates_are_refused_with_the_remedy(
    project: Path, filled_cache: Path, script: str | None, complaint: str
) -> None:
    source = project / certificates.SOURCE
    source.unlink() if script is None else source.write_text(script, encoding="utf-8")
    with pytest.raises(PackageError, match=complaint):
        build_package(project, filled_cache)


def test_project_without_sources_is_refused(project: Path, filled_cache: Path) -> None:
    shutil.rmtree(project / "lib" / "lambda")
    with pytest.raises(PackageError, match="holds no Python files"):
        build_package(project, filled_cache)


def test_module_named_like_a_library_is_refused(project: Path, filled_cache: Path) -> None:
    (project / "lib" / "lambda" / "tiny").mkdir()
    (project / "lib" / "lambda" / "tiny" / "__init__.py").write_text("", encoding="utf-8")
    with pytest.raises(PackageError, match=r"tiny/__init__.py is both a library's and the function's"):
        build_package(project, filled_cache)


def test_library_with_another_hash_is_refused(project: Path, tmp_path: Path) -> None:
    lock = project / "Pipfile.lock"
    lock.write_text(re.sub(r"sha256:\w+", "sha256:" + "0" * 64, lock.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(PackageError, match=r"does not have the hash that Pipfile\.lock gives"):
        build_package(project, tmp_path / "cache")
    assert list((tmp_path / "cache").rglob("*.zip")) == []


def test_library_without_a_pure_wheel_is_refused(
    project: Path, wheels: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(wheels["lambda"], tmp_path / "tiny-1.0-cp313-cp313-manylinux_2_17_x86_64.whl")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(PackageError, match="no such wheel"):
        build_package(project, tmp_path / "cache")


def test_unreachable_index_is_named(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PIP_NO_INDEX": "0",
        "PIP_FIND_LINKS": "",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_CONFIG_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(PackageError, match="package index cannot be reached; check the network"):
        build_package(project, tmp_path / "cache")


def test_other_failure_of_pip_is_quoted(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependencies, "INSTALL_OPTIONS", ("--no-such-option",))
    with pytest.raises(PackageError, match=r"pip failed: [\s\S]*no such option: --no-such-option"):
        build_package(project, tmp_path / "cache")


def test_endless_install_is_ended(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependencies, "INSTALL_SECONDS", 0)
    with pytest.raises(PackageError, match="pip took more than 0 s"):
        build_package(project, tmp_path / "cache")


def test_missing_pip_is_named(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(PackageError, match=r"pip is missing .*; run `.* -m ensurepip`"):
        build_package(project, tmp_path / "cache")
