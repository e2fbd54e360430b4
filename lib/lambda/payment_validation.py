"""The function that says whether a payment would be taken, by the rules of the payment library, and does nothing else.

An event is a payment, as a state machine or an operator sends it, or a payment event of the bus.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from payments.observability import logger
from payments.payment import Answer, PaymentRefusedError
from payments.payment_events import is_payment_event
from payments.validation import validate

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


class AmountLimitError(Exception):
    """The deployment has not said which amount is the largest."""


# An event holds accounts, so it is not logged, whatever POWERTOOLS_LOGGER_LOG_EVENT says.
@logger.inject_lambda_context(log_event=False, clear_state=True)
def handler(event: dict[str, Any], _context: "LambdaContext") -> Answer:
    """The answer that the payment would get, or why it would be refused. Raises `AmountLimitError`."""
    limit, region = _amount_limit(os.environ), os.environ.get("REGION", "")
    document = event.get("detail") if is_payment_event(event) else event
    try:
        if not isinstance(document, dict):
            raise PaymentRefusedError("Invalid JSON", detail="a payment must be a JSON object")
        payment = validate(document, amount_limit=limit)
    except PaymentRefusedError as refusal:
        logger.info("payment is not valid", reason=refusal.reason, payment_id=refusal.payment_id)
        return refusal.answer()
    logger.info("payment is valid", payment_id=payment.payment_id)
    return payment.validated(region=region, at=datetime.now(UTC))


def _amount_limit(variables: Mapping[str, str]) -> Decimal:
    text = variables.get("PAYMENT_AMOUNT_LIMIT", "")
    if not (text.isascii() and text.isdigit() and int(text)):
        raise AmountLimitError(f"PAYMENT_AMOUNT_LIMIT is {text!r}; a whole number of at least 1 is expected")
    return Decimal(text)
