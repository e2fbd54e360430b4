"""The files that a function's process sees: its deployed package, and AWS's Python runtime client."""

import io
import stat
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

RUNTIME_CLIENT = ("awslambdaric", "simplejson", "snapshot_restore_py")
"""Distributions: AWS's Python runtime client and what it imports."""

UNIX_MODE_SHIFT = 16
"""Where a zip entry's external attributes hold the Unix mode (PKWARE APPNOTE 4.4.15, host system Unix)."""


class RuntimeClientMissingError(Exception):
    """AWS's Python runtime client is not installed beside the local AWS."""

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


def link_runtime_client(directory: Path) -> None:
    """Fills a folder with the runtime client alone, so that nothing else that is installed here can be imported."""
    directory.mkdir(parents=True)
    for name in RUNTIME_CLIENT:
        for path in _installed(name):
            (directory / path.name).symlink_to(path)


def _installed(name: str) -> set[Path]:
    """The top-level files and folders of a distribution."""
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        raise RuntimeClientMissingError(name) from None
    root = Path(str(installed.locate_file("")))
    return {root / file.parts[0] for file in installed.files or [] if file.parts[0] not in ("..", "__pycache__")}
