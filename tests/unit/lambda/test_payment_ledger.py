"""The ledger decides: one payment per id, balanced entries, one transaction, the same answer each time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from threading import Barrier

import pytest

from payments.engines import engine_of
from payments.events import COMMITTED, REJECTED
from payments.ledger import Ledger
from payments.payment import PaymentConflictError, Standing, Status
from tests.unit.payment_system.drivers import Driver, both_engines
from tests.unit.payment_system.ledger_server import LedgerServer
from tests.unit.payment_system.sample_payments import PAYEE, PAYER, event_about, record, valid_payment

pytestmark = both_engines

PAYMENT = valid_payment()


def test_payment_is_booked_twice_and_announced_once(ledger: Ledger, ledger_rows: LedgerServer) -> None:
    standing = record(ledger, PAYMENT)
    assert (standing.status, standing.repeated) == (Status.COMMITTED, False)
    assert ledger_rows.entries() == [(PAYER, "DEBIT", Decimal("12.50")), (PAYEE, "CREDIT", Decimal("12.50"))]
    assert ledger_rows.waiting() == ["Payment Committed"]


def test_payment_is_found_as_it_was_taken(ledger: Ledger) -> None:
    answer = record(ledger, PAYMENT).answer
    found = ledger.find("pay-1")
    assert found is not None
    assert found.payment == PAYMENT
    assert str(found.payment.amount) == "12.50"
    assert found.standing(repeated=True) == Standing(
        payment_id="pay-1", status=Status.COMMITTED, answer=answer, repeated=True
    )


def test_unknown_payment_is_not_found(ledger: Ledger) -> None:
    assert ledger.find("pay-1") is None


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "7"), ("KWD", "0.001"), ("UYW", "1.0001"), ("EUR", "1.00")])
def test_amount_keeps_the_decimals_of_its_currency(ledger: Ledger, currency: str, amount: str) -> None:
    record(ledger, replace(PAYMENT, currency=currency, amount=Decimal(amount)))
    found = ledger.find("pay-1")
    assert found is not None
    assert str(found.payment.amount) == amount


def test_same_payment_gets_the_first_answer_and_changes_nothing(ledger: Ledger, ledger_rows: LedgerServer) -> None:
    first = record(ledger, PAYMENT, validated_at="first")
    again = record(ledger, PAYMENT, validated_at="second")
    assert again == replace(first, repeated=True)
    assert ledger_rows.count("ledger_entries") == 2
    assert ledger_rows.count("outbox") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": Decimal("12.51")},
        {"currency": "USD"},
        {"payer_account": "OTHER"},
        {"payee_account": "OTHER"},
        {"session_id": "other"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_same_id_for_another_payment_is_a_conflict(
    ledger: Ledger, ledger_rows: LedgerServer, changes: dict[str, object]
) -> None:
    first = record(ledger, PAYMENT)
    with pytest.raises(PaymentConflictError) as conflict:
        record(ledger, replace(PAYMENT, **changes))  # type: ignore[arg-type]
    assert conflict.value.status == 409
    assert conflict.value.answer() == {
        "valid": False,
        "reason": "payment_id was used for another payment",
        "payment_id": "pay-1",
    }
    assert ledger_rows.count("ledger_entries") == 2
    assert record(ledger, PAYMENT).answer == first.answer


def test_session_of_another_payment_is_a_conflict(ledger: Ledger, ledger_rows: LedgerServer) -> None:
    record(ledger, valid_payment("pay-1", session_id="cart-9"))
    with pytest.raises(PaymentConflictError, match="session_id was used for another payment") as conflict:
        record(ledger, valid_payment("pay-2", session_id="cart-9"))
    assert conflict.value.payment_id == "pay-2"
    assert ledger_rows.statuses() == {"pay-1": "COMMITTED"}


def test_ids_are_compared_letter_by_letter(ledger: Ledger, ledger_rows: LedgerServer) -> None:
    for payment_id in ("pay-a", "pay-A", "PAY-a"):
        assert not record(ledger, valid_payment(payment_id)).repeated
    assert ledger_rows.count("payments") == 3


def test_sixteen_requests_at_once_take_one_payment(ledger: Ledger, ledger_rows: LedgerServer) -> None:
    together = Barrier(16)

    def send(number: int) -> Standing:
        together.wait(10)
        return record(ledger, PAYMENT, validated_at=str(number))

    with ThreadPoolExecutor(16) as pool:
        standings = list(pool.map(send, range(16)))
    assert len({str(standing.answer) for standing in standings}) == 1
    assert [standing.repeated for standing in standings].count(False) == 1
    assert ledger_rows.balances() == {PAYER: Decimal("-12.50"), PAYEE: Decimal("12.50")}
    assert ledger_rows.waiting() == ["Payment Committed"]


def test_one_of_sixteen_payments_with_one_session_wins(ledger: Ledger, ledger_rows: LedgerServer) -> None:
    together = Barrier(16)

    def send(number: int) -> bool:
        together.wait(10)
        try:
            record(ledger, valid_payment(f"pay-{number}", session_id="cart-9"))
        except PaymentConflictError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(send, range(16))).count(True) == 1
    assert ledger_rows.count("payments") == 1
    assert ledger_rows.count("ledger_entries") == 2


def test_payment_that_cannot_be_announced_is_not_taken(
    ledger: Ledger, ledger_rows: LedgerServer, driver: Driver
) -> None:
    ledger.record(PAYMENT, status=Status.COMMITTED, answer={"amount": "12.50"}, event=event_about(PAYMENT))
    other = valid_payment("pay-2")
    with pytest.raises(driver.integrity_error):
        ledger.record(other, status=Status.COMMITTED, answer={"amount": "12.50"}, event=event_about(PAYMENT))
    assert ledger_rows.statuses() == {"pay-1": "COMMITTED"}
    assert ledger_rows.count("ledger_entries") == 2


def test_fault_that_is_no_duplicate_is_not_taken_for_one(
    ledger: Ledger, ledger_rows: LedgerServer, driver: Driver
) -> None:
    with pytest.raises(driver.integrity_error) as fault:
        record(ledger, replace(PAYMENT, payer_account=None))  # type: ignore[arg-type]
    assert engine_of(ledger_rows.engine).code_of(fault.value) == driver.missing_value
    assert ledger_rows.count("payments") == 0


@pytest.mark.usefixtures("engine")
def test_event_of_a_payment_has_the_same_id_whenever_it_is_made() -> None:
    later = replace(PAYMENT, amount=Decimal("12.5000"))
    assert event_about(PAYMENT).event_id == event_about(later).event_id
    assert len(event_about(PAYMENT).event_id) == 36
    others = {
        event_about(PAYMENT, COMMITTED).event_id,
        event_about(PAYMENT, REJECTED).event_id,
        event_about(valid_payment("pay-2")).event_id,
    }
    assert len(others) == 3


def test_check_asks_for_the_tables(ledger: Ledger, ledger_rows: LedgerServer) -> None:
    ledger.check()
    assert ledger_rows.count("payments") == 0
