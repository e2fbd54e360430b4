"""Keyed digests that stand for data which must not be stored or logged."""

import hashlib
import hmac

from payments.payment import Payment


def request_fingerprint(payment: Payment, key: bytes) -> str:
    """Equal for two requests exactly if they ask for the same payment; HMAC-SHA-256 in hexadecimal."""
    return _digest("request", payment.canonical(), key)


def account_reference(account: str, key: bytes) -> str:
    """Stands for an account in logs: the same account gets the same reference, nobody without the key gets it back."""
    return _digest("account", account, key)[:16]


def _digest(purpose: str, text: str, key: bytes) -> str:
    return hmac.new(key, f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()
