"""Temporary folders that belong to a process, and are removed after it if it could not do that itself."""

import os
import shutil
import tempfile
from pathlib import Path


def process_folder(kind: str) -> Path:
    """A new folder for this process and this user alone. Folders of this kind that dead processes left are removed."""
    remove_abandoned(kind)
    return Path(tempfile.mkdtemp(prefix=f"{_prefix(kind)}{os.getpid()}-"))


def remove_abandoned(kind: str) -> None:
    """Removes the folders of this kind whose processes are dead."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_prefix(kind)}*"):
        owner = folder.name.removeprefix(_prefix(kind)).split("-")[0]
        if owner.isdigit() and not _runs(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _prefix(kind: str) -> str:
    return f"{kind}-of-"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
