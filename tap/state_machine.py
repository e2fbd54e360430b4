"""An environment's state machines: found by name, their executions, and the answers that those wait for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tap.environment import SESSIONS_TABLE, Environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_stepfunctions.client import SFNClient

APPROVAL_PREFIX = "approval/"
"""How keys of the sessions' table begin that hold task tokens: lib/lambda/payments/sessions.py."""
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html#API_SendTaskSuccess_Errors
GONE = ("TaskDoesNotExist", "TaskTimedOut", "InvalidToken")


class NotAskedError(RuntimeError):
    """Nothing waits for this answer."""


class AnsweredError(RuntimeError):
    """It was answered already, or its time has passed."""


@dataclass(frozen=True)
class RunningExecution:
    """An execution that has not ended, and what it was given."""

    name: str
    started_at: datetime
    given: dict[str, Any]


class StateMachine:
    """One of an environment's, in its Region; `base` names it. Methods raise botocore's errors."""

    def __init__(self, environment: Environment, base: str) -> None:
        self._environment = environment
        self.client: SFNClient = environment.client("stepfunctions")
        self.name = environment.name(base)

    def find(self) -> str | None:
        """Its ARN, None if there is none."""
        for page in self.client.get_paginator("list_state_machines").paginate():
            for machine in page["stateMachines"]:
                if machine["name"] == self.name:
                    return machine["stateMachineArn"]
        return None

    def running(self, arn: str) -> Iterator[RunningExecution]:
        """Its executions that have not ended."""
        pages = self.client.get_paginator("list_executions").paginate(stateMachineArn=arn, statusFilter="RUNNING")
        for page in pages:
            for execution in page["executions"]:
                described = self.client.describe_execution(executionArn=execution["executionArn"])
                given = json.loads(described.get("input", "{}"))
                yield RunningExecution(execution["name"], execution["startDate"], given)

    def token(self, question: str) -> str | None:
        """The token with which a question is answered: a payment's id, or `recovery/` and an execution's name.

        None as long as nobody is asked. Raises `EnvironmentNotFoundError` too.
        """
        sessions: DynamoDBClient = self._environment.client("dynamodb")
        key = {"session_id": {"S": f"{APPROVAL_PREFIX}{question}"}}
        item = sessions.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return item["task_token"]["S"] if item else None

    def answer(self, question: str, *, approved: bool, approver: str) -> None:
        """Hands a decision to what waits for it. Raises `NotAskedError`, `AnsweredError`."""
        token = self.token(question)
        if token is None:
            raise NotAskedError(question)
        decision = json.dumps({"approved": approved, "approver": approver})
        try:
            self.client.send_task_success(taskToken=token, output=decision)
        except ClientError as error:
            if error.response["Error"]["Code"] not in GONE:
                raise
            raise AnsweredError(question) from None

    @cached_property
    def _table(self) -> str:
        return self._environment.parameter(SESSIONS_TABLE)
