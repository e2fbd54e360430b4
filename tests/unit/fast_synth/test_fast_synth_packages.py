"""Installed packages and the project's imports are found without importing anything."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from lib.fast_synth import packages
from lib.fast_synth.errors import FastSynthError
from lib.fast_synth.packages import PROVIDER, installed_assembly, installed_jsii, package_folder
from lib.fast_synth.sources import imported_modules


@pytest.mark.parametrize(
    ("package", "name", "distribution"),
    [
        ("constructs", "constructs", "constructs"),
        ("cdktf", "cdktf", "cdktf"),
        (PROVIDER, "@cdktf/provider-aws", "cdktf-cdktf-provider-aws"),
    ],
)
def test_the_assembly_of_an_installed_package_is_read_from_its_bindings(
    package: str, name: str, distribution: str
) -> None:
    assembly = installed_assembly(package)
    assert (assembly.name, assembly.version) == (name, version(distribution))
    assert assembly.tarball.is_file()


def test_the_installed_jsii_is_known() -> None:
    jsii = installed_jsii()
    assert jsii.version == version("jsii")
    assert (jsii.runtime / "lib__program.js").is_file()


def test_another_major_version_of_jsii_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_metadata.json").write_text('{"version": "2.0.0"}')
    monkeypatch.setattr(packages, "package_folder", lambda _: tmp_path)
    with pytest.raises(FastSynthError, match="not of version 1"):
        installed_jsii()


def test_bindings_that_load_their_assembly_in_another_way_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "_jsii").mkdir()
    (tmp_path / "_jsii" / "__init__.py").write_text("import jsii\n")
    monkeypatch.setattr(packages, "package_folder", lambda _: tmp_path)
    with pytest.raises(FastSynthError, match="in the known way"):
        installed_assembly("cdktf")


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(FastSynthError, match="no_such_package is not installed"):
        package_folder("no_such_package")


def test_every_way_to_import_a_module_of_the_provider_is_found(tmp_path: Path) -> None:
    (tmp_path / "lib" / "deep").mkdir(parents=True)
    (tmp_path / "main.py").write_text(f"from {PROVIDER}.vpc import Vpc\n")
    (tmp_path / "lib" / "a.py").write_text(f"import {PROVIDER}.subnet\nfrom {PROVIDER} import eip, kms_key as key\n")
    (tmp_path / "lib" / "deep" / "b.py").write_text(
        f"def late():\n    from {PROVIDER} import (\n        sns_topic,\n        no_such_module,\n    )\n"
    )
    (tmp_path / "lib" / "c.py").write_text("vpc_endpoint = 1\n")
    sources = [tmp_path / "main.py", tmp_path / "lib", tmp_path / "missing"]
    found = imported_modules(sources, package_folder(PROVIDER))
    assert found == {"vpc", "subnet", "eip", "kms_key", "sns_topic"}
