"""The folders in which a cluster's data are, and were before it was rewound: it can go forward again, as Aurora's can.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Managing.Backtrack.html
"""

import shutil
from datetime import UTC, datetime
from itertools import count
from pathlib import Path


class Volumes:
    """Folders of servers in a cluster's folder. One may wait for the next server that starts without another."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = count(1)
        self._waiting: Path | None = None
        self._past: list[tuple[datetime, Path]] = []

    def new(self, name: str) -> Path:
        """The path of a folder that does not exist: addresses change and come again, and folders stay."""
        self._directory.mkdir(parents=True, exist_ok=True)
        return self._directory / f"{name}-{next(self._numbers)}"

    def take(self, name: str) -> Path:
        """The folder that waits, which then waits no more, or a new one."""
        folder, self._waiting = self._waiting or self.new(name), None
        return folder

    def leave(self, folder: Path) -> None:
        """Lets the folder of a server that has ended wait for the next."""
        self._waiting = folder

    def load(self, folder: Path) -> None:
        """Takes over a folder from elsewhere, if it exists, which then waits."""
        if folder.exists():
            self._waiting = folder.rename(self.new("loaded"))

    def rewind(self, rewound: Path) -> None:
        """Puts another folder in the place of the one that waits, whose data were the cluster's until now."""
        if self._waiting:
            self._past.append((datetime.now(UTC), self._waiting))
        self._waiting = rewound if rewound.exists() else None

    def at(self, moment: datetime | None) -> Path | None:
        """The folder whose data were the cluster's at a moment, or are now; None if the servers have that."""
        past = next((folder for until, folder in self._past if moment and moment < until), None)
        return past or self._waiting

    def clear(self) -> None:
        """Removes them all."""
        self._past.clear()
        self._waiting = None
        shutil.rmtree(self._directory, ignore_errors=True)
