"""What one check found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check ended. What could not be looked at is never `ok`."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Check:
    """One line of the doctor's report; `remedy` is there unless the status is `ok`."""

    group: str
    name: str
    status: Status
    found: str
    remedy: str | None = None

    @classmethod
    def ok(cls, group: str, name: str, found: str) -> Check:
        """Nothing to do."""
        return cls(group, name, Status.OK, found)

    @classmethod
    def warning(cls, group: str, name: str, found: str, remedy: str) -> Check:
        """A deployment works, but something should be done."""
        return cls(group, name, Status.WARNING, found, remedy)

    @classmethod
    def fault(cls, group: str, name: str, found: str, remedy: str) -> Check:
        """A deployment would fail."""
        return cls(group, name, Status.FAULT, found, remedy)

    @classmethod
    def not_checked(cls, group: str, name: str, found: str, remedy: str) -> Check:
        """Nobody looked; `found` says why."""
        return cls(group, name, Status.NOT_CHECKED, found, remedy)

    def as_json(self) -> dict[str, str | None]:
        """The check in the form of `tap doctor --json`."""
        return asdict(self)
