"""Where a Terraform state is kept: one for each environment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tap.inventory.errors import InventoryError
from tap.inventory.state import State


@dataclass(frozen=True)
class StoredState:
    """A state that exists: where, how large (bytes) and when it was written last."""

    suffix: str
    architecture: str
    location: str
    size: int
    modified: datetime


def the_one(found: Sequence[StoredState], read: Callable[[StoredState], State]) -> StoredState | None:
    """The state of an environment among those of its architectures: the one that is not empty, None of none.

    Raises `InventoryError` if more than one is not: one suffix is one environment.
    """
    if len(found) > 1:
        found = [stored for stored in found if not read(stored).is_empty] or found[:1]
    if len(found) > 1:
        places = " and ".join(stored.location for stored in found)
        raise InventoryError(
            f"environment {found[0].suffix} has two states, {places}: remove what one of them knows first"
        )
    return found[0] if found else None
