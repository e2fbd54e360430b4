"""Requests that no client should send, and some that it may: strategies for Hypothesis."""

from __future__ import annotations

import base64
import json
from typing import Any

from hypothesis import strategies as st

ACCOUNTS = ("ZZ99FAULTS000001", "ZZ99FAULTS000002")
FIELDS = ("payment_id", "session_id", "amount", "currency", "payer_account", "payee_account")
CLOUD_BODY_LIMIT = 6 * 1024 * 1024
"""What Lambda takes: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

numbers = st.sampled_from(
    [
        *("1e309", "-1e309", "1E-400", "1e999999999", "1e-999999999", "1e" + "9" * 30, "NaN", "Infinity", "-Infinity"),
        *("-0", "0", "-0.0", "0.001", "0.005", "-12.50", "12.500", "1000000.01", "1000001", "1e5", "1.10e1"),
        *("9" * 20, "9" * 5000, "0." + "0" * 5000 + "1", "true", "null", "[]", "{}"),
        *('"12.5 "', '"1e3"', '"0x10"', '"\u0661\u0662"', '"1_0"'),
    ]
)
"""Texts in the place of an amount. `1e5` and `1.10e1` are numbers that an amount may be."""

texts = st.text(max_size=70) | st.sampled_from(["EUR", "eur", "XXX", "XAU", "EURO", "", "../..", "' OR 1=1 --", "\x00"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
identifiers = st.integers(0, 10**9).map(lambda number: f"bad-{number}")


@st.composite
def documents(draw: st.DrawFn) -> dict[str, object]:
    """A payment that would be taken."""
    identifier = draw(identifiers)
    amount = draw(st.sampled_from(["12.50", 12.5, "0.01", 1000000, 7]))
    accounts = draw(st.permutations(ACCOUNTS))
    return {
        "payment_id": identifier,
        "amount": amount,
        "currency": draw(st.sampled_from(["EUR", "USD"])),
        "payer_account": accounts[0],
        "payee_account": accounts[1],
    }


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """A payment with one thing about it that is not as it should be, as JSON or nearly so."""
    document = draw(documents())
    field = draw(st.sampled_from(FIELDS))
    kind = draw(st.sampled_from(["value", "number", "missing", "unknown", "twice", "cut", "other"]))
    if kind == "value":
        return json.dumps({**document, field: draw(values)})
    if kind == "number":
        return json.dumps({**document, "amount": "NUMBER"}).replace('"NUMBER"', draw(numbers))
    if kind == "missing":
        document.pop(field, None)
        return json.dumps(document)
    if kind == "unknown":
        return json.dumps({**document, draw(texts): draw(values)})
    text = json.dumps(document)
    if kind == "twice":
        return text[:-1] + f', "{field}": {json.dumps(draw(values))}}}'
    if kind == "cut":
        return text[: draw(st.integers(0, len(text)))]
    return json.dumps(draw(values))


encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
content_types = st.sampled_from(
    [
        *(
            "application/json",
            "application/json; charset=utf-8",
            "APPLICATION/JSON",
            "application/json; charset=utf-16",
        ),
        *("text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data", "", ";", "json", "/"),
        *('application/json; charset="', "application/json; charset==?x", "application/json, text/plain"),
    ]
)
header_names = st.sampled_from(
    ["content-type", "Content-Type", "content-encoding", "content-length", "x-odd", "", "\x7f"]
)
headers = st.dictionaries(header_names, content_types | texts | st.sampled_from(["gzip", "identity", "br, gzip"]))
methods = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "post", "", "GET POST"])
paths = st.sampled_from(
    [
        *("/", "//", "", "payments", "/PAYMENTS", "/payments", "/payments/", "/payments//", "/payments/a/b"),
        *("/payments/%2e%2e", "/payments/" + "a" * 65, "/payments/approval", "/$default/payments", "/payments/\u00e9"),
        *("/health", "/health/", "/health/deep"),
    ]
) | st.text(max_size=40).map(lambda text: f"/payments/{text}")

HUGE = "x" * (CLOUD_BODY_LIMIT - 1024)
huge_bodies = st.sampled_from(
    [
        json.dumps({"payment_id": HUGE}),
        json.dumps({"amount": 1}) + " " * len(HUGE),
        "[" * len(HUGE),
        '{"amount":' * (len(HUGE) // 10),
        "9" * len(HUGE),
        "[" * 16_000,
        '{"amount":' * 1_600,
        '{"amount":' + "9" * 16_000 + "}",
    ]
)


def request(
    method: str,
    path: str,
    body: bytes | str | None,
    headers: dict[str, str] | None = None,
    *,
    is_base64: bool | None = None,
) -> dict[str, Any]:
    """An HTTP API event (payload format 2.0); bytes come as base64, as API Gateway hands them on."""
    text = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    encoded = isinstance(body, bytes) if is_base64 is None else is_base64
    context = {"http": {"method": method, "path": path}, "stage": "$default", "requestId": "bad"}
    event = {"version": "2.0", "rawPath": path, "requestContext": context, "isBase64Encoded": encoded}
    if headers is not None:
        event["headers"] = headers
    return event if text is None else {**event, "body": text}
