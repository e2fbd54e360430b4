"""What a recovery has done so far, in a folder of its own: it outlives the process that does it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from tap.recovery.errors import RecoveryRefusedError

FILE = "journal.json"
State = Literal["unfinished", "done", "failed", "abandoned"]
Result = Mapping[str, Any]


@dataclass
class StepRecord:
    """One step that was begun. `result` is there once it is done, `error` after an attempt that failed."""

    attempts: int = 0
    began_at: str = ""
    ended_at: str = ""
    result: dict[str, Any] | None = None
    error: str = ""

    @property
    def done(self) -> bool:
        return self.result is not None


@dataclass
class Record:
    """The content of the journal's file. `arguments` are those of the command, as text."""

    id: str
    kind: str
    suffix: str
    region: str
    arguments: dict[str, str]
    began_at: str
    state: State = "unfinished"
    ended_at: str = ""
    steps: dict[str, StepRecord] = field(default_factory=dict)


class Journal:
    """The journal of one recovery; every change is on the disk before the next thing is done."""

    def __init__(self, folder: Path, record: Record) -> None:
        self.folder = folder
        self.record = record

    @classmethod
    def new(
        cls, directory: Path, *, kind: str, suffix: str, region: str, arguments: Mapping[str, str], now: datetime
    ) -> Journal:
        """Makes the folder `{directory}/{suffix}/{id}`; the id is the time, which also names what is made in AWS."""
        while True:
            id_ = f"{now.astimezone(UTC):%Y%m%dt%H%M%S}"
            folder = directory / suffix / id_
            try:
                folder.mkdir(parents=True)
                break
            except FileExistsError:  # Two in one second.
                time.sleep(1)
                now = datetime.now(UTC)
        journal = cls(folder, Record(id_, kind, suffix, region, dict(arguments), _now()))
        journal.save()
        return journal

    @classmethod
    def open(cls, folder: Path) -> Journal:
        """The journal in a folder. Raises `RecoveryRefusedError` for one that cannot be read."""
        path = folder / FILE
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            steps = {name: StepRecord(**step) for name, step in content.pop("steps").items()}
            return cls(folder, Record(**content, steps=steps))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise RecoveryRefusedError(
                f"{path} is no journal of a recovery: {error}; check --directory and the id"
            ) from None

    @classmethod
    def all(cls, directory: Path, suffix: str) -> list[Journal]:
        """The journals of an environment, oldest first."""
        return [cls.open(path.parent) for path in sorted((directory / suffix).glob(f"*/{FILE}"))]

    @classmethod
    def unfinished(cls, directory: Path, suffix: str) -> list[Journal]:
        """Those that did not come to their end."""
        return [journal for journal in cls.all(directory, suffix) if journal.record.state == "unfinished"]

    @property
    def id(self) -> str:
        return self.record.id

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else works on this recovery meanwhile. Raises `RecoveryRefusedError` if somebody does."""
        with (self.folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RecoveryRefusedError(
                    f"recovery {self.id} is under way in another process; wait until that has ended"
                ) from None
            yield

    def result(self, step: str) -> dict[str, Any]:
        """What a step that is done gave."""
        found = self.record.steps[step].result
        assert found is not None
        return found

    def done(self, step: str) -> bool:
        return step in self.record.steps and self.record.steps[step].done

    def perform(self, step: str, action: Callable[[], Result | None]) -> None:
        """Does the step and keeps its result; one that is done is left as it is. Raises what the action raises."""
        if self.done(step):
            return
        record = self.record.steps.setdefault(step, StepRecord())
        record.attempts += 1
        record.began_at = record.began_at or _now()
        record.error = ""
        self.save()
        try:
            result = dict(action() or {})
        except BaseException as error:
            record.error = f"{type(error).__name__}: {error}"
            self.save()
            raise
        record.ended_at = _now()
        record.result = result
        self.save()

    def end(self, state: State) -> None:
        """Closes it: nothing of it is to be resumed any more."""
        self.record.state = state
        self.record.ended_at = _now()
        self.save()

    def save(self) -> None:
        """Replaces the file as a whole, so that there is always one."""
        write_whole(self.folder / FILE, json.dumps(asdict(self.record), indent=2) + "\n")

    def append(self, name: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """Adds rows to a file of JSON lines in the folder, to the disk; how many."""
        count = 0
        with (self.folder / name).open("a", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(row) + "\n")
                count += 1
            file.flush()
            os.fsync(file.fileno())
        return count

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of such a file; none where there is no file. A line that a kill cut short is left out."""
        path = self.folder / name
        found = []
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found

    def forget(self, name: str) -> None:
        """Removes such a file, before it is written from its start."""
        (self.folder / name).unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Writes a file so that a reader, or a crash, sees the old one or the new one."""
    beside = path.with_name(path.name + ".new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
