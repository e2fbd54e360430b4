"""Loaded by schemathesis (SCHEMATHESIS_HOOKS): signs its requests, and judges refusals that a schema cannot express.

API_HOST is the API's own host name, which the requests carry whatever address they go to; credentials and Region come
from AWS's variables. With API_KEY requests carry that key, as the service wants it, and no signature.
"""

from __future__ import annotations

import itertools
import os
import re
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import schemathesis
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from requests import PreparedRequest
from requests.auth import AuthBase
from schemathesis import Case, CheckContext, HookContext, Response

SAME_ACCOUNT = "payer and payee are the same account"
DECIMALS = re.compile(r"([A-Z]{3}) has ([0-9]) decimals")


class SignedRequests(AuthBase):
    """AWS Signature Version 4 of each request, as it is sent."""

    def __init__(self, host: str, credentials: Credentials, region: str) -> None:
        self._host = host
        self._signer = SigV4Auth(credentials, "execute-api", region)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body = request.body if isinstance(request.body, str | bytes) else None
        signed = AWSRequest(request.method, f"https://{self._host}{request.path_url}", data=body)
        signed.headers["Host"] = self._host
        self._signer.add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        return request


class RequestsWithKey(AuthBase):
    """The service's shared key."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["x-api-key"] = self._key
        return request


def _authorized(variables: Mapping[str, str]) -> AuthBase:
    if "API_KEY" in variables:
        return RequestsWithKey(variables["API_KEY"])
    credentials = Credentials(
        variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"], variables.get("AWS_SESSION_TOKEN")
    )
    return SignedRequests(variables["API_HOST"], credentials, variables["AWS_REGION"])


schemathesis.auth.set_from_requests(_authorized(os.environ))  # type: ignore[attr-defined]

_run = uuid.uuid4().hex[:8]
_numbers = itertools.count(1)


@schemathesis.hook
def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
    """Gives every second payment that keeps the schema an id of its own: generated ids meet again and again, so that
    most payments would be conflicts.
    """
    number = next(_numbers)
    body: Any = case.body
    if number % 2 and _is_valid_payment(case):
        own = {name: f"{body[name][:40]}-{_run}-{number}" for name in ("payment_id", "session_id") if name in body}
        case.body = {**body, **own}


@schemathesis.check
def valid_payment_acceptance(_context: CheckContext, response: Response, case: Case[Any]) -> None:
    """A payment that keeps the schema is taken, or breaks one of the two rules that the schema cannot express.

    These are: no more decimals than the currency has, and two different accounts. 409 is right too, for an id that
    was used before.
    """
    if not _is_valid_payment(case) or response.status_code in (200, 202, 409):
        return
    answer = response.json()
    if response.status_code == 400 and _breaks_unexpressed_rule(case.body, answer):
        return
    raise AssertionError(f"a payment that keeps the schema was answered {response.status_code}: {answer}")


def _is_valid_payment(case: Case[Any]) -> bool:
    positive = case.meta is not None and case.meta.generation.mode.is_positive
    return positive and (case.method, case.path) == ("POST", "/payments") and isinstance(case.body, dict)


def _breaks_unexpressed_rule(payment: Any, answer: dict[str, Any]) -> bool:
    detail = answer.get("detail", "")
    if detail == SAME_ACCOUNT:
        return bool(payment["payer_account"] == payment["payee_account"])
    decimals = DECIMALS.fullmatch(detail)
    return (
        decimals is not None
        and decimals[1] == payment["currency"]
        and _decimals_written(payment["amount"]) > int(decimals[2])
    )


def _decimals_written(amount: object) -> int:
    exponent = Decimal(str(amount)).as_tuple().exponent
    assert isinstance(exponent, int)
    return -exponent
