"""ASGI requests to the payment library's and back. https://asgi.readthedocs.io/en/latest/specs/www.html"""

import asyncio
import json
import re
import uuid
from collections.abc import Mapping

from starlette import requests, responses

from payments.http import Request, Response

from .tracing import TRACE_HEADER, trace_root

MAXIMUM_BODY_BYTES = 64 * 1024
BODY_SECONDS = 10.0
REQUEST_ID_HEADER = "x-request-id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._=-]{1,64}")


class TooLargeError(Exception):
    """The body is larger than any that is read."""


async def library_request(request: requests.Request, id_: str) -> Request:
    """The request with its whole body.

    Raises `TooLargeError` before more is read than that, `TimeoutError` for a body that does not end, and Starlette's
    `ClientDisconnect`.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Request(
        method=request.method,
        path=raw_path(request),
        headers=headers,
        body=await _body(request, headers.get("content-length", "")),
        request_id=id_,
    )


def raw_path(request: requests.Request) -> str:
    """The path as it was sent, without its query."""
    raw: bytes = request.scope["raw_path"]
    return raw.decode("latin-1")


def request_id(headers: Mapping[str, str]) -> str:
    """The caller's id of the request, the load balancer's, or a new one."""
    for given in (headers.get(REQUEST_ID_HEADER, ""), trace_root(headers.get(TRACE_HEADER, ""))):
        if _REQUEST_ID.fullmatch(given):
            return given
    return uuid.uuid4().hex


def asgi_response(response: Response, *, request_id: str, last: bool) -> responses.Response:
    """`last` asks the client to open another connection for its next request."""
    headers = {"cache-control": "no-store", REQUEST_ID_HEADER: request_id, **response.headers}
    return responses.Response(
        json.dumps(response.body),
        status_code=response.status,
        headers={**headers, "connection": "close"} if last else headers,
        media_type="application/json",
    )


async def _body(request: requests.Request, content_length: str) -> bytes:
    if content_length.isdigit() and int(content_length) > MAXIMUM_BODY_BYTES:
        raise TooLargeError
    body = bytearray()
    async with asyncio.timeout(BODY_SECONDS):
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAXIMUM_BODY_BYTES:
                raise TooLargeError
    return bytes(body)
