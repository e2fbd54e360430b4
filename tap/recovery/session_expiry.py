"""Ends the sessions that were written in a rewound span: they say what the ledger may no longer know.

Tokens of approvals stay: they say nothing about a payment, and a payment that is sent again waits for the same one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tap.recovery.journal import Journal
from tap.recovery.procedure import Tell
from tap.recovery.site import Site
from tap.recovery.witness import since
from tap.state_machine import APPROVAL_PREFIX

SESSIONS = "sessions.jsonl"


def expire_sessions(site: Site, journal: Journal, moment: datetime, tell: Tell) -> dict[str, Any]:
    """Expires them, after what they say is kept in the journal's folder. Raises botocore's errors."""
    dynamodb = site.client("dynamodb")
    found = list(_newer(dynamodb, site.table, since(moment)))
    # What an interrupted attempt has expired is on the list already.
    known = {row["session_id"] for row in journal.rows(SESSIONS)}
    journal.append(SESSIONS, (row for row in found if row["session_id"] not in known))
    expired = 0
    for row in found:
        try:
            dynamodb.update_item(
                TableName=site.table,
                Key={"session_id": {"S": row["session_id"]}},
                UpdateExpression="SET expires_at = :now",
                ConditionExpression="created_at = :created",
                ExpressionAttributeValues={
                    ":now": {"N": str(int(time.time()))},
                    ":created": {"S": row["created_at"]},
                },
            )
            expired += 1
        except dynamodb.exceptions.ConditionalCheckFailedException:
            continue  # It is gone, or was written anew.
    tell(f"{expired} sessions expired; what they said is kept in {journal.folder / SESSIONS}")
    return {"expired": expired}


def _newer(dynamodb: Any, table: str, begin: str) -> Iterator[dict[str, Any]]:
    # Times are text of one form; without its zone, the begin is less than each of its second and of later ones.
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        ConsistentRead=True,
        FilterExpression="created_at >= :begin AND NOT begins_with(session_id, :approval)",
        ExpressionAttributeValues={":begin": {"S": begin[:19]}, ":approval": {"S": APPROVAL_PREFIX}},
    )
    for page in pages:
        for item in page["Items"]:
            answer = json.loads(item.get("answer", {}).get("S", "{}"))
            yield {
                "session_id": item["session_id"]["S"],
                "payment_id": item["payment_id"]["S"],
                "status": item.get("status", {}).get("S"),
                "amount": answer.get("amount"),
                "currency": answer.get("currency"),
                "created_at": item["created_at"]["S"],
            }
