"""What a task is asked with."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Event = Mapping[str, Any]
Answer = dict[str, object]


class TaskInputError(Exception):
    """A field of the event is missing, or cannot be used."""


def text(event: Event, name: str) -> str:
    """Raises `TaskInputError`."""
    value = optional_text(event, name)
    if value is None:
        raise TaskInputError(f"{name} is missing")
    return value


def optional_text(event: Event, name: str) -> str | None:
    """Raises `TaskInputError`."""
    value = event.get(name)
    if value is not None and (not isinstance(value, str) or not value):
        raise TaskInputError(f"{name} is {value!r}; a text is expected")
    return value


def flag(event: Event, name: str) -> bool:
    """False where it is left out. Raises `TaskInputError`."""
    value = event.get(name, False)
    if not isinstance(value, bool):
        raise TaskInputError(f"{name} is {value!r}; true or false is expected")
    return value


def moment(event: Event, name: str) -> datetime:
    """In UTC, which is also what a moment without a time zone means. Raises `TaskInputError`."""
    given = text(event, name)
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        raise TaskInputError(f"{name} is {given!r}; a moment in ISO 8601 is expected") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
