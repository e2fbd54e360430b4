"""What was made is kept whole, made again when damaged, and not kept for ever."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lib.fast_synth.cache import KEPT_ENTRIES, Files, cached
from lib.fast_synth.errors import FastSynthError

FILES = {"assembly.tgz": b"content", "lib/program.js": b"program"}


def fail() -> Files:
    raise AssertionError("made again")


def test_files_are_made_once(tmp_path: Path) -> None:
    entry = cached(tmp_path, ["key"], lambda: FILES)
    assert (entry / "lib" / "program.js").read_bytes() == b"program"
    assert cached(tmp_path, ["key"], fail) == entry


def test_another_key_has_files_of_its_own(tmp_path: Path) -> None:
    assert cached(tmp_path, ["a", "b"], lambda: FILES) != cached(tmp_path, ["ab"], lambda: FILES)


@pytest.mark.parametrize("damaged", ["assembly.tgz", "lib/program.js", "sha256"])
def test_a_damaged_entry_is_made_again(tmp_path: Path, damaged: str) -> None:
    entry = cached(tmp_path, ["key"], lambda: FILES)
    (entry / damaged).write_bytes(b"\xff")
    cached(tmp_path, ["key"], lambda: FILES)
    assert cached(tmp_path, ["key"], fail) == entry
    assert [path.name for path in tmp_path.iterdir()] == [entry.name]


def test_an_incomplete_entry_is_made_again(tmp_path: Path) -> None:
    entry = cached(tmp_path, ["key"], lambda: FILES)
    (entry / "assembly.tgz").unlink()
    cached(tmp_path, ["key"], lambda: FILES)
    assert (entry / "assembly.tgz").read_bytes() == b"content"


def test_an_entry_that_another_process_made_meanwhile_is_kept(tmp_path: Path) -> None:
    def overtaken() -> Files:
        other = cached(tmp_path, ["key"], lambda: FILES)
        os.utime(other / "sha256", (1, 1))
        return FILES

    entry = cached(tmp_path, ["key"], overtaken)
    assert (entry / "sha256").stat().st_mtime == 1
    assert [path.name for path in tmp_path.iterdir()] == [entry.name]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FastSynthError, match="file/cache cannot be written"):
        cached(tmp_path / "file" / "cache", ["key"], lambda: FILES)


def test_the_oldest_entries_are_removed(tmp_path: Path) -> None:
    entries = []
    for number in range(KEPT_ENTRIES + 2):
        entries.append(cached(tmp_path, [str(number)], lambda: FILES))
        os.utime(entries[-1], (number, number))
    assert {path.name for path in tmp_path.iterdir()} == {entry.name for entry in entries[2:]}
