"""Tools: each there, missing, or of another version. `root` is a small project of its own."""

from __future__ import annotations

import json
import shutil
from collections import namedtuple
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from tap.doctor.check import Check, Status
from tap.doctor.packages import node_packages, python_packages
from tap.doctor.tools import GIBIBYTE, Tools
from tap.provider_mirror import PROVIDER_SOURCE, PROVIDER_VERSION
from tap.terraform_release import platform_id

Usage = namedtuple("Usage", "total used free")


def only(checks: Iterator[Check]) -> Check:
    [check] = checks
    return check


def program(path: Path, output: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{output}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with its Node.js and cdktf."""
    root = tmp_path / "project"
    versions = {"node": "22.23.3", "cdktf-cli": "0.21.0", "fsevents": "2.3.3"}
    lock = {f"node_modules/{name}": {"version": version} for name, version in versions.items()}
    lock["node_modules/fsevents"]["optional"] = True  # type: ignore[assignment]
    there = {path: entry for path, entry in lock.items() if "fsevents" not in path}
    program(root / "node_modules/.bin/node", "v22.23.3")
    (root / "node_modules/cdktf-cli").mkdir()
    (root / "node_modules/cdktf-cli/package.json").write_text('{"version": "0.21.0"}')
    (root / "package-lock.json").write_text(json.dumps({"packages": {"": {"name": "project"}, **lock}}))
    (root / "node_modules/.package-lock.json").write_text(json.dumps({"packages": there}))
    return root


@pytest.fixture
def found(root: Path, tmp_path: Path) -> Tools:
    """The tools as a process without anything on its PATH finds them."""
    return Tools(root, {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path / "home")})


def test_python_is_3_11_or_later(found: Tools) -> None:
    assert only(found.python()).status is Status.OK
    old = only(found.python((3, 10, 2)))
    assert (old.status, old.found) == (Status.FAULT, "3.10.2 is older than 3.11")


def test_node_is_the_pinned_one(found: Tools, root: Path, tmp_path: Path) -> None:
    assert only(found.node()) == Check.ok("Tools", "Node.js", "22.23.3")
    other = program(tmp_path / "other/node", "v18.0.0")
    named = Tools(root, {"JSII_NODE": str(other)})
    assert only(named.node()).status is Status.WARNING
    assert only(named.node()).remedy == "unset JSII_NODE"
    (root / "node_modules/.bin/node").unlink()
    assert only(found.node()).status is Status.FAULT


def test_cdktf_is_the_locked_one(found: Tools, root: Path) -> None:
    assert only(found.cdktf()) == Check.ok("Tools", "cdktf", "0.21.0")
    description = root / "node_modules/cdktf-cli/package.json"
    description.write_text('{"version": "0.20.0"}')
    assert only(found.cdktf()).found == "0.20.0 instead of 0.21.0"
    description.unlink()
    assert only(found.cdktf()).status is Status.FAULT


def test_terraform_comes_from_path_or_from_set_up(found: Tools, root: Path, tmp_path: Path) -> None:
    missing = only(found.terraform())
    assert (missing.status, missing.remedy) == (Status.FAULT, "`make setup`")
    assert "none on PATH" in missing.found
    fetched = program(root / ".tools/terraform/terraform", "Terraform v1.11.4")
    assert only(found.terraform()).found == f"1.11.4, {fetched} (fetched by set-up)"
    on_path = program(tmp_path / "bin/terraform", "Terraform v1.12.0")
    assert only(found.terraform()).found == f"1.12.0, {on_path} (from PATH)"
    on_path.unlink()
    program(fetched, "nothing")
    assert only(found.terraform()) == Check.fault(
        "Tools", "Terraform", f"{fetched} does not run", "rm -rf .tools/terraform; `make setup`"
    )


def test_the_provider_comes_from_a_mirror_or_from_the_registry(
    found: Tools, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tap.toolchain.provider_mirrors", lambda _base: iter(()))
    assert only(found.provider()).found.startswith(f"{PROVIDER_VERSION}, from registry.terraform.io")
    mirror = tmp_path / "mirror"
    folder = mirror / PROVIDER_SOURCE / PROVIDER_VERSION / platform_id()
    program(folder / f"terraform-provider-aws_v{PROVIDER_VERSION}_x5", "")
    (root / ".build/terraform.rc").unlink()
    monkeypatch.setattr("tap.toolchain.provider_mirrors", lambda _base: iter((mirror,)))
    assert only(found.provider()).found == f"{PROVIDER_VERSION}, from {mirror}"
    shutil.rmtree(folder)
    assert only(found.provider()).status is Status.WARNING


def test_a_mirror_that_does_not_hold_the_provider_is_a_fault(root: Path, tmp_path: Path) -> None:
    variables = {"TERRAFORM_PROVIDER_MIRROR": str(tmp_path), "HOME": str(tmp_path)}
    assert only(Tools(root, variables).provider()).status is Status.FAULT


def test_mariadb_is_for_the_local_aws_only(found: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tap.doctor.tools.mariadb_programs", lambda *_: None)
    missing = only(found.mariadb())
    assert missing.status is Status.WARNING
    assert "an account needs none" in missing.found
    monkeypatch.undo()
    server = program(tmp_path / "bin/mariadbd", "")
    program(tmp_path / "bin/mariadb-install-db", "")
    assert only(found.mariadb()).found == f"{server} (for the local AWS)"


def test_postgresql_is_for_the_local_aws_only(found: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tap.doctor.tools.postgresql_programs", lambda *_: None)
    missing = only(found.postgresql())
    assert missing.status is Status.WARNING
    assert missing.remedy
    assert "apt-get install postgresql" in missing.remedy
    monkeypatch.undo()
    server = program(tmp_path / "bin/postgres", "")
    program(tmp_path / "bin/initdb", "")
    assert only(found.postgresql()).found == f"{server} (for the local AWS)"


@pytest.mark.parametrize(("free", "status"), [(0.1, Status.FAULT), (1, Status.WARNING), (5, Status.OK)])
def test_disk_space(found: Tools, monkeypatch: pytest.MonkeyPatch, free: float, status: Status) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, free * GIBIBYTE))
    assert only(found.disk()).status is status


def pipfile_lock(root: Path, **entries: dict[str, str]) -> None:
    (root / "Pipfile.lock").write_text(json.dumps({"default": entries, "develop": {}}))


def test_python_packages_are_those_of_the_lock_file(root: Path) -> None:
    installed = metadata.version("boto3")
    elsewhere = {"version": "==1.0", "markers": "sys_platform == 'no-such-system'"}
    pipfile_lock(root, boto3={"version": f"=={installed}"}, elsewhere=elsewhere)
    assert only(python_packages(root)) == Check.ok("Tools", "Python packages", "2 packages as in Pipfile.lock")


def test_other_packages_than_those_of_the_lock_file_are_a_fault(root: Path) -> None:
    missing = {f"no-such-package-{number}": {"version": "==1.0"} for number in range(3)}
    pipfile_lock(root, boto3={"version": "==0.1"}, **missing)
    fault = only(python_packages(root))
    assert fault.status is Status.FAULT
    assert f"boto3 {metadata.version('boto3')} instead of 0.1" in fault.found
    assert fault.found.endswith("no-such-package-1 is missing and 1 more")
    assert fault.remedy == "`rm -f .venv/.setup && make setup`"


def test_a_lock_file_that_cannot_be_read_is_a_fault(root: Path) -> None:
    assert only(python_packages(root)).status is Status.FAULT
    (root / "node_modules/.package-lock.json").unlink()
    assert only(node_packages(root)).status is Status.FAULT


def test_node_packages_are_those_of_the_lock_file(root: Path) -> None:
    assert only(node_packages(root)) == Check.ok("Tools", "Node packages", "3 packages as in package-lock.json")
    there = {"node_modules/cdktf-cli": {"version": "0.20.0"}}
    (root / "node_modules/.package-lock.json").write_text(json.dumps({"packages": there}))
    fault = only(node_packages(root))
    assert fault.found == "not as in package-lock.json: cdktf-cli 0.20.0 instead of 0.21.0, node is missing"


def test_every_tool_is_looked_at(found: Tools) -> None:
    names = [examination.name for examination in found.examinations()]
    assert names == [
        "Python",
        "Node.js",
        "cdktf",
        "Terraform",
        "AWS provider",
        "MariaDB",
        "PostgreSQL",
        "Python packages",
        "Node packages",
        "disk",
    ]
