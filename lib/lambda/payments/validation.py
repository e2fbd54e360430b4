"""The rules a payment must meet, checked in a fixed order; the first that is broken is the reason given.

payment_id, session_id  1 to 64 of A-Z a-z 0-9 _ -; session_id may be left out and is then the payment_id
amount                  a JSON number, or its text without exponent; above 0, within the limit, with no more decimals
                        written than the currency has
currency                ISO 4217 alphabetic code in upper case
payer_account,          4 to 34 of A-Z a-z 0-9 -, which covers an IBAN without spaces and account numbers; not the
payee_account           same one twice
"""

import re
from collections.abc import Mapping
from decimal import Decimal

from payments.currencies import UnknownCurrencyError, decimals_of
from payments.payment import Payment, PaymentRefusedError

IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")
ACCOUNT = re.compile(r"[A-Za-z0-9-]{4,34}")
AMOUNT_TEXT = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
# Far beyond any limit on an amount: what is longer is a mistake in writing it, not a large payment.
MAXIMUM_INTEGER_DIGITS = 15

REQUIRED_FIELDS = ("payment_id", "amount", "currency", "payer_account", "payee_account")
OPTIONAL_FIELDS = ("session_id",)


def validate(document: Mapping[str, object], *, amount_limit: Decimal) -> Payment:
    """The payment in `document`. Raises `PaymentRefusedError`, with the payment's id where it could be read."""
    try:
        return _payment(document, amount_limit)
    except PaymentRefusedError as refusal:
        payment_id = document.get("payment_id")
        if isinstance(payment_id, str) and IDENTIFIER.fullmatch(payment_id):
            refusal.payment_id = payment_id
        raise


def _payment(document: Mapping[str, object], amount_limit: Decimal) -> Payment:
    _check_field_names(document)
    payment_id = _matching(document, "payment_id", IDENTIFIER)
    amount = _amount(document["amount"])
    currency = _matching(document, "currency", re.compile(r"[A-Z]{3}"))
    amount = _in_currency(amount, currency)
    if amount > amount_limit:
        raise PaymentRefusedError("Amount exceeds limit", detail=f"at most {amount_limit}")
    payer_account = _matching(document, "payer_account", ACCOUNT)
    payee_account = _matching(document, "payee_account", ACCOUNT)
    if payer_account == payee_account:
        raise PaymentRefusedError("Invalid payee_account", detail="payer and payee are the same account")
    session_id = _matching(document, "session_id", IDENTIFIER) if "session_id" in document else payment_id
    return Payment(
        payment_id=payment_id,
        session_id=session_id,
        amount=amount,
        currency=currency,
        payer_account=payer_account,
        payee_account=payee_account,
    )


def _check_field_names(document: Mapping[str, object]) -> None:
    for name in sorted(document.keys() - {*REQUIRED_FIELDS, *OPTIONAL_FIELDS}):
        raise PaymentRefusedError("Unknown field", field=name if IDENTIFIER.fullmatch(name) else "")
    for name in REQUIRED_FIELDS:
        if name not in document:
            raise PaymentRefusedError("Missing field", field=name)


def _matching(document: Mapping[str, object], name: str, pattern: re.Pattern[str]) -> str:
    value = document[name]
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise PaymentRefusedError(f"Invalid {name}", detail=f"text of the form {pattern.pattern} is expected")
    return value


def _amount(value: object) -> Decimal:
    """A positive amount, with the decimals it was written with.

    A float comes only from events, whose numbers Lambda's runtime has parsed already. Its shortest text is what was
    sent for up to 15 significant digits (IEEE 754 binary64), and every amount within the limit has fewer.
    """
    if isinstance(value, str) and len(value) <= 64 and AMOUNT_TEXT.fullmatch(value):
        amount = Decimal(value)
    elif isinstance(value, float):
        amount = Decimal(repr(value))
    elif isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        amount = Decimal(value)
    else:
        raise PaymentRefusedError("Invalid amount", detail="a decimal number, or its text, is expected")
    if not amount.is_finite() or amount <= 0:
        raise PaymentRefusedError("Invalid amount", detail="a number above 0 is expected")
    if amount.adjusted() >= MAXIMUM_INTEGER_DIGITS:
        raise PaymentRefusedError("Invalid amount", detail=f"at most {MAXIMUM_INTEGER_DIGITS} digits before the point")
    return amount


def _in_currency(amount: Decimal, currency: str) -> Decimal:
    """The amount with exactly the currency's decimals; it may have been written with fewer, never with more."""
    try:
        decimals = decimals_of(currency)
    except UnknownCurrencyError as error:
        raise PaymentRefusedError("Invalid currency", detail=str(error)) from None
    smallest_unit = Decimal(1).scaleb(-decimals)
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > decimals:
        raise PaymentRefusedError("Invalid amount", detail=f"{currency} has {decimals} decimals")
    return amount.quantize(smallest_unit)
