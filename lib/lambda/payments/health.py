"""Whether everything that payments need can be reached from here."""

from dataclasses import dataclass
from typing import Protocol

from payments.observability import logger
from payments.payment import Answer
from payments.region_role import RegionRole, Role


class Dependency(Protocol):
    """Something that can be asked for an answer, and raises when it has none."""

    def check(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class HealthReport:
    """Names of what failed. `role` is None in an environment in one Region, and where it could not be read."""

    failed: list[str]
    role: Role | None

    def answer(self) -> Answer:
        """What is told of it."""
        answer: Answer = {"status": "unavailable", "failed": self.failed} if self.failed else {"status": "ok"}
        return {**answer, "role": self.role} if self.role else answer


class DeepHealth:
    """Asks each dependency, now: the ledger is asked as the Region's role has it, so that the role comes first."""

    def __init__(self, *, role: RegionRole | None, **dependencies: Dependency) -> None:
        self._dependencies: dict[str, Dependency] = {"role": role, **dependencies} if role else dependencies
        self._role = role

    def report(self) -> HealthReport:
        """What each of them answered."""
        failed = [name for name, dependency in self._dependencies.items() if not _answers(name, dependency)]
        role = self._role.last if self._role and "role" not in failed else None
        return HealthReport(failed=failed, role=role)


def _answers(name: str, dependency: Dependency) -> bool:
    try:
        dependency.check()
    except Exception:
        logger.exception("dependency unreachable", dependency=name)
        return False
    return True
