"""The service from its start to its end: signals, what goes on beside the requests, what is finished at the end."""

import asyncio
import http.client
import os
import runpy
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
import uvicorn

from lib.container import payment_service, service_probe
from lib.container.payment_service import application
from lib.container.payment_service import running as running_module
from lib.container.payment_service.authorization import SharedKey
from lib.container.payment_service.draining import drained
from lib.container.payment_service.front import Front
from lib.container.payment_service.running import running
from lib.container.payment_service.tokens import Tokens
from payments.database import Database
from payments.environment import EnvironmentVariableError
from payments.http import HEALTH_PATH
from payments.observability import metrics
from tests.unit.container.conftest import ask
from tests.unit.container.sample_events import event_text
from tests.unit.payment_system.ledger_server import LedgerServer
from tests.unit.payment_system.payment_account import PaymentAccount
from tests.unit.payment_system.sample_payments import event_about, payment_document, valid_payment

Output = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def signals() -> Iterator[list[int]]:
    """The signals that reach whoever handled them before the service."""
    seen: list[int] = []
    before = {
        number: signal.signal(number, lambda given, _: seen.append(given)) for number in (signal.SIGTERM, signal.SIGINT)
    }
    yield seen
    for number, handler in before.items():
        signal.signal(number, handler)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def in_service(scene: Callable[[Front], Awaitable[Any]], variables: dict[str, str]) -> Any:
    async def run() -> Any:
        async with running(variables) as front:
            return await scene(front)

    return asyncio.run(run())


def test_first_signal_drains_and_is_handed_on_later(signals: list[int]) -> None:
    async def scene() -> list[object]:
        begun: list[object] = []
        with drained(0.05, lambda: begun.append(list(signals))):
            os.kill(os.getpid(), signal.SIGTERM)
            await until(lambda: begun)
            assert signals == []
            await until(lambda: signals)
        return begun

    assert asyncio.run(scene()) == [[]]
    assert signals == [signal.SIGTERM]


def test_second_signal_is_handed_on_at_once_and_only_it(signals: list[int]) -> None:
    async def scene() -> None:
        begun: list[int] = []
        with drained(0.2, lambda: begun.append(1)):
            os.kill(os.getpid(), signal.SIGINT)
            await until(lambda: begun)
            os.kill(os.getpid(), signal.SIGTERM)
            await until(lambda: signals)
            await asyncio.sleep(0.3)
        assert begun == [1]

    asyncio.run(scene())
    assert signals == [signal.SIGTERM]


def test_handlers_of_before_are_there_again() -> None:
    before = signal.getsignal(signal.SIGTERM)

    async def scene() -> None:
        with drained(1, lambda: None):
            assert signal.getsignal(signal.SIGTERM) is not before

    asyncio.run(scene())
    assert signal.getsignal(signal.SIGTERM) is before


def test_signal_makes_the_running_service_drain(
    deployment: PaymentAccount, variables: dict[str, str], signals: list[int], output: Output
) -> None:
    async def scene(front: Front) -> None:
        assert (await ask(front, "GET", "/health")).status == 200
        os.kill(os.getpid(), signal.SIGTERM)
        await until(lambda: front.draining)
        assert (await ask(front, "GET", "/health")).answer == {"status": "draining"}
        assert (await ask(front, "POST", "/payments", json=payment_document())).status == 200
        await until(lambda: signals)

    assert deployment
    in_service(scene, variables)
    assert [line["message"] for line in output() if "message" in line].count("draining") == 1


def test_at_the_end_everything_that_was_begun_is_done(
    deployment: PaymentAccount,
    variables: dict[str, str],
    ledger_rows: LedgerServer,
    output: Output,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed: list[Database] = []
    monkeypatch.setattr(Database, "close", lambda database: closed.append(database))

    async def scene(front: Front) -> int:
        return (await ask(front, "POST", "/payments", json=payment_document())).status

    assert in_service(scene, variables) == 200
    assert len(deployment.published()) == len(deployment.items()) == 1
    assert ledger_rows.waiting() == []
    assert len(closed) == 1
    lines = output()
    assert [line["all_done"] for line in lines if line.get("message") == "service ended"] == [True]
    assert sum(sum(line["PaymentsCommitted"]) for line in lines if "PaymentsCommitted" in line) == 1
    assert type(metrics.provider).__name__ != "SharedMetrics"


def test_what_is_not_done_in_time_is_told(
    deployment: PaymentAccount, variables: dict[str, str], output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_module, "RELAY_SECONDS", 0)
    monkeypatch.setattr(running_module, "BACKGROUND_SECONDS", 0.01)
    held, release = threading.Event(), threading.Event()

    def hold(*_arguments: object) -> None:
        held.set()
        release.wait(10)

    monkeypatch.setattr("payments.tasks.Tasks.perform", hold)

    async def scene(_front: Front) -> None:
        await until(held.is_set)

    assert deployment
    in_service(scene, variables)
    release.set()
    assert [line["all_done"] for line in output() if line.get("message") == "service ended"] == [False]


def test_outbox_is_relayed_with_the_metrics_of_the_relay(
    deployment: PaymentAccount,
    variables: dict[str, str],
    ledger_rows: LedgerServer,
    output: Output,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running_module, "RELAY_SECONDS", 0.05)
    event = event_about(valid_payment())
    ledger_rows.execute(
        "INSERT INTO outbox (event_id, event_type, payment_id, detail, created_at)"
        " VALUES (%s, %s, %s, %s, UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE)",
        *(event.event_id, event.event_type, event.payment_id, event.detail),
    )

    async def scene(_front: Front) -> None:
        await until(lambda: not ledger_rows.waiting())

    in_service(scene, variables)
    assert [published["detail"]["event_id"] for published in deployment.published()] == [event.event_id]
    lines = output()
    assert any("RelayedBatches" in line for line in lines)
    assert any("OutboxEvents" in line and "OutboxOldestSeconds" in line for line in lines)


def test_queue_is_polled_where_there_is_one(
    deployment: PaymentAccount, variables: dict[str, str], ledger_rows: LedgerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.container.payment_service.queue.WAIT_SECONDS", 0)
    monkeypatch.setattr(running_module, "queue_client", lambda _region: deployment.sqs)
    url = deployment.sqs.create_queue(QueueName="payments")["QueueUrl"]
    deployment.sqs.send_message(QueueUrl=url, MessageBody=event_text("pay-1"))

    async def scene(_front: Front) -> None:
        await until(lambda: ledger_rows.statuses() == {"pay-1": "COMMITTED"})

    in_service(scene, {**variables, "PAYMENT_QUEUE_URL": url})


def test_clients_are_known_as_the_deployment_says(deployment: PaymentAccount, variables: dict[str, str]) -> None:
    async def scene(front: Front) -> type:
        return type(front._authorizer)

    assert deployment
    assert in_service(scene, variables) is SharedKey
    issuer = {"API_JWT_ISSUER": "https://issuer.test", "API_JWT_AUDIENCE": "payments"}
    assert in_service(scene, {**variables, **issuer}) is Tokens


def test_service_in_a_secondary_region_says_so(deployment: PaymentAccount, variables: dict[str, str]) -> None:
    deployment.set_role("secondary")

    async def scene(front: Front) -> Any:
        return await ask(front, "POST", "/payments", json=payment_document())

    regional = {"REGION_ROLE_PARAMETER": "/payment/test/region/role", "DB_READER_ENDPOINT": "127.0.0.1"}
    reply = in_service(scene, {**variables, **regional})
    assert (reply.status, reply.answer["reason"]) == (503, "Region is secondary")


def test_service_whose_writers_are_stopped_says_so(deployment: PaymentAccount, variables: dict[str, str]) -> None:
    deployment.set_writes("stopped")

    async def scene(front: Front) -> Any:
        return await ask(front, "POST", "/payments", json=payment_document())

    reply = in_service(scene, {**variables, "WRITES_PARAMETER": "/payment/test/payments/writes"})
    assert (reply.status, reply.answer["reason"]) == (503, "Writers are stopped")


def test_payment_above_the_threshold_starts_the_workflow(deployment: PaymentAccount, variables: dict[str, str]) -> None:
    deployment.set_parameter("payments/approval_threshold", "10")
    deployment.make_workflow()
    machine = "arn:aws:states:eu-west-1:123456789012:stateMachine:payment-approval-test"

    async def scene(front: Front) -> int:
        return (await ask(front, "POST", "/payments", json=payment_document())).status

    assert in_service(scene, {**variables, "APPROVAL_STATE_MACHINE_ARN": machine}) == 202
    assert len(deployment.executions()) == 1


@pytest.mark.usefixtures("deployment")
def test_application_serves_from_its_start_to_its_end() -> None:
    async def scene() -> tuple[int, dict[str, Any]]:
        async with payment_service.app.router.lifespan_context(payment_service.app) as state:

            async def app(scope: Any, receive: Any, send: Any) -> None:
                await payment_service.app({**scope, "state": dict(state or {})}, receive, send)

            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://payments.test") as client:
                response = await client.get("/health")
                return response.status_code, response.json()

    status, answer = asyncio.run(scene())
    assert (status, answer["version"]) == (200, "7")


@pytest.mark.usefixtures("variables")
def test_container_serves_on_every_address_and_leaves_requests_the_time_they_need(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served: list[dict[str, Any]] = []
    monkeypatch.setattr(uvicorn, "run", lambda _app, **options: served.append(options))
    runpy.run_module("lib.container.payment_service", run_name="__main__")
    (options,) = served
    assert str(options["port"]) == service_probe.DEFAULT_PORT
    assert service_probe.HEALTH_PATH == HEALTH_PATH
    assert (options["host"], options["port"]) == ("0.0.0.0", 8080)
    assert options["timeout_keep_alive"] > 60
    seconds = options["timeout_graceful_shutdown"] + 8
    assert seconds + running_module.BACKGROUND_SECONDS + running_module.AFTER_ANSWER_SECONDS < 30


@pytest.mark.usefixtures("variables")
def test_service_that_lets_anybody_in_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("API_KEY_SECRET_ARN")
    with pytest.raises(EnvironmentVariableError):
        application.main()


@pytest.mark.parametrize("host", ["", "0.0.0.0", "127.0.0.2"])
@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_probe_tells_whether_the_service_is_well_where_it_listens(status: int, code: int, host: str) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    listening = "127.0.0.2" if host == "127.0.0.2" else "127.0.0.1"
    with HTTPServer((listening, 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request, daemon=True)
        thread.start()
        port = str(server.server_address[1])
        assert service_probe.probe({"SERVICE_HOST": host, "SERVICE_PORT": port}) == code
        thread.join(10)


def test_probe_of_a_service_that_is_not_there_fails() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert service_probe.probe({"SERVICE_PORT": str(unused.getsockname()[1])}) == 1


def test_probe_as_a_program_ends_with_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise http.client.BadStatusLine("nonsense")

    monkeypatch.setattr(http.client.HTTPConnection, "request", refuse)
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(service_probe.__file__, run_name="__main__")
    assert ended.value.code == 1
