"""Valid payments with ids of their own, as documents and as the events in which API Gateway sends them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

# Amounts with as many decimals as the currency has: 2, 0, 3, 2.
AMOUNTS = (("EUR", "12.50"), ("JPY", "98000"), ("KWD", "7.125"), ("USD", "999999.99"))


def documents(prefix: str) -> Iterator[dict[str, object]]:
    """Payments without end; their ids begin with `prefix`."""
    number = 0
    while True:
        number += 1
        currency, amount = AMOUNTS[number % len(AMOUNTS)]
        yield {
            "payment_id": f"{prefix}-{number}",
            "amount": amount,
            "currency": currency,
            "payer_account": f"DE89{number % 97:018}",
            "payee_account": f"GB33{number % 89:018}",
        }


def http_event(document: dict[str, object]) -> dict[str, Any]:
    """The event of an HTTP API (payload format 2.0) for `POST /payments`.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    return {
        "version": "2.0",
        "routeKey": "POST /payments",
        "rawPath": "/payments",
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "api.example.com", "user-agent": "benchmark"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "benchmark",
            "http": {"method": "POST", "path": "/payments", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
            "requestId": f"request-{document['payment_id']}",
            "stage": "$default",
        },
        "body": json.dumps(document),
        "isBase64Encoded": False,
    }
