"""Sends a request on to a target, and its answer back."""

import time
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from itertools import count

import urllib3
from moto.elbv2.models import FakeTargetGroup
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

from local_aws.http_api.payload import HttpAnswer
from local_aws.load_balancers.rules import Request
from local_aws.load_balancers.targets import receiving

CONNECT_SECONDS = 10
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html"""

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
SERVER = "awselb/2.0"

_turns = count()


def forward(group: FakeTargetGroup, request: Request, body: bytes, idle_seconds: float) -> HttpAnswer:
    """The answer of the target whose turn it is, or the load balancer's own where there is none to be had.

    502: the target refuses or breaks off the connection; 503: no target; 504: it is not there or takes too long.
    """
    candidates = receiving(group)
    if not candidates:
        return own_answer(HTTPStatus.SERVICE_UNAVAILABLE)
    member = candidates[next(_turns) % len(candidates)]
    target = f"{request.path}?{request.query}" if request.query else request.path
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=idle_seconds)
    with member.request():
        try:
            response = member.pool.urlopen(
                request.method,
                target,
                body or None,
                _sent(request, body),
                retries=False,
                redirect=False,
                timeout=timeout,
                decode_content=False,
                preload_content=True,
            )
        except HTTPError as error:
            late = isinstance(error, ConnectTimeoutError | ReadTimeoutError) and not isinstance(
                error, NewConnectionError
            )
            return own_answer(HTTPStatus.GATEWAY_TIMEOUT if late else HTTPStatus.BAD_GATEWAY)
    returned = [
        (name, value)
        for name, value in response.headers.iteritems()
        if name.lower() not in HOP_BY_HOP and name.lower() != "content-length"
    ]
    return HttpAnswer(response.status, response.data, returned)


def own_answer(status: HTTPStatus) -> HttpAnswer:
    """An answer of the load balancer itself."""
    title = f"{status.value} {status.phrase}"
    page = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    headers = [("server", SERVER), ("content-type", "text/html")]
    return HttpAnswer(status.value, f"{page}</body>\r\n</html>\r\n".encode(), headers)


def _sent(request: Request, body: bytes) -> Mapping[str, str]:
    """The headers that a target gets.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
    """
    headers = {name: value for name, value in request.headers.items() if name not in HOP_BY_HOP}
    before = headers.get("x-forwarded-for")
    headers |= {
        "x-forwarded-for": f"{before}, {request.source_ip}" if before else request.source_ip,
        "x-forwarded-port": str(request.port),
        "x-forwarded-proto": request.scheme,
    }
    headers.setdefault("x-amzn-trace-id", f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}")
    headers.pop("content-length", None)
    if body or request.method in ("POST", "PUT", "PATCH"):
        headers["content-length"] = str(len(body))
    return headers
