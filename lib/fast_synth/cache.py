"""Keeps what fast synth has made, so that it is made once."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from lib.fast_synth.errors import FastSynthError

KEPT_ENTRIES = 8
_CHECKSUM = "sha256"

Files = dict[str, bytes]


def cached(folder: Path, key: list[str], make: Callable[[], Files]) -> Path:
    """Return the folder holding the files that `make` returns for this key, calling it when they are not there.

    Entries appear whole or not at all, so any number of processes may ask at once; a damaged entry is made again.

    Raises:
        FastSynthError: The cache folder cannot be written.
    """
    entry = folder / hashlib.sha256("\0".join(key).encode()).hexdigest()[:20]
    if not _is_sound(entry):
        files = make()
        try:
            _store(entry, files)
        except OSError as error:
            raise FastSynthError(f"cache folder {folder} cannot be written: {error}") from error
        with contextlib.suppress(OSError):  # another process may be pruning as well
            _prune(folder, keep=entry)
    return entry


def _is_sound(entry: Path) -> bool:
    try:
        expected = (entry / _CHECKSUM).read_text()
        names = [path.relative_to(entry).as_posix() for path in entry.rglob("*") if path.is_file()]
        return expected == _checksum({name: (entry / name).read_bytes() for name in names if name != _CHECKSUM})
    except (OSError, UnicodeDecodeError):
        return False


def _checksum(files: Files) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _store(entry: Path, files: Files) -> None:
    entry.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=entry.parent, prefix=".new-", ignore_cleanup_errors=True) as temporary:
        new = Path(temporary) / "entry"
        for name, content in (files | {_CHECKSUM: _checksum(files).encode()}).items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        try:
            new.rename(entry)
        except OSError:
            if _is_sound(entry):
                return
            entry.rename(Path(temporary) / "damaged")
            new.rename(entry)


def _prune(folder: Path, keep: Path) -> None:
    entries = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".") and path != keep]
    entries.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for old in entries[KEPT_ENTRIES - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
