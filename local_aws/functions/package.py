"""The files that a function's process sees: its deployed package, and AWS's Python runtime client."""

import io
import shutil
import stat
import zipfile
from collections.abc import Iterable
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

RUNTIME_CLIENT = ("awslambdaric", "simplejson", "snapshot_restore_py")
"""Distributions: AWS's Python runtime client and what it imports."""

UNIX_MODE_SHIFT = 16
"""Where a zip entry's external attributes hold the Unix mode (PKWARE APPNOTE 4.4.15, host system Unix)."""


class LibraryMissingError(Exception):
    """What functions need of this computer is not installed beside the local AWS."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not installed, so that no function can run. Install it with: pip install {name}")


def unpack(package: bytes, directory: Path) -> None:
    """Unpacks a deployed zip, file modes included, into a folder that does not exist yet."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for entry in archive.infolist():
            path = Path(archive.extract(entry, directory))
            mode = stat.S_IMODE(entry.external_attr >> UNIX_MODE_SHIFT)
            if mode and not entry.is_dir():
                path.chmod(mode)


def link_compiled_libraries(directory: Path) -> None:
    """Puts this computer's builds of compiled libraries in the place of those that cannot be loaded here.

    A package is compiled for the function's processor and Python, and not for this computer's. Raises
    LibraryMissingError for one that is not installed here in the package's version.
    """
    modules = directory.glob("*/*.cpython-*.so")
    for name in sorted({path.parent.name for path in modules if "".join(path.suffixes) not in EXTENSION_SUFFIXES}):
        (metadata,) = directory.glob(f"{name}-*.dist-info")
        installed = _installed(name)
        if metadata.name not in {path.name for path in installed}:
            raise LibraryMissingError(metadata.name.removesuffix(".dist-info").replace("-", "=="))
        for path in installed:
            shutil.rmtree(directory / path.name, ignore_errors=True)
            (directory / path.name).symlink_to(path)


def link_runtime_client(directory: Path) -> None:
    """Fills a folder with the runtime client alone, so that nothing else that is installed here can be imported."""
    link_distributions(directory, RUNTIME_CLIENT)


def link_distributions(directory: Path, names: Iterable[str]) -> None:
    """Fills a new folder with links to distributions. Raises LibraryMissingError."""
    directory.mkdir(parents=True)
    for name in names:
        for path in _installed(name):
            (directory / path.name).symlink_to(path)


def _installed(name: str) -> set[Path]:
    """The top-level files and folders of a distribution."""
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        raise LibraryMissingError(name) from None
    root = Path(str(installed.locate_file("")))
    return {root / file.parts[0] for file in installed.files or [] if file.parts[0] not in ("..", "__pycache__")}
