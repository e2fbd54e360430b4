"""From the bytes of a request to a JSON object whose numbers are exact."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from payments.payment import PaymentRefusedError

# A payment is below 1 KiB; more is refused before it is parsed.
MAXIMUM_BODY_BYTES = 16 * 1024


def parse_document(body: bytes) -> Mapping[str, object]:
    """The JSON object in `body`; every number is a `Decimal`, NaN where Decimal cannot hold it.

    NaN and Infinity are let through as numbers, so that they are refused as amounts rather than as syntax.
    Raises `PaymentRefusedError`.
    """
    if len(body) > MAXIMUM_BODY_BYTES:
        raise PaymentRefusedError("Body too large", detail=f"at most {MAXIMUM_BODY_BYTES} bytes")
    try:
        document = json.loads(
            body.decode("utf-8"),
            parse_float=_number,
            parse_int=_number,
            parse_constant=_number,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError):
        raise PaymentRefusedError("Invalid JSON") from None
    if not isinstance(document, dict):
        raise PaymentRefusedError("Invalid JSON", detail="a JSON object is expected")
    return document


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise PaymentRefusedError("Duplicate field", detail="a field name is given twice")
    return fields
