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
from tap.inventory.errors import InventoryError
from tap.inventory.s3_states import parse_lock_file
from tap.inventory.state import State, StoredState, parse_state
from tap.terraform_errors import LockInfo

FILE = re.compile(r"terraform\.TapStack(?P<suffix>[^/]+)\.tfstate")
ARCHITECTURE = "single-region"
"""Of a state whose tags do not name another."""

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
        found = (self.find(suffix) for suffix in sorted(usable))
        return [stored for stored in found if stored]

    def find(self, suffix: str) -> StoredState | None:
        """Where the state of an environment is, None if there is none."""
        path = self._path(suffix)
        state = self.read(suffix)
        if state is None:
            return None
        try:
            status = path.stat()
        except FileNotFoundError:
            return None
        architecture = state.default_tags.get("Architecture", ARCHITECTURE)
        modified = datetime.fromtimestamp(status.st_mtime, UTC)
        return StoredState(suffix, architecture, str(path), status.st_size, modified)

    def read(self, suffix: str) -> State | None:
        """The state of an environment, None if there is none."""
        path = self._path(suffix)
        try:
            return parse_state(path.read_bytes(), str(path))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InventoryError(f"{path} cannot be read: {error.strerror}") from error

    def read_stored(self, stored: StoredState) -> State:
        """A state of the list; an empty one if it was removed since."""
        return self.read(stored.suffix) or State(0, "")

    def lock(self, suffix: str) -> LockInfo | None:
        """Who holds the state: a process that runs. What a killed one wrote beside it counts for nothing."""
        path = self._path(suffix)
        try:
            holder = _holder(path)
        except FileNotFoundError:
            return None
        if not holder:
            return None
        try:
            return parse_lock_file(self._lock_file(suffix).read_bytes(), str(self._lock_file(suffix)))
        except (FileNotFoundError, InventoryError):
            # Between taking the lock and saying so, or between the two at its end.
            return LockInfo(id="", path=str(path), operation="", who=f"process {holder}", created="")

    def remove_empty(self, suffix: str) -> bool:
        """Remove the state and its backup if no resource is left in it and nobody holds it. It is locked meanwhile."""
        path = self._path(suffix)
        try:
            with path.open("r+b") as file:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not parse_state(file.read(), str(path)).is_empty:
                    return False
                # The backup is the state before the last change: nothing in it exists any more.
                path.with_name(path.name + ".backup").unlink(missing_ok=True)
                self._lock_file(suffix).unlink(missing_ok=True)
                path.unlink()
        except (FileNotFoundError, BlockingIOError, PermissionError):
            return False
        return True

    def _path(self, suffix: str) -> Path:
        return self.directory / state_file(suffix)

    def _lock_file(self, suffix: str) -> Path:
        return self.directory / f".{state_file(suffix)}.lock.info"


def _holder(path: Path) -> int:
    """The id of the process that holds a lock on the file, 0 if none does; nothing is locked to find out."""
    with path.open("rb") as file:
        question = {"type": fcntl.F_WRLCK, "whence": os.SEEK_SET, "start": 0, "length": 0, "pid": 0}
        order = ("start", "length", "pid", "type", "whence") if sys.platform == "darwin" else tuple(question)
        answer = fcntl.fcntl(file, fcntl.F_GETLK, struct.pack(_FLOCK, *(question[name] for name in order)))
    told = dict(zip(order, struct.unpack(_FLOCK, answer), strict=True))
    return 0 if told["type"] == fcntl.F_UNLCK else int(told["pid"])
