"""A valid payment, what became of it, and the ways in which one is turned away."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

Answer = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Payment:
    """A payment that passed validation. `amount` is in units of `currency`, with exactly the currency's decimals."""

    payment_id: str
    session_id: str
    amount: Decimal
    currency: str
    payer_account: str
    payee_account: str

    def canonical(self) -> str:
        """One text for all ways to write the same payment; two payments with the same text are the same request."""
        fields = {**vars(self), "amount": str(self.amount)}
        return json.dumps(fields, sort_keys=True, separators=(",", ":"))

    def validated(self, *, region: str, at: datetime) -> Answer:
        """What the client is told when the payment was validated in `region`, at a moment with a time zone."""
        return {
            "valid": True,
            "payment_id": self.payment_id,
            "amount": str(self.amount),
            "currency": self.currency,
            "region": region,
            "validated_at": iso(at),
        }


def iso(moment: datetime) -> str:
    """A moment in UTC, ISO 8601 with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Status(StrEnum):
    """What became of a payment. Only `COMMITTED` and `REVERSED` ones have entries in the ledger."""

    PENDING_APPROVAL = "PENDING_APPROVAL"
    COMMITTED = "COMMITTED"
    REJECTED = "REJECTED"
    REVERSED = "REVERSED"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a payment stands. `answer` is the one that was first given; `repeated` if it had been given before."""

    payment_id: str
    status: Status
    answer: Answer
    repeated: bool = False

    def reply(self) -> Answer:
        """What the client is told. Raises `PaymentConflictError` for a payment that does not stand."""
        if self.status is Status.PENDING_APPROVAL:
            return {**self.answer, "status": self.status.value}
        if self.status is not Status.COMMITTED:
            raise PaymentConflictError(f"Payment {self.status.value.lower()}", payment_id=self.payment_id)
        return self.answer


class PaymentRefusedError(Exception):
    """The request is at fault, and sending it again cannot help.

    `reason` is stable and for programs, `field` the name that completes it, `detail` a hint for people; `payment_id` is
    there when it could be read. None of them holds account data.
    """

    status = 400

    def __init__(self, reason: str, *, field: str = "", detail: str = "", payment_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field
        self.detail = detail
        self.payment_id = payment_id

    def answer(self) -> Answer:
        """What the client is told."""
        answer: Answer = {"valid": False, "reason": f"{self.reason}: {self.field}" if self.field else self.reason}
        if self.detail:
            answer["detail"] = self.detail
        if self.payment_id is not None:
            answer["payment_id"] = self.payment_id
        return answer


class PaymentConflictError(PaymentRefusedError):
    """The id belongs to another payment already, or to one that was turned down or taken back."""

    status = 409
