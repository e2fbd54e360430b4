"""The document against the service itself: the same answers as from the function, over uvicorn."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
import uvicorn

from benchmarks.payment_environment import REGION
from lib.container.payment_service.composition import composed
from lib.container.payment_service.front import Front
from lib.container.payment_service.workers import Workers
from payments.database import tls_context
from payments.environment import RuntimeEnvironment
from tests.integration.container.service_processes import Surroundings, client, free_port
from tests.integration.openapi.conformance import Conformance, Endpoint, run_document

START_SECONDS = 20
SIGNATURE = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": REGION}


class Everybody:
    """The document's requests are signed, which the service does not ask for."""

    challenge = "ApiKey"

    def allows(self, _headers: Mapping[str, str]) -> bool:
        return True


@contextmanager
def served(front: Front) -> Iterator[str]:
    """The address of uvicorn in this process."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(front, host="127.0.0.1", port=port, lifespan="off", log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    ends = time.monotonic() + START_SECONDS
    while not server.started and time.monotonic() < ends:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)


@pytest.fixture(scope="module")
def conformance(surroundings: Surroundings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Conformance]:
    environment = surroundings.environment
    client(environment, "ssm").put_parameter(
        Name="/payment/direct/payments/approval_threshold", Value="1000", Type="String", Overwrite=True
    )
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.variables().items():
            patch.setenv(name, value)
        tls_context.cache_clear()
        parts = composed(RuntimeEnvironment.from_variables(environment.variables()), version="7")
        workers = Workers(threads=4, waiting=64)
        front = Front(api=parts.api, authorizer=Everybody(), workers=workers, answered=parts.service.after_answer.begin)
        with served(front) as url:
            yield run_document(
                Endpoint(url, "api.example.test", SIGNATURE), tmp_path_factory.mktemp("schemathesis"), max_examples=40
            )
        workers.close()
        parts.service.after_answer.wait(30)
        parts.database.close()
    tls_context.cache_clear()


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
        ("GET /payments/{payment_id}", 404),
        ("GET /health", 200),
        ("GET /health/deep", 200),
        ("DELETE /payments", 405),
    ],
)
def test_the_run_met(conformance: Conformance, operation: str, status: int) -> None:
    """A run in which everything is refused would not deviate either."""
    assert conformance.answers[operation, status] > 0, dict(conformance.answers)
