"""The document against the handler itself, with a real database: fast, and without API Gateway in front."""

from __future__ import annotations

import pytest

from tests.integration.openapi.conformance import Conformance, Endpoint, run_document
from tests.integration.openapi.payment_server import REGION, payment_server

SIGNATURE = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": REGION}


@pytest.fixture(scope="module")
def conformance(tmp_path_factory: pytest.TempPathFactory) -> Conformance:
    with payment_server(tmp_path_factory.mktemp("database")) as url:
        return run_document(
            Endpoint(url, "api.example.test", SIGNATURE), tmp_path_factory.mktemp("schemathesis"), max_examples=60
        )


def test_no_answer_deviates_from_the_document(conformance: Conformance) -> None:
    assert conformance.passed, conformance.report


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ("POST /payments", 200),
        ("POST /payments", 202),
        ("POST /payments", 400),
        ("POST /payments", 409),
        ("GET /payments/{payment_id}", 200),
        ("GET /payments/{payment_id}", 202),
        ("GET /payments/{payment_id}", 404),
        ("GET /health", 200),
        ("GET /health/deep", 200),
        ("DELETE /payments", 405),
    ],
)
def test_the_run_met(conformance: Conformance, operation: str, status: int) -> None:
    """A run in which everything is refused would not deviate either."""
    assert conformance.answers[operation, status] > 0, dict(conformance.answers)
