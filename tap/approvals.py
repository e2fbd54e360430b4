"""Payments that wait for a person: executions of the approval workflow, and the answers to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tap.environment import SESSIONS_TABLE, Environment, EnvironmentNotFoundError
from tap.payment_sending import NoAnswerError, find_payment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_stepfunctions.client import SFNClient
    from mypy_boto3_sts.client import STSClient

    from tap.payment_client import PaymentClient

WORKFLOW = "approval"
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html#API_SendTaskSuccess_Errors
GONE = ("TaskDoesNotExist", "TaskTimedOut", "InvalidToken")


class ApprovalError(RuntimeError):
    """The payment does not wait for an approval."""


@dataclass(frozen=True)
class PendingApproval:
    """A payment that the workflow has begun with; `asked` once it waits for a person.

    `amount` and `currency` come from the API, and are None when it does not answer.
    """

    payment_id: str
    amount: str | None
    currency: str | None
    started_at: datetime
    asked: bool


class Approvals:
    """The approvals of one environment."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._workflow: SFNClient = environment.client("stepfunctions")
        self._sessions: DynamoDBClient = environment.client("dynamodb")

    def pending(self) -> list[PendingApproval]:
        """Those that run, oldest first. Raises `EnvironmentNotFoundError`, and botocore's errors."""
        table = self._environment.parameter(SESSIONS_TABLE)
        machine = self._state_machine_arn()
        client = self._environment.payment_client()
        found = []
        for payment_id, started_at in self._running(machine):
            known = _answer(client, payment_id)
            found.append(
                PendingApproval(
                    payment_id=payment_id,
                    amount=known.get("amount"),
                    currency=known.get("currency"),
                    started_at=started_at,
                    asked=self._token(table, payment_id) is not None,
                )
            )
        return sorted(found, key=lambda approval: approval.started_at)

    def decide(self, payment_id: str, *, approved: bool, approver: str) -> None:
        """Hands the decision to the workflow. Raises `ApprovalError` if it waits for none."""
        token = self._token(self._environment.parameter(SESSIONS_TABLE), payment_id)
        if token is None:
            raise ApprovalError(
                f"payment {payment_id!r} waits for no approval in environment {self._environment.suffix!r}; "
                "`tap approvals list` shows those that do"
            )
        try:
            self._workflow.send_task_success(
                taskToken=token, output=json.dumps({"approved": approved, "approver": approver})
            )
        except self._workflow.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in GONE:
                raise
            raise ApprovalError(
                f"the approval of payment {payment_id!r} was decided already or its time has passed; "
                f"see `tap payment show {payment_id}`"
            ) from None

    def caller(self) -> str:
        """Who the credentials belong to: the last part of the caller's ARN."""
        sts: STSClient = self._environment.client("sts")
        return sts.get_caller_identity()["Arn"].rsplit(":", 1)[-1]

    def _state_machine_arn(self) -> str:
        name = self._environment.name(WORKFLOW)
        for page in self._workflow.get_paginator("list_state_machines").paginate():
            for machine in page["stateMachines"]:
                if machine["name"] == name:
                    return machine["stateMachineArn"]
        raise EnvironmentNotFoundError(
            f"environment {self._environment.suffix!r} has no approval workflow: there is no state machine {name} in "
            f"{self._environment.account.place}; deploy it with APPROVAL_THRESHOLD set"
        )

    def _running(self, machine: str) -> Iterator[tuple[str, datetime]]:
        pages = self._workflow.get_paginator("list_executions").paginate(
            stateMachineArn=machine, statusFilter="RUNNING"
        )
        for page in pages:
            for execution in page["executions"]:
                described = self._workflow.describe_execution(executionArn=execution["executionArn"])
                payment_id = json.loads(described.get("input", "{}")).get("payment_id")
                if payment_id:
                    yield payment_id, execution["startDate"]

    def _token(self, table: str, payment_id: str) -> str | None:
        item = self._sessions.get_item(
            TableName=table, Key={"session_id": {"S": f"approval/{payment_id}"}}, ConsistentRead=True
        ).get("Item")
        return item["task_token"]["S"] if item else None


def _answer(client: PaymentClient, payment_id: str) -> dict[str, Any]:
    try:
        body = find_payment(client, payment_id).body
    except NoAnswerError:
        return {}
    return body if isinstance(body, dict) else {}
