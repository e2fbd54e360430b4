"""Payments that arrive as EventBridge events."""

from collections.abc import Mapping
from typing import Any

from payments.observability import count, logger
from payments.payment import Answer, PaymentRefusedError
from payments.regional_database import SecondaryRegionError
from payments.service import PaymentService, report_refusal
from payments.writes_switch import WritersStoppedError


def answer_payment_event(event: Mapping[str, Any], service: PaymentService) -> Answer:
    """The answer to the payment in the event's detail.

    A refused payment is an answer too: a retry could not mend it. Everything else is raised, so that EventBridge tries
    again and in the end puts the event in the dead-letter queue; also in a secondary Region and while writers
    are stopped, which is no fault.
    """
    detail = event.get("detail")
    try:
        if not isinstance(detail, dict):
            raise PaymentRefusedError("Invalid JSON", detail="the event's detail must be a JSON object")
        return service.take(detail).reply()
    except PaymentRefusedError as refusal:
        report_refusal(refusal)
        return refusal.answer()
    except (SecondaryRegionError, WritersStoppedError):
        raise
    except Exception:
        logger.exception("event failed")
        count("InternalErrors")
        raise
