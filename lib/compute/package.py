"""The payment function's package: built from the lock file, the same bytes on every machine.

`python -m lib.compute.package` builds both kinds and prints their sizes and how long the handler takes to import.
"""

import argparse
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.compute import archive, certificates, dependencies
from lib.compute.archive import (
    DEPLOYMENT_SERVICES,
    RECOVERY_SERVICES,
    SERVICES,
    needed_files,
    source_files,
    write_archive,
)
from lib.compute.dependencies import (
    LOCK_SECTION,
    POSTGRESQL_SECTION,
    WHEELS,
    PackageError,
    installed,
    read_lock_section,
)

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".build" / "lambda"
NAME = "payment_processor"
HANDLER_MODULE = "payment_processor"


@dataclass(frozen=True)
class Package:
    """A zip file that Lambda takes. `sha256_base64` is its digest in the form of Lambda's `CodeSha256`."""

    path: Path
    sha256_base64: str

    @property
    def asset_hash(self) -> str:
        """The digest as a folder name; given to cdktf, which would read the whole file again for one of its own."""
        return base64.b64decode(self.sha256_base64).hex()[:32].upper()


def build_package(root: Path = ROOT, cache: Path = CACHE, *, postgresql: bool = False) -> Package:
    """The package of the project in `root`, from `cache` unless sources, lock or this builder changed.

    Only the container architecture's functions log in to PostgreSQL, with a driver that is larger than all the rest of
    the code, and deploy images.
    Builds at the same time do not disturb each other: a file appears whole or not at all. Raises `PackageError`.
    """
    names = [LOCK_SECTION, POSTGRESQL_SECTION] if postgresql else [LOCK_SECTION]
    sections = {name: read_lock_section(root / "Pipfile.lock", name) for name in names}
    sources = source_files(root / "lib" / "lambda")
    trusted = certificates.certificates_source(root)
    path = cache / f"{NAME}-{_fingerprint(sections, sources, trusted)}.zip"
    if (package := _cached(path)) is not None:
        return package
    services = {**SERVICES, **RECOVERY_SERVICES, **(DEPLOYMENT_SERVICES if postgresql else {})}
    libraries: dict[str, Path] = {}
    for name, section in sections.items():
        libraries |= needed_files(installed(section, cache, WHEELS[name]), services)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".building-") as scratch:
        built = Path(scratch) / path.name
        bundle = Path(scratch) / certificates.NAME
        bundle.write_text(certificates.rds_certificates(trusted), encoding="ascii")
        write_archive(built, libraries, sources, {certificates.NAME: bundle})
        digest = base64.b64encode(hashlib.sha256(built.read_bytes()).digest()).decode()
        note = Path(scratch) / "note"
        note.write_text(json.dumps({"size": built.stat().st_size, "sha256_base64": digest}), encoding="utf-8")
        built.replace(path)
        note.replace(_note(path))
    return Package(path, digest)


def _fingerprint(sections: dict[str, dict[str, Any]], sources: dict[str, Path], trusted: str) -> str:
    """Changes with everything that the package's bytes follow from."""
    digest = hashlib.sha256(json.dumps(sections, sort_keys=True).encode())
    digest.update(trusted.encode())
    for builder in (__file__, archive.__file__, certificates.__file__, dependencies.__file__):
        digest.update(hashlib.sha256(Path(builder).read_bytes()).digest())
    for name in sorted(sources):
        digest.update(f"\n{name}\n".encode())
        digest.update(hashlib.sha256(sources[name].read_bytes()).digest())
    return digest.hexdigest()[:16]


def _note(path: Path) -> Path:
    return path.with_suffix(".json")


def _cached(path: Path) -> Package | None:
    """The package built before. Its digest is read from the note beside it, which spares reading the zip file."""
    try:
        note = json.loads(_note(path).read_text(encoding="utf-8"))
        return Package(path, note["sha256_base64"]) if path.stat().st_size == note["size"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def import_seconds(folder: Path, module: str, *, bytecode: bool) -> float:
    """How long a new Python, with only `folder` and the standard library on its path, takes to import `module`.

    Without bytecode is what Lambda does, whose code folder cannot be written to. Raises `PackageError`.
    """
    program = (
        "import sys, time\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "start = time.perf_counter()\n"
        "__import__(sys.argv[2])\n"
        "print(time.perf_counter() - start)\n"
    )
    command = [sys.executable, "-I", "-S", *([] if bytecode else ["-B"]), "-c", program, str(folder), module]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    if outcome.returncode != 0:
        raise PackageError(f"the package cannot import {module}:\n{outcome.stderr.strip()}")
    return float(outcome.stdout)


def _report(package: Package) -> Iterable[str]:
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(package.path) as zipped:
        zipped.extractall(scratch)
        folder = Path(scratch)
        cold = import_seconds(folder, HANDLER_MODULE, bytecode=False)
        # Turn about, so that other load falls on both. The first import writes the bytecode and is never the fastest.
        imports = [
            (import_seconds(folder, HANDLER_MODULE, bytecode=True), import_seconds(folder, "boto3", bytecode=True))
            for _ in range(5)
        ]
        handler, boto3 = (min(column) for column in zip(*imports, strict=True))
        yield f"path: {os.path.relpath(package.path)}"
        yield f"sha256: {package.sha256_base64}"
        yield f"size: {package.path.stat().st_size} bytes"
        yield f"files: {len(zipped.namelist())}"
        yield f"handler import without bytecode: {cold * 1000:.0f} ms"
        yield f"handler import with bytecode: {handler * 1000:.0f} ms"
        yield f"boto3 import with bytecode: {boto3 * 1000:.0f} ms; the handler takes {handler / boto3:.2f} times that"


def main(arguments: Sequence[str] | None = None) -> int:
    """Builds the packages, without and with the driver for PostgreSQL, and prints what they are; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.compute.package", description="Builds the function's packages."
    )
    parser.parse_args(arguments)
    try:
        for postgresql in (False, True):
            for line in _report(build_package(postgresql=postgresql)):
                print(line)
    except PackageError as error:
        print(f"package: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
