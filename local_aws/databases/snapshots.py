"""The data in snapshots: folders of servers, which outlive their clusters."""

import shutil
import subprocess
from itertools import count
from pathlib import Path

from local_aws.databases.errors import DatabaseError


class Snapshots:
    """They are in `directory`, by name. One without data is of a cluster that had none."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = count(1)
        self._kept: dict[str, Path] = {}

    def new(self) -> Path:
        """The path of a folder that does not exist yet."""
        self._directory.mkdir(parents=True, exist_ok=True)
        return self._directory / str(next(self._numbers))

    def keep(self, name: str, folder: Path) -> None:
        """Keeps a folder from `new` under a name."""
        self.forget(name)
        self._kept[name] = folder

    def has(self, name: str) -> bool:
        return name in self._kept

    def copy(self, name: str) -> Path:
        """A new folder with a snapshot's data, if it has any. Raises DatabaseError if there is no such snapshot."""
        if name not in self._kept:
            raise DatabaseError(f"{name} has no data")
        copy = self.new()
        if self._kept[name].exists():
            # With their owners, whom PostgreSQL looks at.
            subprocess.run(["cp", "-a", self._kept[name], copy], check=True)
        return copy

    def forget(self, name: str) -> None:
        """Removes a snapshot's data, if there are any."""
        folder = self._kept.pop(name, None)
        if folder:
            shutil.rmtree(folder, ignore_errors=True)

    def clear(self) -> None:
        """Removes them all."""
        self._kept.clear()
        shutil.rmtree(self._directory, ignore_errors=True)
