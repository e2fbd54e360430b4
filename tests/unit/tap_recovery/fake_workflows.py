"""State machines in memory: an execution enters its states one by one, each time that somebody looks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

ARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:"


class FakeWorkflows:
    """`script` are the states of an execution, in order; at `RequestApproval` it waits for an answer."""

    def __init__(self, *names: str, script: tuple[str, ...] = ()) -> None:
        self.names = names
        self.script = script
        self.failure: str | None = None
        self.executions: dict[str, dict[str, Any]] = {}
        self.answers: list[dict[str, Any]] = []
        self.on_approval: list[str] = []
        self.exceptions = _Exceptions()

    def get_paginator(self, operation: str) -> Any:
        return _Pages(getattr(self, f"_{operation}"))

    def start_execution(self, **parameters: str) -> dict[str, str]:
        name = parameters["name"]
        if name in self.executions:
            raise self.exceptions.ExecutionAlreadyExists
        self.executions[name] = {"entered": [], "input": parameters["input"], "answered": False}
        return {"executionArn": f"{ARN}x:{name}".replace(":stateMachine:", ":execution:")}

    def describe_execution(self, **parameters: str) -> dict[str, Any]:
        execution = self._execution(parameters["executionArn"])
        self._step(execution)
        entered = execution["entered"]
        if len(entered) < len(self.script):
            return {"status": "RUNNING", "input": execution["input"]}
        if self.failure:
            return {"status": "FAILED", "error": self.failure, "cause": "it is so", "input": execution["input"]}
        return {"status": "SUCCEEDED", "output": "{}", "input": execution["input"]}

    def send_task_success(self, **parameters: str) -> dict[str, Any]:
        answer = {"token": parameters["taskToken"], **json.loads(parameters["output"])}
        waiting = [one for one in self.executions.values() if one["entered"][-1:] == ["RequestApproval"]]
        if not waiting or waiting[0]["answered"]:
            raise ClientError({"Error": {"Code": "TaskTimedOut", "Message": "gone"}}, "SendTaskSuccess")
        waiting[0]["answered"] = True
        if not answer["approved"]:
            self.script = ("RequestApproval", "NotApproved")
        self.answers.append(answer)
        return {}

    def _step(self, execution: dict[str, Any]) -> None:
        entered = execution["entered"]
        waits = entered[-1:] == ["RequestApproval"] and not execution["answered"]
        if len(entered) < len(self.script) and not waits:
            entered.append(self.script[len(entered)])

    def _list_state_machines(self) -> dict[str, Any]:
        return {"stateMachines": [{"name": name, "stateMachineArn": ARN + name} for name in self.names]}

    def _list_executions(self, **_: str) -> dict[str, Any]:
        return {
            "executions": [
                {"name": name, "executionArn": f"arn:{name}", "startDate": datetime(2026, 11, 26, tzinfo=UTC)}
                for name, one in self.executions.items()
                if len(one["entered"]) < len(self.script)
            ]
        }

    def _get_execution_history(self, **parameters: Any) -> dict[str, Any]:
        entered = self._execution(parameters["executionArn"])["entered"]
        states = [{"stateEnteredEventDetails": {"name": name}} for name in entered]
        return {"events": [{"type": "ExecutionStarted"}, *states]}

    def _execution(self, arn: str) -> dict[str, Any]:
        return self.executions[arn.rpartition(":")[2]]


class _Pages:
    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def paginate(self, **parameters: Any) -> Iterator[dict[str, Any]]:
        yield self._answer(**parameters)


class _Exceptions:
    class ExecutionAlreadyExists(Exception):  # noqa: N818
        pass
