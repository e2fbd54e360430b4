"""Recoveries that wait for a person: executions of the Region failover, whoever started them, and the answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tap.recovery.errors import RecoveryRefusedError
from tap.recovery.site import Site
from tap.recovery.workflow import REGION_FAILOVER, Workflow
from tap.state_machine import AnsweredError, NotAskedError

PREFIX = "recovery/"


@dataclass(frozen=True)
class WaitingRecovery:
    """An execution that has not ended; `asked` once it waits for a person."""

    execution: str
    region: str
    started_at: datetime
    requested_by: str
    mode: str
    asked: bool


class RecoveryApprovals:
    """The approvals in one Region: the one that is to become the primary."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._workflow = Workflow(site, REGION_FAILOVER)

    def waiting(self) -> list[WaitingRecovery]:
        """Those that run. Raises `EnvironmentNotFoundError`, and botocore's errors."""
        return [
            WaitingRecovery(
                execution.name,
                self._site.region,
                execution.started_at,
                execution.given.get("requested_by", ""),
                execution.given.get("mode", ""),
                self.token(execution.name) is not None,
            )
            for execution in self._workflow.running()
        ]

    def token(self, execution: str) -> str | None:
        """The token with which the execution's question is answered, None as long as there is none."""
        return self._workflow.machine.token(f"{PREFIX}{execution}")

    def answer(self, execution: str, *, approved: bool, approver: str) -> None:
        """Hands the decision to the execution. Raises `RecoveryRefusedError` if it waits for none."""
        try:
            self._workflow.machine.answer(f"{PREFIX}{execution}", approved=approved, approver=approver)
        except NotAskedError:
            raise RecoveryRefusedError(
                f"recovery {execution!r} waits for no approval in {self._site.environment.account.place}; "
                "`tap recover approvals` shows those that do"
            ) from None
        except AnsweredError:
            raise RecoveryRefusedError(
                f"recovery {execution!r} was decided already, or its time has passed; nothing was changed"
            ) from None
