"""A PostgreSQL server's backup: a base, which is its cluster's first data, and the log of all that was done since.

Servers keep their whole log (`wal_keep_size`), so that a backup costs a running one nothing: what it needs of the log
is gathered when somebody restores. https://www.postgresql.org/docs/current/continuous-archiving.html
"""

import os
import shlex
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

from local_aws.databases.errors import DatabaseError

BASE, LOG = "base", "log"
SEGMENT_LENGTH = 24
"""Characters in the name of a segment of the log; histories of timelines have others."""

BEYOND_THE_END = "recovery ended before configured recovery target was reached"
"""What a server says that found nothing committed after the moment at which it should stop."""


def recovery_settings(log: Path, moment: datetime | None) -> dict[str, str]:
    """Settings for a start that repeats the log up to a moment, or to its end, and answers when that is done.

    In the restore command % begins a placeholder, and a shell reads it.
    """
    segment = shlex.quote(str(log)).replace("%", "%%")
    settings = {
        "hot_standby": "off",
        "fsync": "off",
        "restore_command": f"cp {segment}/%f %p",
        "recovery_target_action": "promote",
    }
    return {**settings, "recovery_target_time": moment.isoformat(sep=" ")} if moment else settings


def keep_base(data: Path, backup: Path) -> None:
    """Keeps the data of a server that is down as the base, unless there is one. Raises DatabaseError."""
    base, unfinished = backup / BASE, backup / f"{BASE}.unfinished"
    if base.exists():
        return
    shutil.rmtree(unfinished, ignore_errors=True)
    backup.mkdir(parents=True, exist_ok=True)
    copy_folder(data, unfinished)
    (unfinished / "standby.signal").unlink(missing_ok=True)
    unfinished.rename(base)


def keep_log(data: Path, backup: Path) -> None:
    """Adds what a server has of the log; call it for the writer last, which has the most of a segment.

    Segments that are complete are never written again, and shared; the last one is copied as far as it is written.
    """
    log = backup / LOG
    log.mkdir(parents=True, exist_ok=True)
    found = sorted(path for path in (data / "pg_wal").iterdir() if path.is_file())
    last = max((path.name for path in found if _is_segment(path)), default="")
    for path in found:
        kept = log / path.name
        kept.unlink(missing_ok=True)
        if _is_segment(path) and path.name < last:
            os.link(path, kept)
        else:
            shutil.copyfile(path, kept)


def share(backup: Path, folder: Path) -> None:
    """Makes a backup of its own from another, which can go then."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(backup, folder, copy_function=os.link)


def copy_folder(folder: Path, copy: Path) -> None:
    """Copies a folder with its files' owners. Raises DatabaseError."""
    result = subprocess.run(["cp", "-Rp", str(folder), str(copy)], capture_output=True, text=True)
    if result.returncode:
        raise DatabaseError(f"{folder} could not be copied: {result.stderr[-2000:]}")


def _is_segment(path: Path) -> bool:
    return len(path.name) == SEGMENT_LENGTH
