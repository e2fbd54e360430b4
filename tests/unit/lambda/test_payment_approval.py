"""Payments that wait for a person: charged or canceled once, whatever happens twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from payments.events import COMMITTED, REJECTED, REVERSED
from payments.ledger import Ledger, UnknownPaymentError
from payments.payment import Standing, Status
from tests.unit.payment_system.drivers import Driver, both_engines
from tests.unit.payment_system.ledger_server import LedgerServer
from tests.unit.payment_system.payment_account import PaymentAccount
from tests.unit.payment_system.sample_payments import PAYEE, PAYER, event_about, record, valid_payment

PAYMENT = valid_payment()


def charge(ledger: Ledger) -> Standing:
    return ledger.charge("pay-1", event_about(PAYMENT, COMMITTED))


def cancel(ledger: Ledger) -> Standing:
    return ledger.cancel("pay-1", rejected=event_about(PAYMENT, REJECTED), reversed_=event_about(PAYMENT, REVERSED))


@both_engines
def test_pending_payment_moves_no_money(ledger: Ledger, ledger_rows: LedgerServer) -> None:
    assert record(ledger, PAYMENT, pending=True).status is Status.PENDING_APPROVAL
    assert ledger_rows.entries() == []
    assert ledger_rows.waiting() == ["Payment Approval Requested"]


@both_engines
def test_charged_payment_is_booked_and_announced_once(ledger: Ledger, ledger_rows: LedgerServer) -> None:
    record(ledger, PAYMENT, pending=True)
    charged = charge(ledger)
    assert (charged.status, charged.repeated) == (Status.COMMITTED, False)
    again = charge(ledger)
    assert (again.status, again.repeated) == (Status.COMMITTED, True)
    assert ledger_rows.balances() == {PAYER: Decimal("-12.50"), PAYEE: Decimal("12.50")}
    assert ledger_rows.waiting() == ["Payment Approval Requested", "Payment Committed"]


@both_engines
def test_canceled_pending_payment_is_rejected_and_never_charged(ledger: Ledger, ledger_rows: LedgerServer) -> None:
    record(ledger, PAYMENT, pending=True)
    assert cancel(ledger).status is Status.REJECTED
    assert charge(ledger).status is Status.REJECTED
    assert cancel(ledger).repeated
    assert ledger_rows.entries() == []
    assert ledger_rows.waiting() == ["Payment Approval Requested", "Payment Rejected"]


@both_engines
def test_canceled_booked_payment_is_taken_back_with_opposite_entries(ledger: Ledger, ledger_rows: LedgerServer) -> None:
    record(ledger, PAYMENT)
    assert cancel(ledger).status is Status.REVERSED
    assert cancel(ledger).repeated
    assert charge(ledger).status is Status.REVERSED
    assert ledger_rows.entries() == [
        (PAYER, "DEBIT", Decimal("12.50")),
        (PAYEE, "CREDIT", Decimal("12.50")),
        (PAYEE, "DEBIT", Decimal("12.50")),
        (PAYER, "CREDIT", Decimal("12.50")),
    ]
    assert ledger_rows.waiting() == ["Payment Committed", "Payment Reversed"]


@both_engines
def test_decisions_at_once_leave_the_ledger_balanced(ledger: Ledger, ledger_rows: LedgerServer) -> None:
    record(ledger, PAYMENT, pending=True)
    with ThreadPoolExecutor(8) as pool:
        decisions = [pool.submit(decide, ledger) for decide in (charge, cancel) * 8]
        standings = [decision.result() for decision in decisions]
    assert [standing.repeated for standing in standings].count(False) in (1, 2)
    assert ledger_rows.statuses()["pay-1"] in ("REJECTED", "REVERSED")
    assert sum(ledger_rows.balances().values()) == 0
    assert set(ledger_rows.balances().values()) <= {Decimal(0)}


@pytest.mark.parametrize(
    ("late", "early", "statuses"),
    [
        (charge, cancel, ["REJECTED", "REJECTED"]),
        (cancel, charge, ["COMMITTED", "REVERSED"]),
        (charge, charge, ["COMMITTED", "COMMITTED"]),
    ],
)
@both_engines
def test_decision_that_is_overtaken_starts_from_what_the_other_one_left(
    ledger: Ledger,
    ledger_rows: LedgerServer,
    driver: Driver,
    monkeypatch: pytest.MonkeyPatch,
    late: Callable[[Ledger], Standing],
    early: Callable[[Ledger], Standing],
    statuses: list[str],
) -> None:
    execute, overtaken, overtaking = driver.cursor.execute, list[str](), list[Standing]()

    def overtake(cursor: Any, sql: str, values: Any = None, **options: Any) -> Any:
        if sql.startswith("UPDATE payments") and not overtaken:
            overtaken.append(sql)
            overtaking.append(early(ledger))
        return execute(cursor, sql, values, **options)

    record(ledger, PAYMENT, pending=True)
    monkeypatch.setattr(driver.cursor, "execute", overtake)
    last = late(ledger)
    assert [standing.status for standing in (*overtaking, last)] == statuses
    assert ledger_rows.statuses() == {"pay-1": statuses[-1]}
    assert sum(ledger_rows.balances().values()) == 0
    assert ledger_rows.count("ledger_entries") == {"REJECTED": 0, "COMMITTED": 2, "REVERSED": 4}[statuses[-1]]


@pytest.mark.parametrize("decide", [charge, cancel])
@both_engines
def test_decision_about_an_unknown_payment_is_an_error(ledger: Ledger, decide: Callable[[Ledger], Standing]) -> None:
    with pytest.raises(UnknownPaymentError, match="no payment pay-1"):
        decide(ledger)


@pytest.fixture
def with_approval(deployment: PaymentAccount) -> PaymentAccount:
    """Payments above 10 wait for an approval."""
    deployment.make_workflow()
    deployment.set_parameter("payments/approval_threshold", "10")
    return deployment


def test_payment_above_the_threshold_is_answered_202_and_asks_for_approval(
    post: Any, call: Any, with_approval: PaymentAccount, ledger_rows: LedgerServer, payment: dict[str, Any]
) -> None:
    first, again, found = post(payment), post(payment), call("GET", "/payments/pay-1")
    assert first.status == again.status == found.status == 202
    assert first.answer == again.answer == found.answer
    assert first.answer["status"] == "PENDING_APPROVAL"
    assert ledger_rows.entries() == []
    assert len(with_approval.executions()) == 1
    assert with_approval.published() == []


def test_payment_of_the_threshold_itself_needs_no_approval(
    post: Any, with_approval: PaymentAccount, payment: dict[str, Any]
) -> None:
    assert post({**payment, "amount": "10"}).status == 200
    assert with_approval.executions() == []


def test_charged_payment_is_answered_as_any_other(
    post: Any, call: Any, invoke: Any, with_approval: PaymentAccount, payment: dict[str, Any]
) -> None:
    answer = dict(post(payment).answer)
    assert invoke({"task": "charge", "payment_id": "pay-1"}) == {"status": "COMMITTED"}
    del answer["status"]
    for result in (post(payment), call("GET", "/payments/pay-1")):
        assert (result.status, result.answer) == (200, answer)
    (event,) = with_approval.published()
    assert event["detail-type"] == "Payment Committed"


@pytest.mark.parametrize(("tasks", "reason"), [(["cancel"], "rejected"), (["charge", "cancel"], "reversed")])
def test_canceled_payment_is_answered_409(
    post: Any,
    call: Any,
    invoke: Any,
    with_approval: PaymentAccount,
    payment: dict[str, Any],
    tasks: list[str],
    reason: str,
) -> None:
    post(payment)
    for task in tasks:
        invoke({"task": task, "payment_id": "pay-1"})
    for result in (post(payment), call("GET", "/payments/pay-1")):
        assert result.status == 409
        assert result.answer == {"valid": False, "reason": f"Payment {reason}", "payment_id": "pay-1"}
    assert with_approval.published()[-1]["detail-type"] == f"Payment {reason.capitalize()}"
    assert with_approval.items()[0]["status"] == {"S": reason.upper()}
