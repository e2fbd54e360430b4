"""WSGI middleware: requests to the host of a load balancer go to its targets, all others to AWS's own APIs."""

from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import quote, urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import werkzeug.wrappers
from moto.elbv2.models import FakeListener, FakeLoadBalancer

from local_aws.load_balancers.answers import answer_of
from local_aws.load_balancers.forwarding import own_answer
from local_aws.load_balancers.lookup import balancer_at
from local_aws.load_balancers.rules import Request

PORT_HEADER = "X-Local-Aws-Port"
"""Header of a request to the local AWS's one port that names the listener it is for: 443 without it."""

DEFAULT_PORT = 443


class BalancerPlane:
    """Load balancers over the application that answers all other hosts."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        balancer = balancer_at(environ.get("HTTP_HOST", "").partition(":")[0].lower())
        if balancer is None:
            return self.application(environ, start_response)
        wanted = environ.pop(f"HTTP_{PORT_HEADER.upper().replace('-', '_')}", str(DEFAULT_PORT))
        listener = _listener_on(balancer, wanted)
        answer = own_answer(HTTPStatus.MISDIRECTED_REQUEST)
        if listener:
            received = werkzeug.wrappers.Request(environ)
            answer = answer_of(balancer, listener, _read(listener, received), received.get_data())
        response = werkzeug.wrappers.Response(answer.body, answer.status, answer.headers)
        if not any(name.lower() == "content-type" for name, _ in answer.headers):
            response.headers.remove("Content-Type")
        return response(environ, start_response)


def _listener_on(balancer: FakeLoadBalancer, port: str) -> FakeListener | None:
    return next((one for one in list(balancer.listeners.values()) if str(one.port) == port), None)


def _read(listener: FakeListener, received: werkzeug.wrappers.Request) -> Request:
    raw = received.environ.get("RAW_URI") or quote(received.path)
    return Request(
        method=received.method,
        scheme=listener.protocol.lower(),
        host=received.host.partition(":")[0].lower(),
        port=int(listener.port),
        path=urlsplit(raw).path or "/",
        query=received.query_string.decode(),
        headers={name.lower(): value for name, value in received.headers.items()},
        source_ip=received.remote_addr or "127.0.0.1",
    )
