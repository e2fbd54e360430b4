"""What a worker's reply means to whoever sent the delivery."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.payment_faults.deliveries import Delivery, Route
from tests.integration.payment_faults.worker_processes import Reply

CONFLICT_REASON = "payment_id was used for another payment"
UNAVAILABLE = ("Service unavailable", "LedgerUnavailableError", "message failed")
"""What the API, an event and a message of a queue meet while the ledger cannot be reached for long."""


def outcome(delivery: Delivery, reply: Reply) -> tuple[int, str]:
    """Status and body, as HTTP has them, also for events; 500 for an error that was raised."""
    if reply.error is not None:
        return 500, reply.error
    answer: dict[str, Any] = reply.answer or {}
    if delivery.route in (Route.API, Route.FIND):
        return answer["statusCode"], answer["body"]
    if delivery.route is Route.QUEUE:
        return (500, "message failed") if answer["batchItemFailures"] else (204, "")
    body = json.dumps(answer)
    if answer.get("valid") or delivery.route is Route.RELAY:
        return 200, body
    return 409 if answer.get("reason") == CONFLICT_REASON else 400, body


def reason(body: str) -> str:
    """Why a delivery has to be sent again: what the API says, or the error's name."""
    try:
        document = json.loads(body)
    except ValueError:
        return body
    return str(document.get("reason") or document.get("message"))
