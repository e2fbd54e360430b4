"""States in files of this computer, as Terraform's backend `local` keeps and locks them.

https://github.com/hashicorp/terraform/blob/v1.11.4/internal/states/statemgr/filesystem.go: a lock of POSIX on the file
itself, which ends with the process that holds it, and beside it a file that says who that is, which may outlast it.
"""

from __future__ import annotations

import fcntl
import os
import re
import struct
import sys
from datetime import UTC, datetime
from pathlib import Path

from lib.input_rules import SUFFIX_MAX_LENGTH, SUFFIX_PATTERN
from lib.provider_options import state_file
from lib.settings import STACK_CLASSES
from tap.inventory.errors import InventoryError
from tap.inventory.s3_states import parse_lock_file
from tap.inventory.state import State
from tap.inventory.state_file import parse_state
from tap.inventory.stored_state import StoredState, the_one
from tap.terraform_errors import LockInfo

FILE = re.compile(rf"terraform\.(?:{'|'.join(STACK_CLASSES.values())})(?P<suffix>[^/]+)\.tfstate")

# struct flock of fcntl(2): type, whence, start, length, process id; macOS has them in another order.
_FLOCK = "qqihh" if sys.platform == "darwin" else "hhqqi4x"


class LocalStates:
    """The states in `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def list(self) -> list[StoredState]:
        """All states in the folder, sorted by suffix."""
        try:
            names = sorted(path.name for path in self.directory.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise InventoryError(f"{self.directory}: the states in it cannot be listed: {error.strerror}") from error
        matches = (FILE.fullmatch(name) for name in names)
        suffixes = [match["suffix"] for match in matches if match]
        usable = [name for name in suffixes if len(name) <= SUFFIX_MAX_LENGTH and SUFFIX_PATTERN.fullmatch(name)]
        return [stored for suffix in sorted(set(usable)) for stored in _stored(self.directory, suffix)]

    def find(self, suffix: str) -> StoredState | None:
        """The state of an environment, None if there is none; of several architectures' the one that is not empty.

        Raises `InventoryError` if more than one is not: one suffix is one environment.
        """
        return the_one(_stored(self.directory, suffix), self.read_stored)

    def read(self, suffix: str) -> State | None:
        """The state of an environment, None if there is none."""
        stored = self.find(suffix)
        return self.read_stored(stored) if stored else None

    def read_stored(self, stored: StoredState) -> State:
        """A state of the list; an empty one if it was removed since."""
        path = Path(stored.location)
        try:
            return parse_state(path.read_bytes(), str(path))
        except FileNotFoundError:
            return State(0, "")
        except OSError as error:
            raise InventoryError(f"{path} cannot be read: {error.strerror}") from error

    def lock(self, suffix: str) -> LockInfo | None:
        """Who holds the state: a process that runs. What a killed one wrote beside it counts for nothing."""
        locks = (_lock(self.directory / state_file(architecture, suffix)) for architecture in STACK_CLASSES)
        return next((lock for lock in locks if lock), None)

    def remove_empty(self, suffix: str) -> bool:
        """Remove the state and its backup if no resource is left in it and nobody holds it. It is locked meanwhile."""
        stored = self.find(suffix)
        if stored is None:
            return False
        path = Path(stored.location)
        try:
            with path.open("r+b") as file:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not parse_state(file.read(), str(path)).is_empty:
                    return False
                # The backup is the state before the last change: nothing in it exists any more.
                path.with_name(path.name + ".backup").unlink(missing_ok=True)
                _lock_file(path).unlink(missing_ok=True)
                path.unlink()
        except (FileNotFoundError, BlockingIOError, PermissionError):
            return False
        return True


def _stored(directory: Path, suffix: str) -> list[StoredState]:
    """The states of an environment, one for each architecture that it was deployed with."""
    found = []
    for architecture in STACK_CLASSES:
        path = directory / state_file(architecture, suffix)
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        modified = datetime.fromtimestamp(status.st_mtime, UTC)
        found.append(StoredState(suffix, architecture, str(path), status.st_size, modified))
    return found


def _lock_file(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock.info")


def _lock(path: Path) -> LockInfo | None:
    """Who holds a state's file."""
    try:
        holder = _holder(path)
    except FileNotFoundError:
        return None
    if not holder:
        return None
    try:
        return parse_lock_file(_lock_file(path).read_bytes(), str(_lock_file(path)))
    except (FileNotFoundError, InventoryError):
        # Between taking the lock and saying so, or between the two at its end.
        return LockInfo(id="", path=str(path), operation="", who=f"process {holder}", created="")


def _holder(path: Path) -> int:
    """The id of the process that holds a lock on the file, 0 if none does; nothing is locked to find out."""
    with path.open("rb") as file:
        question = {"type": fcntl.F_WRLCK, "whence": os.SEEK_SET, "start": 0, "length": 0, "pid": 0}
        order = ("start", "length", "pid", "type", "whence") if sys.platform == "darwin" else tuple(question)
        answer = fcntl.fcntl(file, fcntl.F_GETLK, struct.pack(_FLOCK, *(question[name] for name in order)))
    told = dict(zip(order, struct.unpack(_FLOCK, answer), strict=True))
    return 0 if told["type"] == fcntl.F_UNLCK else int(told["pid"])
