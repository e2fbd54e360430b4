"""Payments and their events, as the library's parts hand them to one another."""

from decimal import Decimal
from typing import Any

from payments.events import APPROVAL_REQUESTED, COMMITTED, Parties, PaymentEvent, payment_event
from payments.ledger import Ledger
from payments.payment import Payment, Standing, Status

PAYER = "DE89370400440532013000"
PAYEE = "FR1420041010050500013M02606"
ACCOUNTS = (PAYER, PAYEE)


def payment_document(payment_id: str = "pay-1", **changes: object) -> dict[str, Any]:
    """A payment as a client sends it."""
    return {
        "payment_id": payment_id,
        "amount": "12.50",
        "currency": "EUR",
        "payer_account": PAYER,
        "payee_account": PAYEE,
        **changes,
    }


def valid_payment(payment_id: str = "pay-1", *, amount: str = "12.50", session_id: str = "") -> Payment:
    return Payment(
        payment_id=payment_id,
        session_id=session_id or payment_id,
        amount=Decimal(amount),
        currency="EUR",
        payer_account=PAYER,
        payee_account=PAYEE,
    )


def event_about(payment: Payment, event_type: str = COMMITTED) -> PaymentEvent:
    parties = Parties(payer="payer-reference", payee="payee-reference")
    return payment_event(event_type, payment, parties, region="eu-west-1", at="2026-01-02T03:04:05.000Z")


def record(ledger: Ledger, payment: Payment, *, pending: bool = False, validated_at: str = "first") -> Standing:
    """Takes the payment as the service does."""
    return ledger.record(
        payment,
        status=Status.PENDING_APPROVAL if pending else Status.COMMITTED,
        answer={"valid": True, "amount": str(payment.amount), "validated_at": validated_at},
        event=event_about(payment, APPROVAL_REQUESTED if pending else COMMITTED),
    )
