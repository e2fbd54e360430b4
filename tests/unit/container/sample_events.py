"""Payments as the event bus sends them."""

import json

from tests.unit.payment_system.sample_payments import payment_document


def event_text(payment_id: str, **changes: object) -> str:
    return json.dumps(
        {
            "version": "0",
            "source": "payment.processor",
            "detail-type": "Payment Transaction",
            "detail": payment_document(payment_id, **changes),
        }
    )
