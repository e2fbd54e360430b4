"""The tasks of a Region that takes over from the other, each of which may be repeated."""

from typing import Protocol

from payments.region_role import Role
from recovery.dns import FailoverName
from recovery.global_database import GlobalDatabase
from recovery.inputs import Answer, Event, flag
from recovery.roles import Roles


class Task(Protocol):
    """What is done with an event."""

    def __call__(self, event: Event, /) -> Answer: ...


class TwoRegions:
    """Called in the Region that is to become the primary."""

    def __init__(self, *, region: str, database: GlobalDatabase, roles: Roles, name: FailoverName) -> None:
        self._region = region
        self._database = database
        self._roles = roles
        self._name = name

    def tasks(self) -> dict[str, Task]:
        return {
            "examine-regions": self._examine,
            "fence": lambda event: self._roles.fence(allow_unreachable=flag(event, "allow_unreachable")),
            "unfence": lambda _event: self._roles.unfence(),
            "promote": lambda event: self._database.promote(allow_data_loss=flag(event, "allow_data_loss")),
            "await-promotion": lambda _event: self._database.require_leadership(),
            "take-role": self._take_role,
            "move-dns": lambda _event: self._name.move_here(),
            "check-dns": lambda _event: self._name.require_here(),
        }

    def _examine(self, _event: Event) -> Answer:
        """A takeover that was interrupted after the promotion is not over: both roles must say so too."""
        primary, own, other = self._database.leading_region(), self._roles.own(), self._roles.other()
        return {
            "primary": primary,
            "this": self._region,
            "other_reachable": other is not None,
            "already_primary": primary == self._region and own == Role.PRIMARY and other != Role.PRIMARY,
            "lag_seconds": self._database.lag_seconds(),
        }

    def _take_role(self, _event: Event) -> Answer:
        """Only where the database is, so that no payment is refused for want of it. Raises `PromotionPendingError`."""
        self._database.require_leadership()
        return self._roles.take()
