"""The canaries' package: the scripts where Synthetics looks for them, the same bytes everywhere."""

import base64
import hashlib
import zipfile
from pathlib import Path

import pytest

from lib.compute.canary_package import build_canary_package
from lib.compute.dependencies import PackageError
from lib.compute.package import ROOT


def test_scripts_are_in_the_folder_that_synthetics_reads(tmp_path: Path) -> None:
    built = build_canary_package(cache=tmp_path)
    assert base64.b64decode(built.sha256_base64) == hashlib.sha256(built.path.read_bytes()).digest()
    with zipfile.ZipFile(built.path) as zipped:
        assert zipped.namelist() == ["python/payment_canaries.py"]
        assert zipped.read("python/payment_canaries.py") == (ROOT / "lib/canary/payment_canaries.py").read_bytes()


def test_the_same_scripts_are_the_same_package(tmp_path: Path) -> None:
    for number, text in enumerate(("one = 1\n", "one = 1\n", "two = 2\n")):
        folder = tmp_path / str(number) / "lib" / "canary"
        folder.mkdir(parents=True)
        (folder / "one.py").write_text(text)
    first, second, other = (build_canary_package(tmp_path / str(number), tmp_path / "cache") for number in range(3))
    assert first == second
    assert first.path.read_bytes() != other.path.read_bytes()
    assert first.path != other.path
    assert sorted((tmp_path / "cache").iterdir()) == sorted({first.path, other.path})


def test_no_scripts_is_an_error_that_says_where_they_belong(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="lib/canary holds no Python files"):
        build_canary_package(tmp_path, tmp_path / "cache")
