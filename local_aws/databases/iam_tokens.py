"""Verifies RDS authentication tokens: an address, signed like a URL, in the place of a password
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.html)."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_aws.http_api.signature import CLOCK_SKEW, TIMESTAMP, Secret

SERVICE = "rds-db"
LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True)
class Entrance:
    """What a token must be for."""

    host: str
    port: int
    user: str
    region: str


def verified_token(
    token: str, entrance: Entrance, secret_of: Callable[[str], Secret | None], now: datetime
) -> str | None:
    """The access key that validly signed the token for this entrance, or None."""
    url, _, signature = token.partition("&X-Amz-Signature=")
    host, _, text = url.partition("/?")
    query = dict(parse_qsl(text, keep_blank_values=True))
    if host != f"{entrance.host}:{entrance.port}":
        return None
    if (query.get("Action"), query.get("DBUser")) != ("connect", entrance.user):
        return None
    key, _, scope = query.get("X-Amz-Credential", "").partition("/")
    timestamp = query.get("X-Amz-Date", "")
    if scope != f"{timestamp[:8]}/{entrance.region}/{SERVICE}/aws4_request":
        return None
    if query.get("X-Amz-SignedHeaders") != "host" or not _valid(timestamp, query.get("X-Amz-Expires", ""), now):
        return None
    secret = secret_of(key)
    if secret is None or query.get("X-Amz-Security-Token") != secret.token:
        return None
    auth = SigV4Auth(Credentials(key, secret.key), SERVICE, entrance.region)
    request = AWSRequest(method="GET", url=f"https://{host}/?{text}", headers={"host": host})
    request.context["timestamp"] = timestamp
    expected = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    return key if hmac.compare_digest(expected.encode(), signature.encode()) else None


def _valid(timestamp: str, expires: str, now: datetime) -> bool:
    """Whether a token is old enough and not too old. What it says itself can only shorten its life."""
    try:
        signed_at = datetime.strptime(timestamp, TIMESTAMP).replace(tzinfo=UTC)
        lifetime = min(timedelta(seconds=int(expires)), LIFETIME)
    except (ValueError, OverflowError):
        return False
    return signed_at - CLOCK_SKEW <= now < signed_at + lifetime
