"""The document against the deployed API, signed, through API Gateway."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.integration.deployed import Deployed
from tests.integration.openapi.conformance import Conformance, Endpoint, run_document

# API Gateway knows no 405: it answers 404 to a method that no route has.
NOT_OF_THE_GATEWAY = ("unsupported_method",)


@pytest.fixture(scope="module")
def conformance(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Conformance:
    credentials = deployed.session.get_credentials()
    assert credentials is not None
    frozen = credentials.get_frozen_credentials()
    variables = {
        "AWS_ACCESS_KEY_ID": frozen.access_key or "",
        "AWS_SECRET_ACCESS_KEY": frozen.secret_key or "",
        "AWS_REGION": deployed.outputs["aws_region"],
    }
    if frozen.token:
        variables["AWS_SESSION_TOKEN"] = frozen.token
    url = deployed.outputs["api_url"]
    return run_document(
        Endpoint(deployed.endpoint_url or url, urlsplit(url).netloc, variables),
        tmp_path_factory.mktemp("schemathesis"),
        max_examples=40,
        excluded_checks=NOT_OF_THE_GATEWAY,
    )


def test_no_answer_of_the_deployed_api_deviates_from_the_document(conformance: Conformance) -> None:
    assert conformance.passed, conformance.report


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ("POST /payments", 200),
        ("POST /payments", 400),
        ("POST /payments", 409),
        ("GET /payments/{payment_id}", 200),
        ("GET /payments/{payment_id}", 404),
        ("GET /health", 200),
        ("GET /health/deep", 200),
    ],
)
def test_the_run_against_the_deployed_api_met(conformance: Conformance, operation: str, status: int) -> None:
    """A run in which every signature is refused would not deviate either."""
    assert conformance.answers[operation, status] > 0, dict(conformance.answers)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/payments"), ("GET", "/payments/order-1"), ("GET", "/health"), ("GET", "/health/deep")],
)
def test_without_a_signature_every_operation_answers_as_documented(deployed: Deployed, method: str, path: str) -> None:
    answer = deployed.api.send(method, path, signed=False)
    assert (answer.status, answer.body) == (403, {"message": "Forbidden"})
