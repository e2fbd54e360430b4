"""Services that are told to end, or are killed, under load: nothing acknowledged is lost, nothing is taken twice."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

from tests.integration.container.service_load import Load, payment
from tests.integration.container.service_processes import Reply, ServiceProcess, Surroundings, client

END_SECONDS = 30
"""What ECS gives a task between SIGTERM and SIGKILL."""


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not come in time"
        time.sleep(0.05)


def taken(surroundings: Surroundings, load: Load) -> set[str]:
    return {payment_id for payment_id in surroundings.statuses() if payment_id.startswith(load.prefix)}


def test_service_that_is_told_to_end_answers_what_began_and_finishes_its_work(surroundings: Surroundings) -> None:
    with surroundings.service("ending") as service:
        load = Load([service], clients=8, prefix="ending")
        load.start()
        load.wait_for(50)
        service.terminate()
        until(lambda: service.call("GET", "/health", key="").answer == {"status": "draining"}, 5)
        service.process.wait(END_SECONDS)
        load.stop()
        lines = service.lines()
    assert service.process.returncode == -signal.SIGTERM
    assert set(load.statuses) == {200}
    assert load.acknowledged <= taken(surroundings, load) <= load.sent
    assert surroundings.unbalanced() == []
    assert surroundings.unpublished() == 0
    assert surroundings.environment.sessions() == len(surroundings.statuses())
    assert [line["all_done"] for line in lines if "all_done" in line] == [True]


def test_request_that_began_before_the_end_is_answered(surroundings: Surroundings) -> None:
    replies: list[Reply] = []
    with surroundings.service("held", SERVICE_DRAIN_SECONDS="0") as service:
        assert service.call("POST", "/payments", payment("warm")).status == 200
        with surroundings.environment.database.session() as execute:
            execute("LOCK TABLES payments.payments WRITE")
            held = threading.Thread(target=lambda: replies.append(service.call("POST", "/payments", payment("held"))))
            held.start()
            time.sleep(0.5)
            service.terminate()
            time.sleep(1)
            assert service.process.poll() is None
            execute("UNLOCK TABLES")
        held.join()
        service.process.wait(END_SECONDS)
    assert [reply.status for reply in replies] == [200]
    assert surroundings.statuses()["held"] == "COMMITTED"


def test_one_of_four_services_is_killed_under_load(surroundings: Surroundings) -> None:
    surroundings.environment.database.execute("DELETE FROM payments.outbox")
    with ExitStack() as running:
        services = [running.enter_context(surroundings.service(f"one-of-four-{number}")) for number in range(4)]
        load = Load(services, clients=12, prefix="killed")
        load.start()
        load.wait_for(100)
        services[0].process.kill()
        load.wait_for(len(load.acknowledged) + 200)
        load.stop()
    found = taken(surroundings, load)
    assert load.acknowledged <= found <= load.sent
    assert load.unanswered > 0
    assert set(load.statuses) == {200}
    assert surroundings.unbalanced() == []
    assert one_event_each(surroundings) == len(found)


def one_event_each(surroundings: Surroundings) -> int:
    rows = surroundings.environment.database.execute("SELECT COUNT(*), COUNT(DISTINCT payment_id) FROM payments.outbox")
    events, payments = rows[0]
    assert events == payments
    return int(events)


def test_messages_of_a_queue_are_payments_once_each_whichever_service_gets_them(surroundings: Surroundings) -> None:
    queue = client(surroundings.environment, "sqs")

    def send(payment_id: str) -> None:
        event = {"source": "payment.processor", "detail-type": "Payment Transaction", "detail": payment(payment_id)}
        queue.send_message(QueueUrl=surroundings.queue_url, MessageBody=json.dumps(event))

    wanted = {f"queue-{number}" for number in range(60)}
    for payment_id in [*wanted, *list(wanted)[:10]]:
        send(payment_id)
    queue.send_message(QueueUrl=surroundings.queue_url, MessageBody="not an event")
    with ExitStack() as running:
        services: list[ServiceProcess] = [
            running.enter_context(surroundings.service(f"polling-{number}", PAYMENT_QUEUE_URL=surroundings.queue_url))
            for number in range(2)
        ]
        until(lambda: wanted <= surroundings.statuses().keys())
        until(lambda: left(surroundings) == 1)
        for service in services:
            service.terminate()
        for service in services:
            service.process.wait(END_SECONDS)
        failed = [line for service in services for line in service.lines() if "QueueMessagesFailed" in line]
    assert surroundings.unbalanced() == []
    assert len(failed) == 1


def left(surroundings: Surroundings) -> int:
    """Messages of the queue, hidden ones among them."""
    queue = client(surroundings.environment, "sqs")
    attributes = queue.get_queue_attributes(QueueUrl=surroundings.queue_url, AttributeNames=["All"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesNotVisible"])
