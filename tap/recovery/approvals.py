"""Recoveries that wait for a person: executions of the Region failover, whoever started them, and the answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import ClientError

from tap.approvals import GONE
from tap.recovery.errors import RecoveryRefusedError
from tap.recovery.site import Site
from tap.recovery.workflow import REGION_FAILOVER, Workflow

PREFIX = "approval/recovery/"


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
        self._client = site.client("stepfunctions")

    def waiting(self) -> list[WaitingRecovery]:
        """Those that run. Raises `EnvironmentNotFoundError`, and botocore's errors."""
        found = []
        for execution in Workflow(self._site, REGION_FAILOVER).running():
            described = self._client.describe_execution(executionArn=execution["executionArn"])
            given = json.loads(described.get("input", "{}"))
            found.append(
                WaitingRecovery(
                    execution["name"],
                    self._site.region,
                    execution["startDate"],
                    given.get("requested_by", ""),
                    given.get("mode", ""),
                    self.token(execution["name"]) is not None,
                )
            )
        return found

    def token(self, execution: str) -> str | None:
        """The token with which the execution's question is answered, None as long as there is none."""
        item = (
            self._site.client("dynamodb")
            .get_item(
                TableName=self._site.table, Key={"session_id": {"S": f"{PREFIX}{execution}"}}, ConsistentRead=True
            )
            .get("Item")
        )
        return str(item["task_token"]["S"]) if item else None

    def answer(self, execution: str, *, approved: bool, approver: str) -> None:
        """Hands the decision to the execution. Raises `RecoveryRefusedError` if it waits for none."""
        token = self.token(execution)
        if token is None:
            raise RecoveryRefusedError(
                f"recovery {execution!r} waits for no approval in {self._site.environment.account.place}; "
                "`tap recover approvals` shows those that do"
            )
        try:
            self._client.send_task_success(
                taskToken=token, output=json.dumps({"approved": approved, "approver": approver})
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in GONE:
                raise
            raise RecoveryRefusedError(
                f"recovery {execution!r} was decided already, or its time has passed; nothing was changed"
            ) from None
