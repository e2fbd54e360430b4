"""What CloudWatch Synthetics does every few minutes as a client of the payment API. What raises has failed the run.

Each handler is one canary. They run in AWS on the Python runtime of Synthetics, and use of it only boto3.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_WritingCanary_Python.html
"""

from __future__ import annotations

import http.client
import json
import logging
import os
import ssl
import time
import uuid
from statistics import median
from urllib.parse import urlsplit

import boto3

TIMEOUT_SECONDS = 10
MEASUREMENTS = 5
HEALTH_PATH = "/health"
PAYMENTS_PATH = "/payments"
# The smallest payment there is, between two accounts that nobody else has.
AMOUNT = "0.01"
CURRENCY = "USD"
PAYER_ACCOUNT = "CANARY-PAYER"
PAYEE_ACCOUNT = "CANARY-PAYEE"

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


class CanaryFailedError(Exception):
    """The API did not do what a client relies on."""


def availability(_event: object, _context: object) -> str:
    """The API answers that it is well."""
    answer = _ask("GET", HEALTH_PATH)
    if answer.get("status") != "ok":
        raise CanaryFailedError(f"{HEALTH_PATH} says {answer.get('status')!r}")
    return "available"


def response_time(_event: object, _context: object) -> str:
    """The median of a few answers, each with a connection of its own, is within RESPONSE_TIME_LIMIT_MS."""
    limit = float(os.environ["RESPONSE_TIME_LIMIT_MS"])
    taken = []
    for _ in range(MEASUREMENTS):
        started = time.perf_counter()
        _ask("GET", HEALTH_PATH)
        taken.append((time.perf_counter() - started) * 1000)
    logger.info("answers took %s ms", ", ".join(f"{each:.0f}" for each in taken))
    if median(taken) > limit:
        raise CanaryFailedError(f"{median(taken):.0f} ms in the median, more than {limit:.0f}")
    return f"{median(taken):.0f} ms"


def payment(_event: object, _context: object) -> str:
    """A payment is taken, found again, and taken once only when it is sent twice."""
    headers = {"x-api-key": _api_key()}
    payment_id = f"canary-{uuid.uuid4()}"
    sent = {
        "payment_id": payment_id,
        "amount": AMOUNT,
        "currency": CURRENCY,
        "payer_account": PAYER_ACCOUNT,
        "payee_account": PAYEE_ACCOUNT,
    }
    taken = _ask("POST", PAYMENTS_PATH, headers, sent)
    if (taken.get("valid"), taken.get("payment_id")) != (True, payment_id):
        raise CanaryFailedError(f"payment {payment_id} was answered with {taken}")
    if (found := _ask("GET", f"{PAYMENTS_PATH}/{payment_id}", headers)) != taken:
        raise CanaryFailedError(f"payment {payment_id} was taken as {taken} and found as {found}")
    if (again := _ask("POST", PAYMENTS_PATH, headers, sent)) != taken:
        raise CanaryFailedError(f"payment {payment_id} was answered with {taken}, then with {again}")
    return payment_id


def _api_key() -> str:
    client = boto3.client("secretsmanager")
    return client.get_secret_value(SecretId=os.environ["API_KEY_SECRET_ARN"])["SecretString"]


def _ask(
    method: str, path: str, headers: dict[str, str] | None = None, body: dict[str, str] | None = None
) -> dict[str, object]:
    """Return what the API at API_URL answers with status 200. Raises `CanaryFailedError` for any other answer."""
    url = urlsplit(os.environ["API_URL"])
    sent = json.dumps(body) if body else None
    connection = http.client.HTTPSConnection(
        url.hostname or "", url.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
    )
    try:
        connection.request(
            method, f"{url.path.rstrip('/')}{path}", sent, {"content-type": "application/json", **(headers or {})}
        )
        response = connection.getresponse()
        received = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise CanaryFailedError(f"{method} {path}: {type(error).__name__}: {error}") from error
    finally:
        connection.close()
    logger.info("%s %s: %s", method, path, response.status)
    try:
        answer = json.loads(received)
    except ValueError:
        answer = None
    if response.status != http.HTTPStatus.OK or not isinstance(answer, dict):
        raise CanaryFailedError(f"{method} {path} was answered with {response.status}: {received[:200]!r}")
    return answer
