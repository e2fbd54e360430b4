"""Executions of state machines by moto's interpreter."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient

SECONDS = 20.0
POLL_SECONDS = 0.02


def end_of(client: SFNClient, execution: str) -> str:
    """Wait for the end of an execution; return the state of success that it ended in, or the error."""
    pause = threading.Event()
    for _ in range(int(SECONDS / POLL_SECONDS)):
        found = client.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            if found["status"] == "FAILED":
                return str(found["error"])
            events = client.get_execution_history(executionArn=execution)["events"]
            (state,) = [e["stateEnteredEventDetails"]["name"] for e in events if e["type"] == "SucceedStateEntered"]
            return str(state)
        pause.wait(POLL_SECONDS)
    raise AssertionError("the execution did not end")


def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let attempts follow each other at once; how long the pauses are is a matter of the definition's own test."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(retrier_decl, "time", SimpleNamespace(sleep=lambda _seconds: None))
