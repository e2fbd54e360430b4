"""Tasks of the schedule and of the approval workflow."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import payment_processor
from payments import tasks as tasks_module
from payments.ledger import UnknownPaymentError
from payments.tasks import OutboxNotEmptyError, PaymentNotPendingError, UnknownTaskError
from tests.unit.payment_system.ledger_server import LedgerServer
from tests.unit.payment_system.payment_account import PaymentAccount
from tests.unit.payment_system.sample_payments import ACCOUNTS

Output = Callable[[], list[dict[str, Any]]]
Perform = Callable[..., dict[str, Any]]


@pytest.fixture
def perform(invoke: Any, deployment: PaymentAccount) -> Perform:
    """Has the function do a task."""
    assert deployment
    return lambda task, **fields: dict(invoke({"task": task, **fields}))


@pytest.fixture
def pending(post: Any, deployment: PaymentAccount, payment: dict[str, Any]) -> str:
    """The id of a payment that waits for approval."""
    deployment.make_workflow()
    deployment.set_parameter("payments/approval_threshold", "10")
    assert post(payment).status == 202
    return "pay-1"


@pytest.fixture
def left_behind(
    post: Any, deployment: PaymentAccount, ledger_rows: LedgerServer, payment: dict[str, Any]
) -> LedgerServer:
    """Two payments a minute ago, whose process ended before it published them."""
    deployment.lose_bus()
    for number in (1, 2):
        assert post({**payment, "payment_id": f"pay-{number}"}).status == 200
    assert len(ledger_rows.waiting()) == 2
    ledger_rows.let_time_pass(seconds=60)
    return ledger_rows


@pytest.fixture
def gauges(output: Output) -> Callable[[], dict[str, Any]]:
    """The metrics that were written."""
    return lambda: {name: line[name][0] for line in output() for name in line if name.startswith(("Outbox", "Relayed"))}


def test_relay_publishes_what_was_left_behind_and_says_what_waits(
    perform: Perform, left_behind: LedgerServer, deployment: PaymentAccount, gauges: Callable[[], dict[str, Any]]
) -> None:
    deployment.make_bus()
    assert perform("relay-outbox") == {"published": 2, "left": 0}
    assert left_behind.waiting() == []
    assert [event["detail"]["payment_id"] for event in deployment.published()] == ["pay-1", "pay-2"]
    assert gauges() == {"OutboxEvents": 0.0, "OutboxOldestSeconds": 0.0, "RelayedBatches": 1.0}


def test_relay_without_a_bus_measures_what_waits(
    perform: Perform, left_behind: LedgerServer, gauges: Callable[[], dict[str, Any]]
) -> None:
    assert perform("relay-outbox") == {"published": 0, "left": 2}
    assert len(left_behind.waiting()) == 2
    measured = gauges()
    assert measured.pop("OutboxOldestSeconds") >= 60
    assert measured == {"OutboxEvents": 2.0}


def test_relay_without_a_ledger_leaves_it_to_the_next_one_and_measures_nothing(
    perform: Perform, unreachable_ledger: Callable[[], None], gauges: Callable[[], dict[str, Any]]
) -> None:
    unreachable_ledger()
    assert perform("relay-outbox") == {"published": 0, "left": None}
    assert gauges() == {}


def test_event_that_is_published_again_has_its_id_of_before(
    perform: Perform, post: Any, deployment: PaymentAccount, ledger_rows: LedgerServer, payment: dict[str, Any]
) -> None:
    post(payment)
    ledger_rows.execute("UPDATE outbox SET published_at = NULL, created_at = created_at - INTERVAL 60 SECOND")
    perform("relay-outbox")
    first, again = deployment.published()
    assert first["detail"] == again["detail"]
    assert first["id"] != again["id"]


@pytest.fixture
def clock(deployment: PaymentAccount) -> Iterator[list[float]]:
    """Gives the tasks this time, in seconds; it passes by 15 s each time it is asked for."""
    assert deployment
    seconds = [0.0]

    def read() -> float:
        seconds[0] += 15
        return seconds[0]

    real = tasks_module.Tasks
    payment_processor.tasks.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(payment_processor, "Tasks", lambda **parts: real(**parts, clock=read))
        yield seconds


@pytest.mark.usefixtures("clock")
def test_relay_ends_in_time_with_work_left(
    perform: Perform, left_behind: LedgerServer, deployment: PaymentAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.make_bus()
    relay = payment_processor.outbox().relay
    monkeypatch.setattr(payment_processor.outbox(), "relay", lambda publish: relay(publish, limit=1))
    assert perform("relay-outbox") == {"published": 1, "left": 1}
    assert len(left_behind.waiting()) == 1


def test_relay_goes_on_until_nothing_waits(
    perform: Perform, left_behind: LedgerServer, deployment: PaymentAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.make_bus()
    relay = payment_processor.outbox().relay
    monkeypatch.setattr(payment_processor.outbox(), "relay", lambda publish: relay(publish, limit=1))
    assert perform("relay-outbox") == {"published": 2, "left": 0}
    assert left_behind.waiting() == []


def test_relay_deletes_events_that_were_published_long_ago(
    perform: Perform, post: Any, ledger_rows: LedgerServer, payment: dict[str, Any]
) -> None:
    post(payment)
    ledger_rows.let_time_pass(seconds=8 * 24 * 3600)
    assert perform("relay-outbox") == {"published": 0, "left": 0}
    assert ledger_rows.count("outbox") == 0


def test_approver_is_told_of_the_payment_but_not_of_its_accounts(perform: Perform, pending: str) -> None:
    told = perform("check-pending", payment_id=pending)
    assert told == {"payment_id": "pay-1", "status": "PENDING_APPROVAL", "amount": "12.50", "currency": "EUR"}
    assert not any(account in json.dumps(told) for account in ACCOUNTS)


def test_approval_token_is_kept_for_the_approver(perform: Perform, pending: str, deployment: PaymentAccount) -> None:
    assert perform("request-approval", payment_id=pending, task_token="token") == {"payment_id": "pay-1"}
    (item,) = [item for item in deployment.items() if item["session_id"]["S"] == "approval/pay-1"]
    assert item["task_token"] == {"S": "token"}


def test_charging_twice_is_charging_once(perform: Perform, pending: str, ledger_rows: LedgerServer) -> None:
    assert [perform("charge", payment_id=pending) for _ in range(2)] == [{"status": "COMMITTED"}] * 2
    assert ledger_rows.count("ledger_entries") == 2


def test_payment_that_was_canceled_cannot_be_charged(perform: Perform, pending: str, ledger_rows: LedgerServer) -> None:
    assert perform("cancel", payment_id=pending) == {"status": "REJECTED"}
    with pytest.raises(PaymentNotPendingError, match="payment pay-1 is REJECTED"):
        perform("charge", payment_id=pending)
    assert ledger_rows.count("ledger_entries") == 0


def test_canceling_what_was_charged_takes_it_back_once(
    perform: Perform, pending: str, ledger_rows: LedgerServer
) -> None:
    perform("charge", payment_id=pending)
    assert [perform("cancel", payment_id=pending) for _ in range(2)] == [{"status": "REVERSED"}] * 2
    assert set(ledger_rows.balances().values()) == {0}
    with pytest.raises(PaymentNotPendingError, match="REVERSED"):
        perform("charge", payment_id=pending)


def test_publishing_is_done_when_nothing_of_the_payment_waits(
    perform: Perform, pending: str, deployment: PaymentAccount, ledger_rows: LedgerServer
) -> None:
    deployment.lose_bus()
    perform("charge", payment_id=pending)
    with pytest.raises(OutboxNotEmptyError, match="1 events of payment pay-1 wait in the outbox"):
        perform("publish", payment_id=pending)
    deployment.make_bus()
    assert perform("publish", payment_id=pending) == {"published": True}
    assert perform("publish", payment_id=pending) == {"published": True}
    assert ledger_rows.waiting() == []
    assert [event["detail-type"] for event in deployment.published()] == ["Payment Committed"]


@pytest.mark.parametrize("task", ["check-pending", "charge", "cancel"])
def test_task_about_an_unknown_payment_is_an_error(perform: Perform, task: str) -> None:
    with pytest.raises(UnknownPaymentError, match="the ledger has no payment pay-0"):
        perform(task, payment_id="pay-0")


def test_unknown_task_is_named_with_those_there_are(perform: Perform) -> None:
    with pytest.raises(UnknownTaskError, match=r"'relay' is none of relay-outbox, check-pending, .*cancel"):
        perform("relay")
