"""The state machines that recover: started by name, so that a repetition finds the same execution, and followed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tap.environment import EnvironmentNotFoundError
from tap.recovery.errors import RecoveryEndedError
from tap.recovery.procedure import Tell
from tap.recovery.site import Site
from tap.state_machine import RunningExecution, StateMachine

WRITER_FAILOVER, REGION_FAILOVER = "writer-failover", "region-failover"
POLL_SECONDS = 1.0
# The longest of them waits for a person for as long as approvals may take.
FINAL = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")


@dataclass(frozen=True)
class Execution:
    """Where an execution is. `states` are those that were entered, in order."""

    arn: str
    status: str
    states: tuple[str, ...]
    error: str = ""
    cause: str = ""

    @property
    def ended(self) -> bool:
        return self.status in FINAL

    @property
    def last(self) -> str:
        return self.states[-1] if self.states else ""


class Workflow:
    """One state machine of an environment in a Region; `base` names it."""

    def __init__(self, site: Site, base: str) -> None:
        self._site = site
        self.machine = StateMachine(site.environment, base)
        self._client = self.machine.client
        self.name = self.machine.name

    def arn(self) -> str:
        """Its ARN. Raises `EnvironmentNotFoundError` where there is none, and botocore's errors."""
        found = self.machine.find()
        if found is None:
            raise EnvironmentNotFoundError(
                f"environment {self._site.suffix!r} in {self._site.environment.account.place} has no state machine "
                f"{self.name}: deploy it anew with `tap env deploy`, which adds it"
            )
        return found

    def running(self) -> list[RunningExecution]:
        """The executions that have not ended. Raises as `arn` does."""
        return list(self.machine.running(self.arn()))

    def start(self, name: str, given: Mapping[str, str]) -> str:
        """Starts an execution of this name, or finds the one that was started before; its ARN."""
        arn = self.arn()
        try:
            started = self._client.start_execution(stateMachineArn=arn, name=name, input=json.dumps(dict(given)))
        except self._client.exceptions.ExecutionAlreadyExists:
            return f"{arn.replace(':stateMachine:', ':execution:')}:{name}"
        return str(started["executionArn"])

    def look(self, execution_arn: str) -> Execution:
        """Where it is now. Raises botocore's errors."""
        described = self._client.describe_execution(executionArn=execution_arn)
        history = self._client.get_paginator("get_execution_history").paginate(
            executionArn=execution_arn, includeExecutionData=False
        )
        states = tuple(
            event["stateEnteredEventDetails"]["name"]
            for page in history
            for event in page["events"]
            if "stateEnteredEventDetails" in event
        )
        return Execution(
            execution_arn, described["status"], states, described.get("error", ""), described.get("cause", "")
        )

    def follow(
        self,
        execution_arn: str,
        tell: Tell,
        until: Callable[[Execution], bool] = lambda _: False,
        *,
        told: int = 0,
    ) -> Execution:
        """Tells of each state as it is entered, until the end, or until `until` says so; `told` were told before."""
        while True:
            now = self.look(execution_arn)
            for state in now.states[told:]:
                tell(state)
            told = len(now.states)
            if now.ended or until(now):
                return now
            time.sleep(POLL_SECONDS)


def succeeded(execution: Execution, *last: str) -> dict[str, Any]:
    """The result of an execution that ended in one of these states. Raises `RecoveryEndedError` for another end."""
    if execution.status != "SUCCEEDED":
        raise RecoveryEndedError(
            f"execution {execution.arn} ended {execution.status} in {execution.last}: {execution.error} "
            f"{execution.cause}"
        )
    if execution.last not in last:
        raise RecoveryEndedError(f"execution {execution.arn} ended in {execution.last}")
    return {"execution": execution.arn, "ended_in": execution.last, "states": list(execution.states)}
