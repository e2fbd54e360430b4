"""HTTP API events, payload format 2.0, to requests and back.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from payments.documents import MAXIMUM_BODY_BYTES
from payments.http import HttpApi, Request, Response, refused
from payments.payment import PaymentRefusedError


def is_http_event(event: Mapping[str, Any]) -> bool:
    """Whether API Gateway, or a function URL, sent the event."""
    return event.get("version") == "2.0" and "http" in event.get("requestContext", {})


def answer_http_event(event: Mapping[str, Any], api: HttpApi) -> dict[str, object]:
    """The result that API Gateway turns into a response."""
    try:
        response = api.respond(_request(event))
    except PaymentRefusedError as refusal:
        response = refused(refusal)
    return _result(response)


def _request(event: Mapping[str, Any]) -> Request:
    context = event["requestContext"]
    return Request(
        method=context["http"]["method"],
        path=_path(event["rawPath"], context.get("stage", "$default")),
        headers={name.lower(): value for name, value in event.get("headers", {}).items()},
        body=_body(event),
        request_id=context.get("requestId", ""),
    )


def _path(raw_path: str, stage: str) -> str:
    """Without the stage, which a named stage puts in front when it is called by the API's own host name."""
    return raw_path.removeprefix(f"/{stage}") if raw_path.startswith(f"/{stage}/") else raw_path


def _body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    if not event.get("isBase64Encoded", False):
        return str(text).encode("utf-8", "surrogatepass")
    if len(text) > 2 * MAXIMUM_BODY_BYTES:
        raise PaymentRefusedError("Body too large", detail=f"at most {MAXIMUM_BODY_BYTES} bytes")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise PaymentRefusedError("Invalid body encoding", detail="base64 is expected") from None


def _result(response: Response) -> dict[str, object]:
    return {
        "statusCode": response.status,
        "headers": {"content-type": "application/json", "cache-control": "no-store", **response.headers},
        "body": json.dumps(response.body),
        "isBase64Encoded": False,
    }
