"""A valid payment, and the ways in which one is turned away."""

import json
from dataclasses import dataclass
from decimal import Decimal

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
    """The id belongs to another payment already."""

    status = 409
