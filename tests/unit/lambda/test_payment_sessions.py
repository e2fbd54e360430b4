"""The session table: who wrote first decides, and for how long."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from payments import clients
from payments.payment import Payment, PaymentConflictError
from payments.sessions import Session, Sessions, SessionsBusyError

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TABLE = "payment-sessions-test"
PAYMENT = Payment(
    payment_id="pay-1",
    session_id="pay-1",
    amount=Decimal("12.50"),
    currency="EUR",
    payer_account="AAAA",
    payee_account="BBBB",
)
SESSION = Session(
    payment=PAYMENT,
    fingerprint="f1",
    answer={"valid": True, "validated_at": "first"},
    created_at=NOW,
    expires_at=NOW + timedelta(seconds=60),
)
LATER_SAME = replace(SESSION, answer={"valid": True, "validated_at": "second"})
LATER_OTHER = replace(SESSION, fingerprint="f2")


@pytest.fixture
def sessions(deployment: Any) -> Sessions:
    return Sessions(client=deployment.dynamodb, table=TABLE)


def with_session_id(session: Session, session_id: str) -> Session:
    return replace(session, payment=replace(session.payment, session_id=session_id))


def test_item_holds_the_answer_and_its_end_but_no_account(deployment: Any, sessions: Sessions) -> None:
    assert sessions.record(SESSION) == SESSION.answer
    assert deployment.items() == [
        {
            "session_id": {"S": "pay-1"},
            "payment_id": {"S": "pay-1"},
            "status": {"S": "VALIDATED"},
            "answer": {"S": '{"valid": true, "validated_at": "first"}'},
            "fingerprint": {"S": "f1"},
            "created_at": {"S": "2026-01-02T03:04:05+00:00"},
            "expires_at": {"N": str(int(NOW.timestamp()) + 60)},
        }
    ]


def test_same_request_gets_the_first_answer(sessions: Sessions) -> None:
    sessions.record(SESSION)
    assert sessions.record(LATER_SAME) == SESSION.answer


def test_other_request_with_the_same_id_is_a_conflict(deployment: Any, sessions: Sessions) -> None:
    sessions.record(SESSION)
    before = deployment.items()
    with pytest.raises(PaymentConflictError) as conflict:
        sessions.record(LATER_OTHER)
    assert conflict.value.status == 409
    assert conflict.value.answer() == {
        "valid": False,
        "reason": "payment_id was used for another payment",
        "payment_id": "pay-1",
    }
    assert deployment.items() == before


def test_session_past_its_end_counts_as_absent(sessions: Sessions) -> None:
    sessions.record(SESSION)
    assert sessions.find("pay-1", now=NOW + timedelta(seconds=59)) == SESSION.answer
    assert sessions.find("pay-1", now=NOW + timedelta(seconds=60)) is None
    renewed = replace(LATER_OTHER, created_at=NOW + timedelta(seconds=60), answer={"valid": True})
    assert sessions.record(renewed) == {"valid": True}


def test_session_id_of_the_client_leads_to_the_answer_too(deployment: Any, sessions: Sessions) -> None:
    sessions.record(with_session_id(SESSION, "cart-9"))
    assert {item["session_id"]["S"] for item in deployment.items()} == {"pay-1", "cart-9"}
    assert sessions.find("pay-1", now=NOW) == SESSION.answer
    assert sessions.find("cart-9", now=NOW) is None
    assert sessions.record(with_session_id(LATER_SAME, "cart-9")) == SESSION.answer


def test_session_id_of_another_payment_is_a_conflict_and_writes_nothing(deployment: Any, sessions: Sessions) -> None:
    sessions.record(with_session_id(SESSION, "cart-9"))
    other = replace(LATER_OTHER, payment=replace(PAYMENT, payment_id="pay-2", session_id="cart-9"))
    with pytest.raises(PaymentConflictError, match="session_id was used for another payment"):
        sessions.record(other)
    assert sessions.find("pay-2", now=NOW) is None
    assert len(deployment.items()) == 2


def cancelled(stubber: Stubber, code: str) -> None:
    stubber.add_client_error(
        "transact_write_items",
        service_error_code="TransactionCanceledException",
        modeled_fields={"CancellationReasons": [{"Code": code}]},
    )


@pytest.mark.usefixtures("variables")
def test_write_is_tried_again_when_another_writer_is_in_the_way() -> None:
    client, pauses = clients.dynamodb("eu-west-1"), list[float]()
    with Stubber(client) as stubber:
        cancelled(stubber, "TransactionConflict")
        stubber.add_response("transact_write_items", {})
        assert Sessions(client=client, table=TABLE, pause=pauses.append).record(SESSION) == SESSION.answer
        stubber.assert_no_pending_responses()
    assert len(pauses) == 1
    assert 0 <= pauses[0] <= 0.05


@pytest.mark.usefixtures("variables")
def test_writers_in_the_way_for_too_long_are_an_error() -> None:
    client, pauses = clients.dynamodb("eu-west-1"), list[float]()
    with Stubber(client) as stubber:
        for _ in range(4):
            cancelled(stubber, "TransactionConflict")
        with pytest.raises(SessionsBusyError, match="4 attempts"):
            Sessions(client=client, table=TABLE, pause=pauses.append).record(SESSION)
    assert len(pauses) == 4


@pytest.mark.usefixtures("variables")
def test_write_that_dynamodb_finds_wrong_is_not_tried_again() -> None:
    client = clients.dynamodb("eu-west-1")
    with Stubber(client) as stubber:
        cancelled(stubber, "ValidationError")
        with pytest.raises(ClientError, match="TransactionCanceledException"):
            Sessions(client=client, table=TABLE).record(SESSION)


def test_calls_end_before_the_function_does() -> None:
    limits: Any = clients.CALL_LIMITS
    retries = limits.retries["total_max_attempts"]
    assert retries * (limits.connect_timeout + limits.read_timeout) + 1 + 2 < 30 / 2
