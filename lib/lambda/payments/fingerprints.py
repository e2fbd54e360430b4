"""Digests: one that tells two requests apart, one that stands for an account."""

import hashlib
import hmac

from payments.payment import Payment


def request_fingerprint(payment: Payment) -> str:
    """Equal for two requests exactly if they ask for the same payment; SHA-256 in hexadecimal.

    Kept in the ledger alone, beside the accounts it follows from. It has no key, as a new key would make every
    payment of before look like another one.
    """
    return hashlib.sha256(payment.canonical().encode()).hexdigest()


def account_reference(account: str, key: bytes) -> str:
    """Stands for an account in logs and events: the same account has the same one, nobody without the key gets it back.

    HMAC-SHA-256, cut to 16 hexadecimal digits.
    """
    return hmac.new(key, f"account\n{account}".encode(), hashlib.sha256).hexdigest()[:16]
