"""Answers that were given, in DynamoDB: the same request gets the same answer for as long as its session lives.

The table is a cache of answers. It may be lost or rewound, so it is never the judge of whether money moved; within a
session's life it does refuse an id that was used for something else.
"""

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from payments.payment import Answer, Payment, PaymentConflictError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

STATUS_VALIDATED = "VALIDATED"
# No payment or session id has a slash, so no item has this key.
ABSENT_KEY = "health/deep"
WRITE_ATTEMPTS = 4
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html: another writer, or load.
TRANSIENT_REASONS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class SessionsBusyError(Exception):
    """Other writers of the same items were in the way for every attempt."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """A payment's answer and how long it stands. `fingerprint` tells another request with the same id apart."""

    payment: Payment
    fingerprint: str
    answer: Answer
    created_at: datetime
    expires_at: datetime

    def item_keys(self) -> list[str]:
        """The payment's id and, where the client gave another, the session's: both lead to the answer."""
        return list(dict.fromkeys([self.payment.payment_id, self.payment.session_id]))


class Sessions:
    """The sessions table."""

    def __init__(self, *, client: "DynamoDBClient", table: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._table = table
        self._pause = pause

    def record(self, session: Session) -> Answer:
        """Writes the session, or finds that it was written; gives the answer that stands, the first one given.

        DynamoDB's condition decides between concurrent writers. An item past its time counts as absent, whether or not
        DynamoDB has deleted it. Raises `PaymentConflictError`, `SessionsBusyError`, and botocore's errors.
        """
        writes = [self._write(session, key) for key in session.item_keys()]
        for attempt in range(WRITE_ATTEMPTS):
            try:
                self._client.transact_write_items(TransactItems=writes)
            except self._client.exceptions.TransactionCanceledException as error:
                reasons = cast("dict[str, Any]", error.response)["CancellationReasons"]
                standing = _standing_answer(session, reasons)
                if standing is not None:
                    return standing
                if not any(reason["Code"] in TRANSIENT_REASONS for reason in reasons):
                    raise
                self._pause(random.uniform(0, 0.05 * 2**attempt))
            else:
                return session.answer
        raise SessionsBusyError(f"{WRITE_ATTEMPTS} attempts to write the session met other writers")

    def find(self, payment_id: str, *, now: datetime) -> Answer | None:
        """The answer given for the payment, if its session lives."""
        item = self._client.get_item(
            TableName=self._table, Key={"session_id": {"S": payment_id}}, ConsistentRead=True
        ).get("Item")
        if item is None or item["payment_id"]["S"] != payment_id or int(item["expires_at"]["N"]) <= now.timestamp():
            return None
        return _answer(item)

    def check(self) -> None:
        """Reads an absent item. Raises botocore's errors when the table cannot be read."""
        self._client.get_item(TableName=self._table, Key={"session_id": {"S": ABSENT_KEY}})

    def _write(self, session: Session, key: str) -> "TransactWriteItemTypeDef":
        return {
            "Put": {
                "TableName": self._table,
                "Item": {
                    "session_id": {"S": key},
                    "payment_id": {"S": session.payment.payment_id},
                    "status": {"S": STATUS_VALIDATED},
                    "answer": {"S": json.dumps(session.answer)},
                    "fingerprint": {"S": session.fingerprint},
                    "created_at": {"S": session.created_at.isoformat()},
                    "expires_at": {"N": str(int(session.expires_at.timestamp()))},
                },
                "ConditionExpression": "attribute_not_exists(session_id) OR expires_at <= :now",
                "ExpressionAttributeValues": {":now": {"N": str(int(session.created_at.timestamp()))}},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }


def _standing_answer(session: Session, reasons: list[dict[str, Any]]) -> Answer | None:
    """The answer in the items that were there already. Raises `PaymentConflictError` if one is another payment's."""
    standing = None
    for key, reason in zip(session.item_keys(), reasons, strict=True):
        if reason["Code"] != "ConditionalCheckFailed":
            continue
        item = reason["Item"]
        if item["fingerprint"]["S"] != session.fingerprint:
            name = "payment_id" if key == session.payment.payment_id else "session_id"
            raise PaymentConflictError(f"{name} was used for another payment", payment_id=session.payment.payment_id)
        standing = _answer(item)
    return standing


def _answer(item: Mapping[str, Any]) -> Answer:
    return cast("Answer", json.loads(item["answer"]["S"]))
