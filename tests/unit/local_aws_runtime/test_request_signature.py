"""A request is taken for its signer's only while nothing that was signed has changed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_aws.http_api.signature import Secret, SignedRequest, verified_access_key

HOST = "api1.execute-api.eu-central-1.amazonaws.com"
KEYS = {"AKIDEXAMPLE": Secret("secret"), "ASIAEXAMPLE": Secret("other", "token")}


def signed(
    access_key: str = "AKIDEXAMPLE", secret: str = "secret", token: str | None = None, path: str = "/payments/a%20b"
) -> SignedRequest:
    query, body = "b=2&a=x%20y", b'{"amount": 1}'
    headers = {"Host": HOST, "Content-Type": "application/json"}
    request = AWSRequest("POST", f"https://{HOST}{path}?{query}", headers=headers, data=body)
    SigV4Auth(Credentials(access_key, secret, token), "execute-api", "eu-central-1").add_auth(request)
    return SignedRequest("POST", path, query, {name.lower(): value for name, value in request.headers.items()}, body)


def verified(
    request: SignedRequest,
    *,
    service: str = "execute-api",
    region: str = "eu-central-1",
    later: timedelta = timedelta(),
) -> str | None:
    return verified_access_key(request, service, region, KEYS.get, datetime.now(UTC) + later)


@pytest.mark.parametrize("path", ["/", "/payments", "/payments/a%20b", "/payments/a%2Fb"])
def test_a_valid_signature_names_its_key(path: str) -> None:
    assert verified(signed(path=path)) == "AKIDEXAMPLE"


def test_temporary_credentials_come_with_their_token() -> None:
    assert verified(signed("ASIAEXAMPLE", "other", "token")) == "ASIAEXAMPLE"
    assert verified(signed("ASIAEXAMPLE", "other", "another")) is None
    assert verified(signed("ASIAEXAMPLE", "other")) is None


def test_other_keys_and_secrets_are_refused() -> None:
    assert verified(signed(secret="wrong")) is None
    assert verified(signed("AKIDNOBODY")) is None


def test_a_signature_for_something_else_is_refused() -> None:
    assert verified(signed(), service="lambda") is None
    assert verified(signed(), region="us-east-1") is None


def test_an_old_signature_is_refused() -> None:
    assert verified(signed(), later=timedelta(minutes=4)) == "AKIDEXAMPLE"
    assert verified(signed(), later=timedelta(minutes=6)) is None
    assert verified(signed(), later=timedelta(minutes=-6)) is None


def test_a_changed_request_is_refused() -> None:
    request = signed()
    assert verified(replace(request, method="PUT")) is None
    assert verified(replace(request, path="/payments/c")) is None
    assert verified(replace(request, query="a=1")) is None
    assert verified(replace(request, body=b"{}")) is None
    assert verified(replace(request, headers={**request.headers, "host": "other"})) is None
    assert verified(replace(request, headers={**request.headers, "content-type": "text/plain"})) is None
    assert verified(replace(request, headers={**request.headers, "x-amz-content-sha256": "0" * 64})) is None


@pytest.mark.parametrize("authorization", ["", "Bearer x", "AWS4-HMAC-SHA256 Credential=x"])
def test_other_authorization_is_refused(authorization: str) -> None:
    request = signed()
    assert verified(replace(request, headers={**request.headers, "authorization": authorization})) is None


def test_the_host_must_be_signed() -> None:
    request = signed()
    authorization = request.headers["authorization"].replace("content-type;host;", "content-type;")
    assert verified(replace(request, headers={**request.headers, "authorization": authorization})) is None
