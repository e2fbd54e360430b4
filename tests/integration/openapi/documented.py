"""Answers of a server, compared with the examples of the document."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from tests.integration.openapi.conformance import DOCUMENT, schema_validator


def answer_of(url: str, path: str, operation: dict[str, Any], payment: object) -> tuple[int, dict[str, str], Any]:
    """Status, headers by lower-case name, and body."""
    body = json.dumps(payment).encode() if "requestBody" in operation else None
    request = urllib.request.Request(f"{url}{path}", data=body, headers={"content-type": "application/json"})
    try:
        response = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as refused:
        response = refused
    with response:
        headers = {name.lower(): value for name, value in response.headers.items()}
        return response.status, headers, json.loads(response.read())


def check_example(url: str, method: str, path: str, status: int, example: str) -> None:
    """Asserts that an operation answers with this example."""
    document = json.loads(DOCUMENT.read_text())
    operation = document["paths"][path][method]
    payment = document["paths"]["/payments"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    response = operation["responses"][str(status)]
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
    content = response["content"]["application/json"]
    answered, headers, body = answer_of(
        url, path.format(payment_id="order-1"), operation, payment["amountAsText"]["value"]
    )
    assert answered == status
    assert body == content["examples"][example]["value"]
    assert schema_validator(document, content["schema"]["$ref"].rpartition("/")[2]).is_valid(body)
    assert headers.get("retry-after") == ("5" if status == 503 else None)
