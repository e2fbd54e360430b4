"""Every route of the service through its ASGI interface, and what never reaches the payment library."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import Message

from lib.container.payment_service import requests
from lib.container.payment_service.authorization import AuthorizationUnavailableError
from lib.container.payment_service.front import Front
from lib.container.payment_service.workers import Workers
from payments import observability
from payments.engines import ENGINES
from tests.unit.container.conftest import ask
from tests.unit.payment_system.ledger_server import LedgerServer
from tests.unit.payment_system.payment_account import PaymentAccount
from tests.unit.payment_system.sample_payments import ACCOUNTS, payment_document

Call = Callable[..., Any]
Output = Callable[[], list[dict[str, Any]]]


def test_health_touches_nothing_else_and_is_open(call: Call, parts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts.database, "transaction", lambda _: pytest.fail("the ledger was asked"))
    reply = call("GET", "/health", headers={"x-api-key": ""})
    assert reply.status == 200
    assert reply.answer == {"status": "ok", "region": "eu-west-1", "environment_suffix": "test", "version": "7"}
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["content-type"] == "application/json"


def test_health_while_draining_tells_the_load_balancer(call: Call, front: Front) -> None:
    front.draining = True
    reply = call("GET", "/health")
    assert (reply.status, reply.answer) == (503, {"status": "draining"})
    assert reply.headers["connection"] == "close"


def test_deep_health_asks_everything(call: Call, deployment: PaymentAccount) -> None:
    assert call("GET", "/health/deep").answer == {"status": "ok"}
    deployment.dynamodb.delete_table(TableName="payment-sessions-test")
    reply = call("GET", "/health/deep")
    assert (reply.status, reply.answer) == (503, {"status": "unavailable", "failed": ["sessions"]})


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_payment_is_taken_announced_and_found(
    call: Call, deployment: PaymentAccount, ledger_rows: LedgerServer, parts: Any
) -> None:
    taken = call("POST", "/payments", json=payment_document())
    assert taken.status == 200
    assert (taken.answer["valid"], taken.answer["amount"], taken.answer["region"]) == (True, "12.50", "eu-west-1")
    assert parts.service.after_answer.wait(10)
    assert [event["detail"]["payment_id"] for event in deployment.published()] == ["pay-1"]
    assert [item["status"]["S"] for item in deployment.items()] == ["COMMITTED"]
    assert ledger_rows.waiting() == []
    assert call("GET", "/payments/pay-1").answer == taken.answer


def test_payments_are_still_taken_while_draining(call: Call, front: Front) -> None:
    front.draining = True
    reply = call("POST", "/payments", json=payment_document())
    assert (reply.status, reply.headers["connection"]) == (200, "close")


def test_the_same_again_gets_the_same_answer_and_is_booked_once(call: Call, ledger_rows: LedgerServer) -> None:
    first, second = (call("POST", "/payments", json=payment_document()) for _ in range(2))
    assert first.answer == second.answer
    assert ledger_rows.count("ledger_entries") == 2


@pytest.mark.parametrize(
    ("method", "path", "request_", "status", "answer"),
    [
        ("POST", "/payments", {"json": payment_document(amount="0")}, 400, {"reason": "Invalid amount"}),
        ("POST", "/payments", {"content": b"{"}, 400, {"reason": "Invalid JSON"}),
        ("POST", "/payments", {"content": b" " * 20_000}, 400, {"reason": "Body too large"}),
        ("POST", "/payments", {"json": payment_document(), "headers": {"content-type": "text/plain"}}, 400, {}),
        ("GET", "/payments/unknown", {}, 404, {"message": "No such payment"}),
        ("GET", "/payments/a%2Fb", {}, 404, {"message": "No such payment"}),
        ("GET", "/elsewhere", {}, 404, {"message": "Not found"}),
        ("GET", "/payments?page=2", {}, 405, {"message": "Method not allowed"}),
        ("POST", "/health", {}, 405, {"message": "Method not allowed"}),
        ("DELETE", "/payments/pay-1", {}, 405, {"message": "Method not allowed"}),
    ],
)
def test_refused_requests_leave_nothing(
    call: Call,
    ledger_rows: LedgerServer,
    method: str,
    path: str,
    request_: dict[str, Any],
    status: int,
    answer: dict[str, str],
) -> None:
    reply = call(method, path, **request_)
    assert reply.status == status
    assert answer.items() <= reply.answer.items()
    assert ledger_rows.count("payments") == 0


def test_other_payment_of_the_same_id_is_a_conflict(call: Call) -> None:
    call("POST", "/payments", json=payment_document())
    assert call("POST", "/payments", json=payment_document(amount="13.00")).status == 409


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/payments"), ("GET", "/payments/pay-1"), ("GET", "/health/deep"), ("GET", "/elsewhere")],
)
@pytest.mark.parametrize(
    "headers", [{"x-api-key": ""}, {"x-api-key": "wrong"}, {"x-api-key": "k", "Authorization": "x"}]
)
def test_without_the_key_nothing_but_health_is_answered(
    call: Call, ledger_rows: LedgerServer, method: str, path: str, headers: dict[str, str]
) -> None:
    reply = call(method, path, headers=headers, json=payment_document())
    assert (reply.status, reply.answer) == (401, {"message": "Unauthorized"})
    assert reply.headers["www-authenticate"] == "ApiKey"
    assert ledger_rows.count("payments") == 0


def test_when_nobody_can_tell_who_calls_the_request_may_be_sent_again(
    call: Call, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unavailable:
        challenge = "ApiKey"

        def allows(self, _headers: object) -> bool:
            raise AuthorizationUnavailableError

    monkeypatch.setattr(front, "_authorizer", Unavailable())
    reply = call("POST", "/payments", json=payment_document(), headers={"x-request-id": "mine"})
    assert (reply.status, reply.headers["retry-after"]) == (503, "2")
    assert reply.answer == {"message": "Service unavailable", "request_id": "mine"}


def too_large_by_its_length() -> dict[str, Any]:
    return {"content": b"x" * (64 * 1024 + 1)}


def too_large_without_a_length() -> dict[str, Any]:
    async def chunks() -> Any:
        for _ in range(65):
            yield b"x" * 1024

    return {"content": chunks()}


@pytest.mark.parametrize("body", [too_large_by_its_length, too_large_without_a_length])
def test_body_beyond_64_kilobytes_is_not_read(call: Call, body: Callable[[], dict[str, Any]]) -> None:
    reply = call("POST", "/payments", **body())
    assert (reply.status, reply.answer) == (413, {"message": "Request Entity Too Large"})
    assert reply.headers["connection"] == "close"


def test_body_that_does_not_end_is_not_waited_for(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    async def chunks() -> Any:
        yield b"{"
        await asyncio.sleep(5)

    monkeypatch.setattr(requests, "BODY_SECONDS", 0.01)
    reply = call("POST", "/payments", content=chunks())
    assert (reply.status, reply.headers["connection"]) == (408, "close")


def test_client_that_goes_away_is_not_answered(front: Front) -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(_message: Message) -> None:
        pytest.fail("nobody listens")

    scope = {"type": "http", "method": "POST", "path": "/payments", "raw_path": b"/payments", "headers": []}
    asyncio.run(front(scope, receive, send))


def test_more_than_threads_and_room_is_turned_away_at_once_and_health_is_not(front: Front, output: Output) -> None:
    """Two workers are held up and two requests wait: the fifth has no room."""

    async def scene() -> tuple[Any, Any]:
        release = asyncio.Event()
        loop = asyncio.get_running_loop()
        held = [
            asyncio.create_task(
                front._workers.run(lambda: asyncio.run_coroutine_threadsafe(release.wait(), loop).result())
            )
            for _ in range(4)
        ]
        await asyncio.sleep(0)
        turned_away = await ask(front, "POST", "/payments")
        well = await ask(front, "GET", "/health")
        release.set()
        await asyncio.gather(*held)
        return turned_away, well

    turned_away, well = asyncio.run(scene())
    assert (turned_away.status, turned_away.headers["retry-after"]) == (503, "2")
    assert well.status == 200
    observability.publish_metrics()
    assert any("RequestsTurnedAway" in line for line in output())


def test_room_is_free_again_after_a_fault() -> None:
    async def scene() -> int:
        workers = Workers(threads=1, waiting=0)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await workers.run(lambda: 1 // 0)
        return await workers.run(lambda: 5)

    assert asyncio.run(scene()) == 5


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-request-id": "order-1"}, "order-1"),
        ({"x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678"}, "1-67891233-abcdef012345678912345678"),
        ({"x-request-id": "or\tder", "x-amzn-trace-id": "Self=1; Root=1-2-3"}, "1-2-3"),
    ],
)
def test_request_has_the_id_of_whoever_gave_it_one(call: Call, headers: dict[str, str], expected: str) -> None:
    assert call("GET", "/health", headers=headers).headers["x-request-id"] == expected


def test_request_without_an_id_gets_one_of_its_own(call: Call) -> None:
    first, second = (call("GET", "/health").headers["x-request-id"] for _ in range(2))
    assert len(first) == len(second) == 32
    assert first != second


def test_log_lines_have_the_requests_id_and_no_account(call: Call, output: Output) -> None:
    call("POST", "/payments", json=payment_document(), headers={"x-request-id": "order-1"})
    lines = output()
    (recorded,) = (line for line in lines if line["message"] == "payment recorded")
    assert recorded["request_id"] == "order-1"
    assert not any(account in json.dumps(lines) for account in ACCOUNTS)
    call("POST", "/payments", json=payment_document("pay-2"), headers={"x-request-id": "order-2"})
    assert {line["request_id"] for line in output() if line["message"] == "payment recorded"} == {"order-1", "order-2"}
