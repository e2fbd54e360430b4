"""The function's libraries, installed into a folder exactly as the lock file has them.

Only wheels are taken, whatever the computer, and every entry of the lock's section whatever its marker says: so the
folder is the same everywhere. Those of pure Python run on any processor and on Python 3.11 or later; the driver for
PostgreSQL, which is compiled, is for Lambda's processor and Python.
"""

import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeGuard

LOCK_SECTION = "lambda"
POSTGRESQL_SECTION = "postgresql"
# Lambda's runtime. What a library needs of Python is checked against it, not against the Python that builds.
TARGET_PYTHON = "3.13"
INSTALL_OPTIONS = (
    "--require-hashes",
    "--no-deps",
    "--no-compile",
    "--only-binary=:all:",
    f"--python-version={TARGET_PYTHON}",
    "--no-input",
    "--disable-pip-version-check",
    "--retries=2",
)
PURE_PYTHON = ("--platform=any", "--implementation=py", "--abi=none")
# arm64 is the function's processor; Amazon Linux 2023, which the runtime is on, has glibc 2.34.
# https://docs.aws.amazon.com/linux/al2023/ug/glibc.html
COMPILED = ("--platform=manylinux_2_28_aarch64", "--implementation=cp", f"--abi=cp{TARGET_PYTHON.replace('.', '')}")
WHEELS = {LOCK_SECTION: PURE_PYTHON, POSTGRESQL_SECTION: COMPILED}
INSTALL_SECONDS = 600
NETWORK_FAULTS = re.compile(r"Retrying \(|NewConnectionError|NameResolutionError|ProxyError|ConnectTimeout|SSLError")


class PackageError(Exception):
    """The function's package cannot be built; the message says why and what to do."""


def read_lock_section(lock_file: Path, name: str) -> dict[str, Any]:
    """The entries of one of the lock's sections for the function, by library. Raises `PackageError`."""
    remedy = f"run `pipenv lock --categories {name}`"
    try:
        lock = json.loads(lock_file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PackageError(f"{lock_file} does not exist; {remedy}") from None
    except ValueError as error:
        raise PackageError(f"{lock_file} is not JSON ({error}); {remedy}") from None
    section = lock.get(name) if isinstance(lock, dict) else None
    if not section or not isinstance(section, dict):
        raise PackageError(f"{lock_file} has no section {name!r}; {remedy}")
    return section


def requirements(section: dict[str, Any]) -> str:
    """The section as a requirements file with hashes. Raises `PackageError` for an entry that is not pinned by hash."""
    lines = []
    for name, entry in sorted(section.items()):
        if not _is_pinned(entry):
            raise PackageError(
                f"{name} is not locked to a version and its hashes; name a released version in the Pipfile's section "
                f"[{LOCK_SECTION}] and run `pipenv lock --categories {LOCK_SECTION}`"
            )
        hashes = " ".join(f"--hash={digest}" for digest in sorted(entry["hashes"]))
        lines.append(f"{name}{entry['version']} {hashes}\n")
    return "".join(lines)


def _is_pinned(entry: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(entry, dict) and str(entry.get("version", "")).startswith("==") and bool(entry.get("hashes"))


def installed(section: dict[str, Any], cache: Path, wheels: Sequence[str]) -> Path:
    """A folder with the libraries, from the cache if they were installed before. Raises `PackageError`.

    `wheels` are pip's options that choose them.

    The folder appears whole or not at all; of two builds at once the first to end provides it.
    """
    wanted = requirements(section)
    digest = hashlib.sha256("\n".join([wanted, *INSTALL_OPTIONS, *wheels]).encode()).hexdigest()
    folder = cache / "dependencies" / digest[:16]
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".installing-") as scratch:
        requirements_file = Path(scratch) / "requirements.txt"
        requirements_file.write_text(wanted, encoding="utf-8")
        _install(requirements_file, Path(scratch) / "target", wheels)
        try:
            (Path(scratch) / "target").rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    return folder


def _install(requirements_file: Path, target: Path, wheels: Sequence[str]) -> None:
    if importlib.util.find_spec("pip") is None:
        raise PackageError(f"pip is missing in {sys.executable}; run `{sys.executable} -m ensurepip`, then try again")
    command = [sys.executable, "-m", "pip", "install", *INSTALL_OPTIONS, *wheels]
    command += ["--target", str(target), "--requirement", str(requirements_file)]
    try:
        # A user-wide install set in pip's configuration cannot be combined with a target folder.
        outcome = subprocess.run(
            command,
            env={**os.environ, "PIP_USER": "0"},
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PackageError(f"pip took more than {INSTALL_SECONDS} s; check the network, then try again") from None
    if outcome.returncode != 0:
        raise PackageError(_diagnosis(outcome.stdout + outcome.stderr))


def _diagnosis(output: str) -> str:
    """What pip's failure means, and what to do about it."""
    errors = [line.removeprefix("ERROR: ") for line in output.splitlines() if line.startswith("ERROR: ")]
    last = errors[-1] if errors else output.strip()[-500:]
    if "DO NOT MATCH THE HASHES" in output:
        return (
            "a downloaded library does not have the hash that Pipfile.lock gives; find out why before anything else, "
            f"then run `pipenv lock --categories {LOCK_SECTION}` if the new file can be trusted:\n{output.strip()}"
        )
    if NETWORK_FAULTS.search(output):
        return f"the package index cannot be reached; check the network and pip's configuration, then try again: {last}"
    if "No matching distribution" in output:
        return (
            f"{last}. It has no such wheel in this version, or the index lacks it: choose another version in "
            f"the Pipfile's section [{LOCK_SECTION}]"
        )
    return f"pip failed: {last}"
