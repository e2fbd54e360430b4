"""The service as a process of its own, with a real ledger: routes, authorization, limits, what it writes."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.integration.container.service_load import payment
from tests.integration.container.service_processes import CODE, Reply, ServiceProcess, Surroundings


@pytest.fixture(scope="module")
def service(surroundings: Surroundings) -> Iterator[ServiceProcess]:
    with surroundings.service("service") as service:
        yield service


def test_health_names_the_version(service: ServiceProcess) -> None:
    reply = service.call("GET", "/health", key="")
    assert (reply.status, reply.answer["status"], reply.answer["version"]) == (200, "ok", "7")
    assert "server" not in reply.headers


def test_deep_health_reaches_everything(service: ServiceProcess) -> None:
    assert service.call("GET", "/health/deep").answer == {"status": "ok"}


def test_payment_is_taken_once_however_often_it_is_sent(service: ServiceProcess, surroundings: Surroundings) -> None:
    replies = [service.call("POST", "/payments", payment("order-1")) for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 200]
    assert (
        replies[0].answer == replies[1].answer == replies[2].answer == service.call("GET", "/payments/order-1").answer
    )
    assert surroundings.statuses()["order-1"] == "COMMITTED"
    assert surroundings.unbalanced() == []


def test_refused_payments_leave_nothing(service: ServiceProcess, surroundings: Surroundings) -> None:
    assert service.call("POST", "/payments", payment("order-2", amount="0")).answer["reason"] == "Invalid amount"
    assert service.call("POST", "/payments", b"{").status == 400
    assert service.call("POST", "/payments", payment("order-2"), key="").status == 401
    assert service.call("POST", "/payments", payment("order-2"), key="wrong" * 10).status == 401
    assert service.call("POST", "/payments", b" " * (64 * 1024 + 1)).status == 413
    assert "order-2" not in surroundings.statuses()


def test_body_without_end_is_refused_while_it_is_sent(service: ServiceProcess) -> None:
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as connection:
        connection.sendall(b"POST /payments HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(65):
            connection.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer


def test_more_than_it_can_do_is_turned_away_at_once_and_what_waits_is_answered(surroundings: Surroundings) -> None:
    """One thread and room for one more, while the ledger is locked for a moment, which the library waits for."""
    replies: list[Reply] = []
    with surroundings.service("narrow", SERVICE_THREADS="1", SERVICE_WAITING="1") as service:
        assert service.call("POST", "/payments", payment("warm")).status == 200

        def send(number: int) -> None:
            replies.append(service.call("POST", "/payments", payment(f"crowd-{number}")))

        with surroundings.environment.database.session() as execute:
            execute("LOCK TABLES payments.payments WRITE")
            threads = [threading.Thread(target=send, args=(number,)) for number in range(10)]
            for thread in threads:
                thread.start()
            ends = time.monotonic() + 10
            while len(replies) < 8 and time.monotonic() < ends:
                time.sleep(0.01)
            turned_away = list(replies)
            assert service.call("GET", "/health", key="").status == 200
            execute("UNLOCK TABLES")
        for thread in threads:
            thread.join()
    assert [reply.status for reply in turned_away] == [503] * 8
    assert {reply.headers["retry-after"] for reply in turned_away} == {"2"}
    assert [reply.status for reply in replies[8:]] == [200, 200]


def test_service_writes_json_lines_alone_and_no_account(surroundings: Surroundings) -> None:
    with surroundings.service("written") as service:
        assert service.call("POST", "/payments", payment("written-1")).status == 200
        service.terminate()
        service.process.wait(30)
        lines = service.lines()
    assert sum(sum(line["PaymentsCommitted"]) for line in lines if "PaymentsCommitted" in line) == 1
    assert any(line.get("all_done") is True for line in lines)
    assert "DE89370400440532013000" not in json.dumps(lines)


def test_service_writes_nothing_beside_its_code(service: ServiceProcess) -> None:
    assert service.call("GET", "/health/deep").status == 200
    begun = service.log.stat().st_ctime
    newer = [
        path
        for folder in CODE
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and path.stat().st_mtime > begun + 1
    ]
    assert newer == []
