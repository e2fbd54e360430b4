"""A recovery's state machine, executed by moto's interpreter with a function that answers as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import boto3
import pytest
from moto.sns.models import sns_backends
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

from tests.unit.executions import end_of

REGION = "us-west-2"
ACCOUNT = "123456789012"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:payment-recovery-dev"
Answer = Mapping[str, object]
Answers = Mapping[str, Answer | list[Answer | str]]


class FakeFunction:
    """Answers tasks, each with the next of its answers and in the end with the last; an error is a name."""

    def __init__(self, answers: Answers, decide: Callable[[str], None]) -> None:
        self._answers: dict[str, list[Answer | str]] = {
            task: list(given) if isinstance(given, list) else [given] for task, given in answers.items()
        }
        self._decide = decide
        self.called: list[str] = []
        self.payloads: list[dict[str, Any]] = []

    def invoke(self, **parameters: Any) -> dict[str, Any]:
        assert parameters["FunctionName"] == FUNCTION
        payload = json.loads(parameters["Payload"])
        task = payload["task"]
        self.payloads.append(payload)
        self.called.append(task)
        answers = self._answers.get(task, [{}])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, str):
            error = {"errorType": answer, "errorMessage": "as told"}
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": BytesIO(json.dumps(error).encode())}
        if task == "request-approval":
            threading.Timer(0.05, self._decide, [payload["task_token"]]).start()
        return {"StatusCode": 200, "Payload": BytesIO(json.dumps(answer).encode())}


class Machine:
    """A state machine of a definition, and its executions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, definition: Callable[[str], dict[str, Any]]) -> None:
        """`definition` is given the topic."""
        self._monkeypatch = monkeypatch
        self._client = boto3.client("stepfunctions", region_name=REGION)
        self.topic = boto3.client("sns", region_name=REGION).create_topic(Name="payment-alerts-dev")["TopicArn"]
        self.definition = definition(self.topic)
        self.decision: object = {"approved": True, "approver": "Ada"}
        self.function: FakeFunction

    def run(self, given: object, answers: Answers) -> str:
        """Execute it to its end; return the state of success that it ended in, or the error."""
        self.function = FakeFunction(answers, self._decide)
        self._monkeypatch.setattr(lambda_eval_utils, "boto_client_for", lambda **_: self.function)
        machine = self._client.create_state_machine(
            name="recovery", definition=json.dumps(self.definition), roleArn=f"arn:aws:iam::{ACCOUNT}:role/x"
        )["stateMachineArn"]
        execution = self._client.start_execution(stateMachineArn=machine, name="run-1", input=json.dumps(given))
        return end_of(self._client, execution["executionArn"])

    @property
    def tasks(self) -> list[str]:
        """The tasks that were called, each once however often it was tried."""
        called = self.function.called
        return [task for task, before in zip(called, [None, *called], strict=False) if task != before]

    def payload(self, task: str) -> dict[str, Any]:
        """What the task was last called with."""
        return [payload for payload in self.function.payloads if payload["task"] == task][-1]

    @property
    def notices(self) -> list[tuple[str | None, str]]:
        """Subject and text of what was told."""
        sent = sns_backends[ACCOUNT][REGION].topics[self.topic].sent_notifications
        return [(subject, text) for _, text, subject, *_ in sent]

    def _decide(self, token: str) -> None:
        if self.decision is not None:
            self._client.send_task_success(taskToken=token, output=json.dumps(self.decision))
