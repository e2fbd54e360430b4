"""The HTTP interface, independent of what serves it: a request becomes a response, and never an exception."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message

from payments.database import LedgerUnavailableError
from payments.documents import parse_document
from payments.environment import RuntimeEnvironment
from payments.health import DeepHealth
from payments.observability import count, logger
from payments.payment import PaymentRefusedError, Standing, Status
from payments.regional_database import SecondaryRegionError
from payments.service import PaymentService, report_refusal
from payments.switches import TRUSTED_SECONDS
from payments.validation import IDENTIFIER
from payments.writes_switch import WritersStoppedError

HEALTH_PATH = "/health"
DEEP_HEALTH_PATH = "/health/deep"
PAYMENTS_PATH = "/payments"
RETRY_AFTER_SECONDS = 2


@dataclass(frozen=True, kw_only=True)
class Request:
    """`headers` by lower-case name; `path` starts with a slash and has no query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    request_id: str


@dataclass(frozen=True, kw_only=True)
class Response:
    """`body` is sent as JSON."""

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)


def refused(refusal: PaymentRefusedError) -> Response:
    """The response to a request that is at fault."""
    report_refusal(refusal)
    return Response(status=refusal.status, body=refusal.answer())


class HttpApi:
    """The routes. What they need is made by those that need it, so that the health check touches nothing else."""

    def __init__(
        self,
        *,
        environment: RuntimeEnvironment,
        service: Callable[[], PaymentService],
        deep_health: Callable[[], DeepHealth],
    ) -> None:
        self._environment = environment
        self._service = service
        self._dependencies = deep_health
        self._routes: dict[str, tuple[str, Callable[[Request], Response]]] = {
            HEALTH_PATH: ("GET", self._health),
            DEEP_HEALTH_PATH: ("GET", self._deep_health),
            PAYMENTS_PATH: ("POST", self._take),
        }

    def respond(self, request: Request) -> Response:
        """The response; what goes wrong inside is logged and answered with 500 and the request's id alone."""
        if request.path in self._routes:
            method, route = self._routes[request.path]
        elif request.path.startswith(f"{PAYMENTS_PATH}/"):
            method, route = "GET", self._find
        else:
            return Response(status=404, body={"message": "Not found"})
        if request.method != method:
            return Response(status=405, body={"message": "Method not allowed"}, headers={"allow": method})
        try:
            return route(request)
        except PaymentRefusedError as refusal:
            return refused(refusal)
        except LedgerUnavailableError:
            return Response(
                status=503,
                body={"message": "Service unavailable", "request_id": request.request_id},
                headers={"retry-after": str(RETRY_AFTER_SECONDS)},
            )
        except Exception:
            logger.exception("request failed")
            count("InternalErrors")
            return Response(status=500, body={"message": "Internal error", "request_id": request.request_id})

    def _health(self, _request: Request) -> Response:
        return Response(
            status=200,
            body={
                "status": "ok",
                "region": self._environment.region,
                "environment_suffix": self._environment.environment_suffix,
                "version": self._environment.version,
            },
        )

    def _deep_health(self, _request: Request) -> Response:
        report = self._dependencies().report()
        return Response(status=503 if report.failed else 200, body=report.answer())

    def _take(self, request: Request) -> Response:
        _check_encoding(request.headers)
        document = parse_document(request.body)
        try:
            return _answered(self._service().take(document))
        except (SecondaryRegionError, WritersStoppedError) as error:
            reason = _REASONS[type(error)]
            body = {"reason": reason, "detail": str(error), "payment_id": document["payment_id"]}
            # By then the switches are read again.
            headers = {"retry-after": f"{TRUSTED_SECONDS:.0f}"}
            return Response(status=503, body={"valid": False, **body}, headers=headers)

    def _find(self, request: Request) -> Response:
        payment_id = request.path.removeprefix(f"{PAYMENTS_PATH}/")
        if not IDENTIFIER.fullmatch(payment_id):
            return _NO_SUCH_PAYMENT
        try:
            standing = self._service().find(payment_id)
        except LedgerUnavailableError:
            standing = self._service().find_session(payment_id)
            if standing is None:
                raise
            return _answered(standing, {"x-answered-by": "session"})
        return _answered(standing) if standing else _NO_SUCH_PAYMENT


_REASONS: dict[type[LedgerUnavailableError], str] = {
    SecondaryRegionError: "Region is secondary",
    WritersStoppedError: "Writers are stopped",
}
_NO_SUCH_PAYMENT = Response(status=404, body={"message": "No such payment"})


def _answered(standing: Standing, headers: Mapping[str, str] | None = None) -> Response:
    """Raises `PaymentConflictError` for a payment that was rejected or reversed."""
    status = 202 if standing.status is Status.PENDING_APPROVAL else 200
    return Response(status=status, body=standing.reply(), headers=headers or {})


def _check_encoding(headers: Mapping[str, str]) -> None:
    """A body without a content type is taken for JSON. Raises `PaymentRefusedError`."""
    content_type = Message()
    content_type["content-type"] = headers.get("content-type") or "application/json"
    charset = content_type.get_content_charset("utf-8")
    if content_type.get_content_type() != "application/json" or charset not in ("utf-8", "us-ascii"):
        raise PaymentRefusedError("Invalid content type", detail="application/json in UTF-8 is expected")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise PaymentRefusedError("Invalid content encoding", detail="an uncompressed body is expected")
