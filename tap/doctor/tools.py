"""The tools on this computer."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tap.doctor.check import Check
from tap.doctor.examination import Examination
from tap.doctor.packages import node_packages, python_packages
from tap.mariadb_programs import REMEDY as INSTALL_MARIADB
from tap.mariadb_programs import mariadb_programs
from tap.postgresql_programs import REMEDY as INSTALL_POSTGRESQL
from tap.postgresql_programs import postgresql_programs
from tap.provider_mirror import PROVIDER_SOURCE, PROVIDER_VERSION, ProviderMirrorError, holds_provider
from tap.toolchain import (
    ROOT,
    ToolchainError,
    cli_configuration,
    fetched_terraform,
    terraform_path,
    terraform_version,
)

GROUP = "Tools"
MINIMUM_PYTHON = (3, 11)
# A deployment writes little, but Terraform unpacks its provider (700 MB) where no mirror holds it unpacked.
GIBIBYTE = 1 << 30
LITTLE_DISK, NO_DISK = 2 * GIBIBYTE, GIBIBYTE // 4
SET_UP = "`make setup`"


@dataclass(frozen=True)
class Tools:
    """What is installed for the project in `root`, as a process with these variables finds it."""

    root: Path = ROOT
    environment: Mapping[str, str] | None = None

    def examinations(self) -> list[Examination]:
        """What to look at."""
        looks = {
            "Python": self.python,
            "Node.js": self.node,
            "cdktf": self.cdktf,
            "Terraform": self.terraform,
            "AWS provider": self.provider,
            "MariaDB": self.mariadb,
            "PostgreSQL": self.postgresql,
            "Python packages": lambda: python_packages(self.root),
            "Node packages": lambda: node_packages(self.root),
            "disk": self.disk,
        }
        return [Examination(GROUP, name, look) for name, look in looks.items()]

    @property
    def _variables(self) -> Mapping[str, str]:
        return os.environ if self.environment is None else self.environment

    def python(self, version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Iterator[Check]:
        """3.11 or later."""
        shown = ".".join(str(part) for part in version)
        if version[:2] >= MINIMUM_PYTHON:
            yield Check.ok(GROUP, "Python", f"{shown}, {sys.executable}")
        else:
            remedy = "install Python 3.11 or later, then `rm -rf .venv && make setup`"
            yield Check.fault(GROUP, "Python", f"{shown} is older than 3.11", remedy)

    def node(self) -> Iterator[Check]:
        """The pinned Node.js, unless JSII_NODE names another."""
        program = self._variables.get("JSII_NODE") or str(self.root / "node_modules/.bin/node")
        version, pinned = _version([program, "--version"]), self._locked("node")
        if version is None:
            remedy = "unset JSII_NODE" if "JSII_NODE" in self._variables else f"rm -rf node_modules; {SET_UP}"
            yield Check.fault(GROUP, "Node.js", f"{program} does not run", remedy)
        elif version != pinned:
            remedy = "unset JSII_NODE" if "JSII_NODE" in self._variables else f"rm -rf node_modules; {SET_UP}"
            yield Check.warning(GROUP, "Node.js", f"{version} ({program}), while {pinned} is pinned", remedy)
        else:
            yield Check.ok(GROUP, "Node.js", version)

    def cdktf(self) -> Iterator[Check]:
        """The CLI of package-lock.json."""
        try:
            description = json.loads((self.root / "node_modules/cdktf-cli/package.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            yield Check.fault(GROUP, "cdktf", "node_modules has no cdktf-cli", f"rm -rf node_modules; {SET_UP}")
            return
        version, pinned = str(description.get("version")), self._locked("cdktf-cli")
        if version == pinned:
            yield Check.ok(GROUP, "cdktf", version)
        else:
            remedy = f"rm -rf node_modules; {SET_UP}"
            yield Check.fault(GROUP, "cdktf", f"{version} instead of {pinned}", remedy)

    def terraform(self) -> Iterator[Check]:
        """1.11 or later, from PATH or fetched by set-up."""
        try:
            program = terraform_path(self.root, self._variables)
        except ToolchainError as error:
            yield Check.fault(GROUP, "Terraform", str(error), SET_UP)
            return
        version = terraform_version(program)
        origin = "fetched by set-up" if program == fetched_terraform(self.root) else "from PATH"
        if version:
            yield Check.ok(GROUP, "Terraform", f"{'.'.join(map(str, version))}, {program} ({origin})")
        else:
            yield Check.fault(GROUP, "Terraform", f"{program} does not run", f"rm -rf .tools/terraform; {SET_UP}")

    def provider(self) -> Iterator[Check]:
        """The AWS provider's version, and where Terraform takes it from."""
        try:
            configuration = cli_configuration(self._variables, root=self.root)
        except ProviderMirrorError as error:
            yield Check.fault(GROUP, "AWS provider", str(error), "unset TERRAFORM_PROVIDER_MIRROR, or name another")
            return
        match = re.search(r'^\s*path\s*=\s*"(.*)"', configuration.read_text(encoding="utf-8"), re.MULTILINE)
        if match is None:
            found = f"{PROVIDER_VERSION}, from {PROVIDER_SOURCE.partition('/')[0]} or as {configuration} says"
            yield Check.ok(GROUP, "AWS provider", found)
        elif holds_provider(Path(match[1])):
            yield Check.ok(GROUP, "AWS provider", f"{PROVIDER_VERSION}, from {match[1]}")
        else:
            found = f"{configuration} names {match[1]}, which does not hold {PROVIDER_VERSION}"
            remedy = "fill it with `terraform providers mirror`, or take provider_installation out of that file"
            yield Check.warning(GROUP, "AWS provider", found, remedy)

    def mariadb(self) -> Iterator[Check]:
        """The programs behind the local AWS's endpoint of Aurora MySQL; an account needs none."""
        programs = mariadb_programs(self.root, self._variables)
        yield self._database("MariaDB", programs.server if programs else None, INSTALL_MARIADB)

    def postgresql(self) -> Iterator[Check]:
        """The programs behind the local AWS's endpoint of Aurora PostgreSQL; an account needs none."""
        programs = postgresql_programs(self.root, self._variables)
        yield self._database("PostgreSQL", programs.server if programs else None, INSTALL_POSTGRESQL)

    def _database(self, name: str, server: Path | None, remedy: str) -> Check:
        if server:
            return Check.ok(GROUP, name, f"{server} (for the local AWS)")
        found = "missing: the local AWS has no databases of its kind then; an account needs none"
        return Check.warning(GROUP, name, found, f"{SET_UP}. {remedy}")

    def disk(self) -> Iterator[Check]:
        """Free space where the project lies."""
        free = shutil.disk_usage(self.root).free
        shown, remedy = f"{free / GIBIBYTE:.1f} GiB free at {self.root}", "remove what is not needed: `make clean`"
        if free < NO_DISK:
            yield Check.fault(GROUP, "disk", shown, remedy)
        elif free < LITTLE_DISK:
            yield Check.warning(GROUP, "disk", shown, remedy)
        else:
            yield Check.ok(GROUP, "disk", shown)

    def _locked(self, package: str) -> str:
        lock = json.loads((self.root / "package-lock.json").read_text(encoding="utf-8"))
        return str(lock["packages"][f"node_modules/{package}"]["version"])


def _version(command: Sequence[str]) -> str | None:
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip().removeprefix("v")
