"""docs/openapi.json is valid, its examples keep its schemas, and it names all that the code can answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from lib.api.payment_api import ROUTES
from lib.container.payment_service import requests
from lib.container.payment_service.authorization import KEY_HEADER, SharedKey
from lib.container.payment_service.tokens import Tokens
from payments.currencies import UnknownCurrencyError, decimals_of
from payments.documents import MAXIMUM_BODY_BYTES, parse_document
from payments.environment import DatabaseEnvironment, RuntimeEnvironment
from payments.http import HEALTH_PATH, HttpApi, Request
from payments.lambda_http import answer_http_event
from payments.payment import PaymentConflictError, PaymentRefusedError, Standing, Status
from payments.validation import IDENTIFIER, OPTIONAL_FIELDS, REQUIRED_FIELDS, validate
from tests.integration.openapi.conformance import DOCUMENT, schema_validator

PAYMENT: dict[str, Any] = {
    "payment_id": "pay-1",
    "amount": "12.50",
    "currency": "EUR",
    "payer_account": "DE89370400440532013000",
    "payee_account": "FR1420041010050500013M02606",
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(DOCUMENT.read_text())
    return read


def refusal_reasons(document: Mapping[str, Any]) -> list[str]:
    named, _pattern = document["components"]["schemas"]["RefusalReason"]["anyOf"]
    reasons: list[str] = named["enum"]
    return reasons


def examples(part: Any) -> Iterator[tuple[str, Any]]:
    """The name of the schema and the value of each example of a body."""
    if isinstance(part, dict):
        content = part.get("content", {}).get("application/json")
        if content:
            for example in content["examples"].values():
                yield content["schema"]["$ref"].rpartition("/")[2], example["value"]
        for inner in part.values():
            yield from examples(inner)


def refusal_of_body(body: bytes) -> str:
    with pytest.raises(PaymentRefusedError) as refusal:
        validate(parse_document(body), amount_limit=Decimal(1_000_000))
    return str(refusal.value.answer()["reason"])


def refusal_of(**changes: Any) -> str:
    document = {**PAYMENT, **changes}
    return refusal_of_body(
        json.dumps({name: value for name, value in document.items() if value is not Ellipsis}).encode()
    )


def environment() -> RuntimeEnvironment:
    database = DatabaseEnvironment(
        engine="aurora-mysql",
        host="",
        reader_host="",
        port=0,
        name="",
        authentication="secret",
        user="",
        secret_arn="",
    )
    return RuntimeEnvironment(
        region="eu-west-1",
        region_role_parameter=None,
        writes_parameter=None,
        environment_suffix="test",
        database=database,
        sessions_table="",
        event_bus="",
        approval_state_machine_arn=None,
        configuration_path="",
        version="1",
        parameters_max_age=0,
    )


def not_needed() -> Any:
    """For requests that are answered before a service is needed."""
    raise AssertionError("the request should have been refused before")


def api_without_service() -> HttpApi:
    return HttpApi(environment=environment(), service=not_needed, deep_health=not_needed)


def refusal_of_headers(**headers: str) -> str:
    request = Request(
        method="POST",
        path="/payments",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=json.dumps(PAYMENT).encode(),
        request_id="1",
    )
    return str(api_without_service().respond(request).body["reason"])


def refusal_of_event(body: str) -> str:
    event = {
        "version": "2.0",
        "rawPath": "/payments",
        "requestContext": {"http": {"method": "POST"}},
        "body": body,
        "isBase64Encoded": True,
    }
    result = answer_http_event(event, api_without_service())
    return str(json.loads(str(result["body"]))["reason"])


def all_refusals() -> list[str]:
    """The reason for each fault that a request can have."""
    duplicate = json.dumps(PAYMENT).replace("{", '{"amount": 1, ', 1).encode()
    return [
        refusal_of_body(b"{"),
        refusal_of_body(b"[]"),
        refusal_of_body(b"\xff"),
        refusal_of_body(duplicate),
        refusal_of_body(b" " * (MAXIMUM_BODY_BYTES + 1)),
        refusal_of_headers(content_type="text/plain"),
        refusal_of_headers(content_encoding="gzip"),
        refusal_of_event("not base64"),
        refusal_of_event(base64.b64encode(b" " * 2 * MAXIMUM_BODY_BYTES).decode()),
        refusal_of(tip=1),
        refusal_of(**{"no name": 1}),
        *(refusal_of(**{name: ...}) for name in REQUIRED_FIELDS),
        *(refusal_of(**{name: "?"}) for name in (*REQUIRED_FIELDS, *OPTIONAL_FIELDS)),
        refusal_of(amount=0),
        refusal_of(amount="1000000.01"),
        refusal_of(amount=10**15),
        refusal_of(amount="0.001"),
        refusal_of(currency="XXX"),
        refusal_of(payee_account=PAYMENT["payer_account"]),
    ]


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_it_has_the_routes_that_are_deployed(document: dict[str, Any]) -> None:
    described = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert described == set(ROUTES.values())


def test_its_security_schemes_are_those_of_the_fronts(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    assert {next(iter(scheme)) for scheme in document["security"]} == set(schemes)
    assert (schemes["key"]["in"], schemes["key"]["name"]) == ("header", KEY_HEADER)
    assert schemes["sigv4"]["x-amazon-apigateway-authtype"] == "awsSigv4"
    assert schemes["jwt"]["scheme"] == "bearer"
    assert document["components"]["headers"]["Challenge"]["schema"]["enum"] == [SharedKey.challenge, Tokens.challenge]


def test_ids_of_requests_and_limits_of_bodies_are_those_of_the_service(document: dict[str, Any]) -> None:
    header = document["components"]["headers"]["ServiceRequestId"]["schema"]
    assert header["pattern"] == f"^{requests._REQUEST_ID.pattern}$"
    responses = document["components"]["responses"]
    assert f"{requests.MAXIMUM_BODY_BYTES // 1024} KiB" in responses["RequestTooLarge"]["description"]
    assert f"within {requests.BODY_SECONDS:.0f} seconds" in responses["RequestTimeout"]["description"]


def test_only_health_is_open_and_never_waits_for_a_body(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            is_health = path == HEALTH_PATH
            assert ({} in operation.get("security", [])) is is_health
            assert ({"408", "413"} <= operation["responses"].keys()) is not is_health


def test_its_examples_keep_its_schemas(document: dict[str, Any]) -> None:
    found = list(examples(document))
    assert len(found) > 20
    for name, value in found:
        errors = [error.message for error in schema_validator(document, name).iter_errors(value)]
        assert errors == [], (name, value)


def test_every_body_has_an_example(document: dict[str, Any]) -> None:
    bodies = [
        content
        for path in document["paths"].values()
        for operation in path.values()
        for response in operation["responses"].values()
        for content in response.get("content", {}).values()
    ]
    assert bodies
    assert all(body["examples"] for body in bodies)


def test_each_request_example_is_a_valid_payment(document: dict[str, Any]) -> None:
    payments = [value for name, value in examples(document) if name == "Payment"]
    assert payments
    for payment in payments:
        body = json.dumps(payment).encode()
        assert validate(parse_document(body), amount_limit=Decimal(1_000_000)).payment_id == payment["payment_id"]


def test_every_reason_that_the_code_gives_is_in_the_document(document: dict[str, Any]) -> None:
    given = all_refusals()
    reasons = schema_validator(document, "RefusalReason")
    assert [reason for reason in given if not reasons.is_valid(reason)] == []
    assert "Unknown field: tip" in given
    assert set(refusal_reasons(document)) <= set(given)


def test_every_conflict_that_the_code_gives_is_in_the_document(document: dict[str, Any]) -> None:
    given = []
    for status in Status:
        try:
            Standing(payment_id="pay-1", status=status, answer={}).reply()
        except PaymentConflictError as conflict:
            given.append(conflict.answer())
    assert len(given) == 2
    for answer in given:
        assert schema_validator(document, "Conflict").is_valid(answer)
        assert schema_validator(document, "Canceled").is_valid(answer)


def test_currencies_and_patterns_are_those_of_the_code(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    codes = []
    for code in (f"{a}{b}{c}" for a in letters for b in letters for c in letters):
        try:
            decimals_of(code)
        except UnknownCurrencyError:
            continue
        codes.append(code)
    assert schemas["Currency"]["enum"] == codes
    assert schemas["Identifier"]["pattern"] == f"^{IDENTIFIER.pattern}$"


@pytest.mark.parametrize(
    ("amount", "valid"),
    [
        ("0.01", True), ("0.10", True), ("1000000", True), ("1000000.00", True), ("999999.99", True), (12.5, True),
        ("0", False), ("0.00", False), ("1000000.01", False), ("01", False), ("1e3", False), ("-1", False), ("", False),
        (0, False), (1000000.5, False), (True, False), (None, False), ("12.50\n", False), ("\u0661", False),
    ],
)  # fmt: skip
def test_the_schema_of_amounts_says_what_the_code_says(document: dict[str, Any], amount: object, valid: bool) -> None:
    assert schema_validator(document, "Amount").is_valid(amount) is valid
    if valid:
        body = json.dumps({**PAYMENT, "amount": amount}).encode()
        assert validate(parse_document(body), amount_limit=Decimal(1_000_000)).amount == Decimal(str(amount))
    else:
        assert refusal_of(amount=amount) in ("Invalid amount", "Amount exceeds limit")
