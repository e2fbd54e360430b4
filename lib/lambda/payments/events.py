"""Events about payments, as they wait in the outbox and as they are published."""

import json
import uuid
from dataclasses import dataclass

from payments.payment import Payment

SOURCE = "payment.ledger"
COMMITTED = "Payment Committed"
REJECTED = "Payment Rejected"
REVERSED = "Payment Reversed"
APPROVAL_REQUESTED = "Payment Approval Requested"

_NAMESPACE = uuid.UUID("6f1c5e0e-6d0a-5b4e-9d0c-6a1f0f3c2a77")


@dataclass(frozen=True, kw_only=True)
class PaymentEvent:
    """`event_id` is the same each time the event is published, which is how consumers tell duplicates."""

    event_id: str
    event_type: str
    payment_id: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Parties:
    """Keyed references of a payment's accounts, for what leaves the ledger."""

    payer: str
    payee: str


def payment_event(event_type: str, payment: Payment, parties: Parties, *, region: str, at: str) -> PaymentEvent:
    """The event of this type about a payment; there is only one. `at` is a time in ISO 8601."""
    event_id = str(uuid.uuid5(_NAMESPACE, f"{payment.payment_id}/{event_type}"))
    detail = {
        "event_id": event_id,
        "payment_id": payment.payment_id,
        "amount": str(payment.amount),
        "currency": payment.currency,
        "payer": parties.payer,
        "payee": parties.payee,
        "region": region,
        "recorded_at": at,
    }
    return PaymentEvent(
        event_id=event_id, event_type=event_type, payment_id=payment.payment_id, detail=json.dumps(detail)
    )
