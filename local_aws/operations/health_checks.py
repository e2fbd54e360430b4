"""Route 53: what health checkers see, in place of moto's, which always see success.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""

import time
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from moto.core.utils import utcnow
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.test import create_environ, run_wsgi_app

from local_aws.calls import Call
from local_aws.errors import AwsError
from local_aws.http_api import DataPlane
from local_aws.load_balancers import BalancerPlane
from local_aws.registry import Output, operation

CHECKERS = {"eu-west-1": "203.0.113.11", "us-east-1": "203.0.113.12", "us-west-2": "203.0.113.13"}
"""Addresses of checkers by Region; they are from a block that is kept for documentation (RFC 5737)."""

TLS_PORT = 443
LONGEST_SECONDS = 6.0
"""A connection within 4 seconds and an answer within 2 more."""

SEARCHED_BYTES = 5120
"""How much of an answer is searched for a check's string."""

UNREACHABLE = "Failure: The health checker could not establish a connection within the timeout limit."


@operation("route53", "GetHealthCheckStatus")
def get_health_check_status(call: Call) -> Output:
    """Asks the endpoint now, once, and gives its answer as what each of a few checkers has observed."""
    check = call.backend().get_health_check(call.params["HealthCheckId"])
    if check.type_ in ("CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"):
        raise AwsError("InvalidInput", f"The status of a health check of type {check.type_} is not observed.")
    if check.disabled:
        return {"HealthCheckObservations": []}
    report = {"Status": _status(check), "CheckedTime": utcnow()}
    observations = [
        {"Region": region, "IPAddress": address, "StatusReport": report} for region, address in CHECKERS.items()
    ]
    return {"HealthCheckObservations": observations}


def succeeds(check: Any) -> bool:
    """Whether the endpoint answers as the check wants, now."""
    return _status(check).startswith("Success")


def _status(check: Any) -> str:
    """What a checker says. Here APIs, functions' URLs and load balancers can be reached, by TLS and with their name."""
    if not check.fqdn or not check.type_.startswith("HTTPS") or check.port != TLS_PORT or not check.enable_sni:
        return UNREACHABLE
    agent = f"Amazon-Route53-Health-Check-Service (ref {check.id})"
    environ = create_environ(
        path=check.resource_path or "/",
        base_url=f"https://{check.fqdn}",
        headers={"User-Agent": agent},
        environ_base={"REMOTE_ADDR": CHECKERS["us-east-1"]},
    )
    started = time.monotonic()
    body, line, _ = run_wsgi_app(BalancerPlane(DataPlane(_nowhere)), environ, buffered=True)
    if time.monotonic() - started > LONGEST_SECONDS:
        return "Failure: The health check endpoint did not respond within the timeout limit."
    code = int(line.split()[0])
    if code == HTTPStatus.MISDIRECTED_REQUEST:
        return "Failure: DNS resolution failed: Rcode NXDomain(3)"
    answer = f"HTTP Status Code {code}, {HTTP_STATUS_CODES.get(code, 'Unknown')}"
    if not HTTPStatus.OK <= code < HTTPStatus.BAD_REQUEST:
        return f"Failure: {answer}"
    if (check.search_string or "").encode() not in b"".join(body)[:SEARCHED_BYTES]:
        return f"Failure: {answer}. The search string was not found."
    return f"Success: {answer}"


def _nowhere(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:  # noqa: ARG001
    """What is reached by a name that belongs to no API."""
    start_response(f"{HTTPStatus.MISDIRECTED_REQUEST.value} {HTTPStatus.MISDIRECTED_REQUEST.phrase}", [])
    return []
