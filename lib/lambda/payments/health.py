"""Whether everything that payments need can be reached from here."""

from dataclasses import dataclass
from typing import Protocol

from payments.observability import logger
from payments.payment import Answer


class Dependency(Protocol):
    """Something that can be asked for an answer, and raises when it has none."""

    def check(self) -> object: ...


@dataclass(frozen=True, kw_only=True)
class HealthReport:
    """Names of what failed, and by name the values of the switches that could be read."""

    failed: list[str]
    switches: dict[str, str]

    def answer(self) -> Answer:
        """What is told of it."""
        answer: Answer = {"status": "unavailable", "failed": self.failed} if self.failed else {"status": "ok"}
        return {**answer, **self.switches}


class DeepHealth:
    """Asks each dependency, now: the ledger is asked as the Region's role has it, so that the switches come first.

    `role` is None in an environment in one Region, `writes` where nothing can stop the writers. That they are stopped
    is no fault.
    """

    def __init__(self, *, role: Dependency | None, writes: Dependency | None, **dependencies: Dependency) -> None:
        switches = {"role": role, "writes": writes}
        self._switches = {name: switch for name, switch in switches.items() if switch}
        self._dependencies = {**self._switches, **dependencies}

    def report(self) -> HealthReport:
        """What each of them answered."""
        failed: list[str] = []
        switches: dict[str, str] = {}
        for name, dependency in self._dependencies.items():
            try:
                value = dependency.check()
            except Exception:
                logger.exception("dependency unreachable", dependency=name)
                failed.append(name)
            else:
                if name in self._switches:
                    switches[name] = str(value)
        return HealthReport(failed=failed, switches=switches)
