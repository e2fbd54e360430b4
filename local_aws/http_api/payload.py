"""Lambda proxy integration, payload format version 2.0: HTTP to event and answer to HTTP
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html)."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")


class InvalidAnswerError(Exception):
    """A function's answer cannot be made into an HTTP answer."""


@dataclass(frozen=True)
class HttpRequest:
    """A request as received. Header names are in lower case, values of the same name joined by commas."""

    method: str
    raw_path: str
    raw_query: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    source_ip: str
    protocol: str


@dataclass(frozen=True)
class HttpAnswer:
    """What goes back to the client."""

    status: int
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Endpoint:
    """What the request has reached. `authorizer` is None without authorization."""

    account: str
    api_id: str
    domain_name: str
    stage: str
    route_key: str
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    stage_variables: Mapping[str, str] = field(default_factory=dict)
    authorizer: Mapping[str, Any] | None = None


def event_of(request: HttpRequest, endpoint: Endpoint, request_id: str, time: datetime) -> dict[str, Any]:
    """The event that a function gets for a request."""
    headers = {name: value for name, value in request.headers.items() if name != "cookie"}
    cookies = [cookie.strip() for cookie in request.headers.get("cookie", "").split(";") if cookie.strip()]
    context: dict[str, Any] = {
        "accountId": endpoint.account,
        "apiId": endpoint.api_id,
        "domainName": endpoint.domain_name,
        "domainPrefix": endpoint.domain_name.split(".")[0],
        "http": {
            "method": request.method,
            "path": request.raw_path,
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": request.headers.get("user-agent", ""),
        },
        "requestId": request_id,
        "routeKey": endpoint.route_key,
        "stage": endpoint.stage,
        "time": f"{time:%d/%b/%Y:%H:%M:%S +0000}",
        "timeEpoch": int(time.timestamp() * 1000),
    }
    if endpoint.authorizer:
        context["authorizer"] = endpoint.authorizer
    binary = bool(request.body) and not is_text(request.headers.get("content-type"))
    optional = {
        "cookies": cookies,
        "queryStringParameters": dict(request.query),
        "pathParameters": dict(endpoint.path_parameters),
        "stageVariables": dict(endpoint.stage_variables),
        "body": base64.b64encode(request.body).decode() if binary else request.body.decode(errors="replace"),
    }
    return {
        "version": "2.0",
        "routeKey": endpoint.route_key,
        "rawPath": request.raw_path,
        "rawQueryString": request.raw_query,
        "headers": headers,
        "requestContext": context,
        "isBase64Encoded": binary,
        **{name: value for name, value in optional.items() if value},
    }


def is_text(content_type: str | None) -> bool:
    """True for bodies that a function gets as they are, not base64-encoded."""
    media = (content_type or "text/plain").partition(";")[0].strip().lower()
    return media.startswith(TEXT_TYPES) or media.endswith(("+json", "+xml"))


def answer_of(payload: bytes, default_type: str = "text/plain;charset=utf-8") -> HttpAnswer:
    """The HTTP answer that a function's answer means. Raises InvalidAnswerError."""
    try:
        answer = json.loads(payload or b"null")
    except ValueError as error:
        raise InvalidAnswerError(f"The function's answer is not JSON: {error}") from None
    if not isinstance(answer, dict) or "statusCode" not in answer:
        body = answer if isinstance(answer, str) else json.dumps(answer)
        return HttpAnswer(200, body.encode(), [("content-type", "application/json")])
    headers = answer.get("headers") or {}
    cookies = answer.get("cookies") or []
    if not isinstance(headers, dict) or not isinstance(cookies, list):
        raise InvalidAnswerError("headers must be an object and cookies a list.")
    return HttpAnswer(_status(answer["statusCode"]), _body(answer), _headers(headers, cookies, default_type))


def _status(value: object) -> int:
    try:
        status = int(str(value))
    except ValueError:
        status = 0
    if not 100 <= status <= 599:
        raise InvalidAnswerError(f"statusCode {value!r} is not an HTTP status.")
    return status


def _body(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise InvalidAnswerError(f"body must be a string, not {type(body).__name__}.")
    try:
        return base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    except ValueError as error:
        raise InvalidAnswerError(f"body is not base64: {error}") from None


def _headers(headers: Mapping[str, Any], cookies: Sequence[Any], default_type: str) -> list[tuple[str, str]]:
    sent = {
        str(name).lower(): str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in headers.items()
    }
    sent.setdefault("content-type", default_type)
    sent.pop("content-length", None)
    return [*sent.items(), *(("set-cookie", str(cookie)) for cookie in cookies)]
