"""Answers that were given, in DynamoDB: what a client can still ask for while the ledger cannot be reached.

The table is a cache and never the judge: it may be lost, rewound or behind.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from payments.payment import Payment, Standing, Status

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

# No payment or session id has a slash, so these keys are no session's.
ABSENT_KEY = "health/deep"
APPROVAL_PREFIX = "approval/"


class Sessions:
    """The sessions table. Methods raise botocore's errors."""

    def __init__(self, *, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def put(self, payment: Payment, standing: Standing, *, now: datetime, ttl: timedelta) -> None:
        """Writes where the payment stands, under its own id and, where the client gave another, the session's."""
        for key in dict.fromkeys([payment.payment_id, payment.session_id]):
            self._put(
                key,
                {
                    "payment_id": {"S": payment.payment_id},
                    "status": {"S": standing.status.value},
                    "answer": {"S": json.dumps(standing.answer)},
                },
                now,
                ttl,
            )

    def find(self, payment_id: str, *, now: datetime) -> Standing | None:
        """Where the payment stood when its session was written, if the session lives."""
        item = self._client.get_item(
            TableName=self._table, Key={"session_id": {"S": payment_id}}, ConsistentRead=True
        ).get("Item")
        if item is None or item["payment_id"]["S"] != payment_id or int(item["expires_at"]["N"]) <= now.timestamp():
            return None
        return Standing(
            payment_id=payment_id,
            status=Status(item["status"]["S"]),
            answer=json.loads(item["answer"]["S"]),
            repeated=True,
        )

    def put_approval(self, payment_id: str, task_token: str, *, now: datetime, ttl: timedelta) -> None:
        """Keeps the token with which a person answers the workflow of this payment."""
        fields = {"payment_id": {"S": payment_id}, "task_token": {"S": task_token}}
        self._put(f"{APPROVAL_PREFIX}{payment_id}", fields, now, ttl)

    def check(self) -> None:
        """Reads an absent item."""
        self._client.get_item(TableName=self._table, Key={"session_id": {"S": ABSENT_KEY}})

    def _put(self, key: str, fields: Mapping[str, Any], now: datetime, ttl: timedelta) -> None:
        self._client.put_item(
            TableName=self._table,
            Item={
                "session_id": {"S": key},
                **fields,
                "created_at": {"S": now.isoformat()},
                "expires_at": {"N": str(int((now + ttl).timestamp()))},
            },
        )
