"""Temporary folders that belong to a process, and are removed after it if it could not do that itself."""

import os
import shutil
import tempfile
from pathlib import Path


def process_folder(kind: str) -> Path:
    """A new folder for this process and this user alone. Folders of this kind that dead processes left are removed."""
    parent = Path(tempfile.gettempdir())
    prefix = f"{kind}-of-"
    for folder in parent.glob(f"{prefix}*"):
        owner = folder.name.removeprefix(prefix).split("-")[0]
        if owner.isdigit() and not _runs(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-"))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
