"""Verifies Signature Version 4 of a request
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html)."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

CLOCK_SKEW = timedelta(minutes=5)
TIMESTAMP = "%Y%m%dT%H%M%SZ"
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential="
    r"(?P<key>[^/,\s]+)/(?P<date>\d{8})/(?P<region>[^/,]+)/(?P<service>[^/,]+)/aws4_request,"
    r"\s*SignedHeaders=(?P<headers>[^,\s]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True)
class SignedRequest:
    """A request as received: header names in lower case, the path and query as sent."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Secret:
    """What belongs to an access key: its secret, and the session token of temporary credentials."""

    key: str
    token: str | None = None


def verified_access_key(
    request: SignedRequest, service: str, region: str, secret_of: Callable[[str], Secret | None], now: datetime
) -> str | None:
    """The access key that validly signed the request for this service and Region, or None."""
    signed = AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if signed is None or (signed["service"], signed["region"]) != (service, region):
        return None
    secret = secret_of(signed["key"])
    if secret is None or request.headers.get("x-amz-security-token") != secret.token:
        return None
    names = signed["headers"].split(";")
    timestamp = request.headers.get("x-amz-date", "")
    if "host" not in names or not timestamp.startswith(signed["date"]) or not _fresh(timestamp, now):
        return None
    if request.headers.get("x-amz-content-sha256", _sha256(request.body)) != _sha256(request.body):
        return None
    expected = _signature(request, names, timestamp, SigV4Auth(Credentials(signed["key"], secret.key), service, region))
    return signed["key"] if hmac.compare_digest(expected, signed["signature"]) else None


def _signature(request: SignedRequest, names: list[str], timestamp: str, auth: SigV4Auth) -> str:
    copy = AWSRequest(
        method=request.method,
        url=f"https://{request.headers.get('host', '')}{request.path}" + (f"?{request.query}" if request.query else ""),
        data=request.body,
        headers={name: request.headers.get(name, "") for name in names},
    )
    copy.context["timestamp"] = timestamp
    signature: str = auth.signature(auth.string_to_sign(copy, auth.canonical_request(copy)), copy)
    return signature


def _fresh(timestamp: str, now: datetime) -> bool:
    try:
        signed_at = datetime.strptime(timestamp, TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(now - signed_at) <= CLOCK_SKEW


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
