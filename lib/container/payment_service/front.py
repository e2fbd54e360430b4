"""The service's answer to a request: who calls, then what the payment library answers, on one of the workers."""

from collections.abc import Callable

from starlette import requests
from starlette.types import Receive, Scope, Send

from payments.http import HEALTH_PATH, RETRY_AFTER_SECONDS, HttpApi, Request, Response
from payments.observability import count, logger

from .authorization import AuthorizationUnavailableError, Authorizer
from .requests import TooLargeError, asgi_response, library_request, raw_path, request_id
from .tracing import TRACE_HEADER, traced_request
from .workers import OverloadedError, Workers

SEGMENT = "payment-service"


class Front:
    """An ASGI application. `answered` is called after each answer, when it is on its way."""

    def __init__(self, *, api: HttpApi, authorizer: Authorizer, workers: Workers, answered: Callable[[], None]) -> None:
        self._api = api
        self._authorizer = authorizer
        self._workers = workers
        self._answered = answered
        self.draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = requests.Request(scope, receive)
        id_ = request_id(request.headers)
        try:
            response, whole = await self._response(request, id_), True
        except requests.ClientDisconnect:
            return
        except TooLargeError:
            response, whole = Response(status=413, body={"message": "Request Entity Too Large"}), False
        except TimeoutError:
            response, whole = Response(status=408, body={"message": "Request Timeout"}), False
        try:
            # What was not read of a request would be taken for the next one.
            await asgi_response(response, request_id=id_, last=self.draining or not whole)(scope, receive, send)
        finally:
            self._answered()

    async def _response(self, request: requests.Request, id_: str) -> Response:
        if raw_path(request) == HEALTH_PATH:
            return self._health(request.method, id_)
        asked = await library_request(request, id_)
        try:
            return await self._workers.run(lambda: self._answer(asked))
        except OverloadedError:
            count("RequestsTurnedAway")
            return _unavailable(id_)

    def _health(self, method: str, id_: str) -> Response:
        """Needs no worker: that all are busy is no reason to replace the task."""
        if self.draining:
            return Response(status=503, body={"status": "draining"})
        return self._api.respond(Request(method=method, path=HEALTH_PATH, headers={}, body=b"", request_id=id_))

    def _answer(self, request: Request) -> Response:
        logger.thread_safe_append_keys(request_id=request.request_id)
        try:
            with traced_request(request.headers.get(TRACE_HEADER, ""), name=SEGMENT):
                if not self._authorizer.allows(request.headers):
                    count("RequestsUnauthorized")
                    return Response(
                        status=401,
                        body={"message": "Unauthorized"},
                        headers={"www-authenticate": self._authorizer.challenge},
                    )
                return self._api.respond(request)
        except AuthorizationUnavailableError:
            return _unavailable(request.request_id)
        finally:
            logger.thread_safe_clear_keys()


def _unavailable(id_: str) -> Response:
    return Response(
        status=503,
        body={"message": "Service unavailable", "request_id": id_},
        headers={"retry-after": str(RETRY_AFTER_SECONDS)},
    )
