"""How a payment event is told from other events."""

from collections.abc import Mapping
from typing import Any

SOURCE = "payment.processor"
DETAIL_TYPE = "Payment Transaction"


def is_payment_event(event: Mapping[str, Any]) -> bool:
    """Whether the event is the one that the rule lets through."""
    return event.get("source") == SOURCE and event.get("detail-type") == DETAIL_TYPE
