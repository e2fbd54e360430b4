"""While writers are stopped no payment is taken and none is lost, reads go on, and afterwards all goes on."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pymysql.err import OperationalError

import payment_processor
from lib.workflow.states import TRANSIENT_ERRORS
from payments import switches
from payments.database import LedgerUnavailableError
from payments.engines import AURORA_MYSQL, AURORA_POSTGRESQL
from payments.http import DEEP_HEALTH_PATH
from payments.ledger import Ledger
from payments.writes_switch import WritersStoppedError
from tests.unit.payment_system.ledger_server import LedgerServer
from tests.unit.payment_system.payment_account import WRITES_PARAMETER, PaymentAccount
from tests.unit.payment_system.sample_payments import record, valid_payment

Output = Callable[[], list[dict[str, Any]]]
Invoke = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def stopped(deployment: PaymentAccount, monkeypatch: pytest.MonkeyPatch) -> PaymentAccount:
    """The function's new process, which sees each change of the switch at once."""
    monkeypatch.setenv("WRITES_PARAMETER", WRITES_PARAMETER)
    monkeypatch.setattr(switches, "TRUSTED_SECONDS", 0.0)
    deployment.set_writes("stopped")
    return deployment


def payment_event(detail: object) -> dict[str, Any]:
    return {"version": "0", "source": "payment.processor", "detail-type": "Payment Transaction", "detail": detail}


def counted(lines: list[dict[str, Any]], metric: str) -> list[list[float]]:
    return [line[metric] for line in lines if metric in line]


@pytest.mark.parametrize("engine", [AURORA_MYSQL, AURORA_POSTGRESQL], indirect=True)
def test_payment_is_answered_503_until_writers_are_started(
    post: Any,
    call: Any,
    stopped: PaymentAccount,
    ledger_rows: LedgerServer,
    payment: dict[str, Any],
    output: Output,
) -> None:
    refused = post(payment)
    assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    assert refused.answer == {
        "valid": False,
        "reason": "Writers are stopped",
        "detail": "an operator has stopped all writers for a while; payments are taken again after it",
        "payment_id": "pay-1",
    }
    assert (ledger_rows.count("payments"), stopped.items(), stopped.published()) == (0, [], [])
    assert call("GET", "/payments/pay-1").status == 404
    lines = output()
    assert counted(lines, "PaymentsStopped") == [[1.0]]
    assert counted(lines, "LedgerUnavailable") == counted(lines, "InternalErrors") == []
    stopped.set_writes("open")
    assert post(payment).status == 200
    assert ledger_rows.statuses() == {"pay-1": "COMMITTED"}
    stopped.set_writes("stopped")
    assert call("GET", "/payments/pay-1").status == 200


def test_request_at_fault_is_told_so_all_the_same(post: Any, stopped: PaymentAccount, payment: dict[str, Any]) -> None:
    assert stopped
    assert post({**payment, "amount": "0"}).status == 400


@pytest.mark.usefixtures("stopped")
def test_event_is_raised_and_message_goes_back_to_its_queue(
    invoke: Invoke, payment: dict[str, Any], output: Output
) -> None:
    with pytest.raises(WritersStoppedError):
        invoke(payment_event(payment))
    message = {"messageId": "m1", "eventSource": "aws:sqs", "body": json.dumps(payment_event(payment))}
    assert invoke({"Records": [message]}) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    lines = output()
    assert counted(lines, "PaymentsStopped") == [[1.0], [1.0]]
    assert counted(lines, "InternalErrors") == []


@pytest.mark.parametrize(("task", "payment_id"), [("charge", "pending"), ("cancel", "taken"), ("publish", "taken")])
def test_task_that_writes_fails_so_that_the_workflow_tries_it_again(
    invoke: Invoke, stopped: PaymentAccount, ledger: Ledger, ledger_rows: LedgerServer, task: str, payment_id: str
) -> None:
    record(ledger, valid_payment("taken"))
    record(ledger, valid_payment("pending"), pending=True)
    with pytest.raises(LedgerUnavailableError, match="an operator has stopped") as failed:
        invoke({"task": task, "payment_id": payment_id})
    assert type(failed.value).__name__ in TRANSIENT_ERRORS
    assert ledger_rows.statuses() == {"taken": "COMMITTED", "pending": "PENDING_APPROVAL"}
    assert stopped.published() == []


def test_relay_publishes_nothing_and_measures_what_waits(
    invoke: Invoke, stopped: PaymentAccount, ledger: Ledger, ledger_rows: LedgerServer, output: Output
) -> None:
    record(ledger, valid_payment("taken"))
    ledger_rows.let_time_pass(seconds=60)
    assert invoke({"task": "relay-outbox"}) == {"published": 0, "left": 1}
    assert stopped.published() == []
    assert counted(output(), "OutboxEvents") == [[1.0]]
    stopped.set_writes("open")
    assert invoke({"task": "relay-outbox"}) == {"published": 1, "left": 0}


def test_deep_health_tells_the_switch_and_what_it_could_not_read(call: Any, stopped: PaymentAccount) -> None:
    well = call("GET", DEEP_HEALTH_PATH)
    assert (well.status, well.answer) == (200, {"status": "ok", "writes": "stopped"})
    stopped.set_writes("open")
    assert call("GET", DEEP_HEALTH_PATH).answer == {"status": "ok", "writes": "open"}
    stopped.ssm.delete_parameter(Name=WRITES_PARAMETER)
    ill = call("GET", DEEP_HEALTH_PATH)
    assert (ill.status, ill.answer) == (503, {"status": "unavailable", "failed": ["writes"]})


def test_payment_is_refused_in_a_secondary_region_for_that_first(
    post: Any, secondary: PaymentAccount, payment: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRITES_PARAMETER", WRITES_PARAMETER)
    secondary.set_writes("stopped")
    assert post(payment).answer["reason"] == "Region is secondary"
    secondary.set_role("primary")
    assert post(payment).answer["reason"] == "Writers are stopped"
    secondary.set_writes("open")
    assert post(payment).status == 200


def test_what_was_begun_before_the_stop_is_not_tried_again_after_it(
    stopped: PaymentAccount, ledger_rows: LedgerServer
) -> None:
    stopped.set_writes("open")
    tries = []

    def work(_cursor: object) -> None:
        tries.append(1)
        stopped.set_writes("stopped")
        raise OperationalError(1213, "deadlock")

    with pytest.raises(WritersStoppedError):
        payment_processor._database().transaction(work)
    assert ledger_rows
    assert tries == [1]


def test_payment_without_a_ledger_is_counted_once(
    post: Any, call: Any, unreachable_ledger: Callable[[], None], payment: dict[str, Any], output: Output
) -> None:
    unreachable_ledger()
    assert post(payment).status == 503
    assert call("GET", "/payments/pay-1").status == 503
    lines = output()
    assert counted(lines, "LedgerUnavailable") == [[1.0]]
    assert counted(lines, "PaymentsStopped") == []
