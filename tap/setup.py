"""Set-up: brings the project's tools and packages to what its lock files say. `python -m tap.setup [--policy]`.

Runs on the standard library alone. A step runs again only when one of its inputs has changed.
"""

import argparse
import fcntl
import hashlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tap.installation import SetupError, install_node_packages, install_python_packages, install_terraform, run
from tap.mariadb_installation import install_mariadb
from tap.mariadb_programs import mariadb_programs, unpacked_mariadb
from tap.postgresql_installation import install_postgresql
from tap.postgresql_programs import postgresql_programs, unpacked_postgresql
from tap.provider_mirror import ProviderMirrorError
from tap.terraform_release import TerraformDownloadError
from tap.toolchain import ROOT, ToolchainError, environment, fetched_terraform, terraform_path


@dataclass(frozen=True)
class Step:
    """One thing to set up: done when `product` exists and `stamp` holds the fingerprint of `inputs`."""

    name: str
    inputs: tuple[Path, ...]
    product: Path
    stamp: Path
    install: Callable[[], None]

    def fingerprint(self) -> str:
        """SHA-256 over names and contents of the inputs."""
        digest = hashlib.sha256()
        for path in sorted(self._files()):
            digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
        return digest.hexdigest()

    def _files(self) -> Iterator[Path]:
        for path in self.inputs:
            found = path.rglob("*") if path.is_dir() else [path]
            yield from (file for file in found if file.is_file() and "__pycache__" not in file.parts)

    def is_done(self) -> bool:
        """Whether nothing has changed since the last time."""
        return self.product.exists() and self.stamp.exists() and self.stamp.read_text() == self.fingerprint()

    def perform(self) -> None:
        """Do the step and remember that it is done."""
        fingerprint = self.fingerprint()
        self.stamp.unlink(missing_ok=True)
        self.install()
        self.stamp.parent.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text(fingerprint)


def steps(root: Path, *, policy: bool) -> Iterator[Step]:
    """What there is to set up, in order. A stamp lies within what it speaks for, so that both go together."""

    def step(name: str, inputs: Sequence[Path], product: Path, stamp: Path, install: Callable[[Path], None]) -> Step:
        log = root / ".build/setup" / f"{name.replace(' ', '-')}.log"

        def logged() -> None:
            log.unlink(missing_ok=True)
            install(log)

        return Step(name, tuple(inputs), product, stamp, logged)

    def python_packages(name: str, project: Path, categories: Sequence[str]) -> Step:
        return step(
            name,
            [project / "Pipfile.lock"],
            project / ".venv/bin/python",
            project / ".venv/.setup",
            lambda log: install_python_packages(root, project, log, categories),
        )

    terraform_stamp = root / ".build/setup/terraform"
    postgresql = postgresql_programs(root)
    yield python_packages("Python packages", root, ["packages", "dev-packages", "lambda"])
    yield step(
        "Node packages",
        [root / "package.json", root / "package-lock.json"],
        root / "node_modules/.bin/cdktf",
        root / "node_modules/.setup",
        lambda log: install_node_packages(root, log),
    )
    yield step(
        "Terraform",
        [],
        terraform_stamp if _has_terraform(root) else fetched_terraform(root),
        terraform_stamp,
        lambda _: install_terraform(root),
    )
    yield step(
        "MariaDB",
        [],
        (mariadb_programs(root) or unpacked_mariadb(root)).server,
        root / ".build/setup/mariadb",
        lambda log: install_mariadb(root, log),
    )
    yield step(
        "PostgreSQL",
        [],
        postgresql.server if postgresql else unpacked_postgresql(root),
        root / ".build/setup/postgresql",
        lambda log: install_postgresql(root, log),
    )
    yield step(
        "payment package",
        [root / "Pipfile.lock", root / "package-lock.json", root / "lib/lambda", root / "lib/compute"],
        root / ".build/lambda",
        root / ".build/lambda/.setup",
        lambda log: _build_package(root, log),
    )
    if policy:
        yield python_packages("policy tools", root / "policy", ["packages"])


def _has_terraform(root: Path) -> bool:
    try:
        return terraform_path(root).exists()
    except ToolchainError:
        return False


def _build_package(root: Path, log: Path) -> None:
    command = [str(root / ".venv/bin/python"), "-m", "lib.compute.package"]
    remedy = "Check that this computer reaches a Python package index (pip's configuration is used)"
    run(command, root=root, log=log, environment=environment(root=root), remedy=remedy)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Let one set-up run at a time; another one waits."""
    file = root / ".build/setup/lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def set_up(root: Path = ROOT, *, policy: bool = False) -> None:
    """Do the steps that are not done yet, saying so; silent when there is nothing to do."""
    with _alone(root):
        for step in steps(root, policy=policy):
            if not step.is_done():
                started = time.monotonic()
                print(f"set-up: {step.name} ...", file=sys.stderr, flush=True)
                step.perform()
                print(f"set-up: {step.name}: done in {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


def main(arguments: Sequence[str]) -> int:
    """Command line of set-up; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tap.setup", description="Set up tools and packages.")
    parser.add_argument("--policy", action="store_true", help="also the tools of the policy scan")
    options = parser.parse_args(arguments)
    try:
        set_up(policy=options.policy)
    except (SetupError, ToolchainError, ProviderMirrorError, TerraformDownloadError) as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up: interrupted; run it again to go on", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
