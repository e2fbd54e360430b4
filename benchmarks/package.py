"""The function's package: its size, and how long the handler takes to import from it, beside boto3 alone."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lib.compute.package import HANDLER_MODULE, build_package, import_seconds


@dataclass(frozen=True)
class PackageMeasurement:
    """Size in bytes; the fastest imports in seconds: what they cost without what other processes take.

    Lambda's code folder has no bytecode.
    """

    size: int
    handler: float
    boto3: float
    handler_without_bytecode: float

    @property
    def ratio(self) -> float:
        """How many times longer the handler takes than boto3 alone."""
        return self.handler / self.boto3


def unpacked_package(folder: Path) -> Path:
    """The folder, with the files of the package in it. Raises `PackageError`."""
    with zipfile.ZipFile(build_package().path) as zipped:
        zipped.extractall(folder)
    return folder


def measure(runs: int, progress: Callable[[str], None]) -> PackageMeasurement:
    """Import by turns, each time in a new Python; the first turn, which writes the bytecode, is not counted.

    Raises `PackageError`.
    """
    with tempfile.TemporaryDirectory() as folder:
        compiled, source = (unpacked_package(Path(folder) / name) for name in ("compiled", "source"))
        turns = []
        for turn in range(runs + 1):
            progress(f"the function's package, {f'import {turn} of {runs}' if turn else 'warming up'}")
            turns.append(
                (
                    import_seconds(compiled, HANDLER_MODULE, bytecode=True),
                    import_seconds(compiled, "boto3", bytecode=True),
                    import_seconds(source, HANDLER_MODULE, bytecode=False),
                )
            )
    handler, boto3, without_bytecode = (min(column) for column in zip(*turns[1:], strict=True))
    return PackageMeasurement(build_package().path.stat().st_size, handler, boto3, without_bytecode)
