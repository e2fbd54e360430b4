"""The document against the service, as the image runs it: what the function answers too, and answers of its own."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.container.service_load import payment
from tests.integration.container.service_processes import API_KEY, Reply, ServiceProcess, Surroundings, client
from tests.integration.openapi.conformance import (
    DOCUMENT,
    Conformance,
    Endpoint,
    deviations,
    documented,
    run_document,
)

WAIT_SECONDS = 20
TOO_LARGE = b" " * (64 * 1024 + 1)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(DOCUMENT.read_text())
    return read


@pytest.fixture(scope="module")
def service(surroundings: Surroundings) -> Iterator[ServiceProcess]:
    client(surroundings.environment, "ssm").put_parameter(
        Name="/payment/direct/payments/approval_threshold", Value="1000", Type="String", Overwrite=True
    )
    with surroundings.service("openapi") as service:
        yield service


@pytest.fixture(scope="module")
def unfinished(service: ServiceProcess) -> Iterator[socket.socket]:
    """A request whose body does not come, begun before the others so that nothing waits for its end."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=WAIT_SECONDS) as connection:
        head = f"POST /payments HTTP/1.1\r\nhost: service\r\nx-api-key: {API_KEY}\r\ncontent-length: 9\r\n\r\n"
        connection.sendall(head.encode())
        yield connection


@pytest.fixture(scope="module")
def conformance(
    service: ServiceProcess, unfinished: socket.socket, tmp_path_factory: pytest.TempPathFactory
) -> Conformance:
    assert unfinished.fileno() >= 0
    return run_document(
        Endpoint(f"http://127.0.0.1:{service.port}", "api.example.test", {"API_KEY": API_KEY}),
        tmp_path_factory.mktemp("schemathesis"),
        max_examples=40,
    )


def judged(document: dict[str, Any], operation: str, reply: Reply, example: str) -> None:
    """Holds an answer against what the document says of it and against one of its examples."""
    response = documented(document, operation, reply.status)
    headers = {name.lower(): value for name, value in reply.headers.items()}
    assert deviations(document, response, headers, reply.answer) == []
    value = response["content"]["application/json"]["examples"][example]["value"]
    own = {"request_id": headers["x-request-id"]} if "request_id" in value else {}
    assert reply.answer == {**value, **own}


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


@pytest.mark.parametrize("operation", ["POST /payments", "GET /payments/{payment_id}", "GET /health/deep"])
@pytest.mark.parametrize("key", ["", "a-key-that-nobody-was-given-0123456789"])
def test_without_the_key_callers_are_told_what_is_missing(
    service: ServiceProcess, document: dict[str, Any], operation: str, key: str
) -> None:
    method, path = operation.split()
    reply = service.call(method, path.format(payment_id="order-1"), key=key)
    assert (reply.status, reply.headers["www-authenticate"]) == (401, "ApiKey")
    judged(document, operation, reply, "noToken")


def test_health_needs_no_key_and_the_document_says_so(service: ServiceProcess, document: dict[str, Any]) -> None:
    reply = service.call("GET", "/health", key="")
    assert deviations(document, documented(document, "GET /health", 200), reply.headers, reply.answer) == []
    assert {} in document["paths"]["/health"]["get"]["security"]


@pytest.mark.parametrize("operation", ["POST /payments", "GET /payments/{payment_id}", "GET /health/deep"])
def test_body_that_is_too_large(service: ServiceProcess, document: dict[str, Any], operation: str) -> None:
    method, path = operation.split()
    reply = service.call(method, path.format(payment_id="order-1"), TOO_LARGE)
    assert (reply.status, reply.headers["connection"]) == (413, "close")
    judged(document, operation, reply, "tooLarge")


def test_body_that_does_not_end(unfinished: socket.socket, document: dict[str, Any]) -> None:
    response = http.client.HTTPResponse(unfinished)
    response.begin()
    reply = Reply(response.status, {**response.headers}, json.loads(response.read()))
    assert (reply.status, reply.headers["connection"]) == (408, "close")
    judged(document, "POST /payments", reply, "unfinished")


@pytest.mark.parametrize(
    ("method", "path", "operation", "example"),
    [
        ("POST", "/payments", "POST /payments", "ledger"),
        ("GET", "/payments/order-1", "GET /payments/{payment_id}", "ledger"),
        ("GET", "/health/deep", "GET /health/deep", "busy"),
    ],
)
def test_service_that_is_busy(
    surroundings: Surroundings, document: dict[str, Any], method: str, path: str, operation: str, example: str
) -> None:
    """One request at a time and none that waits: of several at once, some are turned away."""
    with (
        surroundings.service("busy", SERVICE_THREADS="1", SERVICE_WAITING="0") as service,
        ThreadPoolExecutor(8) as callers,
    ):
        ends = time.monotonic() + WAIT_SECONDS
        turned_away: list[Reply] = []
        while not turned_away and time.monotonic() < ends:
            replies = callers.map(lambda number: service.call(method, path, payment(f"busy-{number}")), range(16))
            turned_away = [reply for reply in replies if reply.status == 503]
    assert turned_away
    for reply in turned_away:
        assert int(reply.headers["retry-after"]) > 0
        judged(document, operation, reply, example)


def test_service_that_ends(surroundings: Surroundings, document: dict[str, Any]) -> None:
    with surroundings.service("ends", SERVICE_DRAIN_SECONDS="5") as service:
        service.terminate()
        ends = time.monotonic() + WAIT_SECONDS
        reply = service.call("GET", "/health", key="")
        while reply.status == 200 and time.monotonic() < ends:
            reply = service.call("GET", "/health", key="")
        assert (reply.status, reply.headers["connection"]) == (503, "close")
        judged(document, "GET /health", reply, "draining")
