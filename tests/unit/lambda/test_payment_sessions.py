"""The sessions table: a cache of answers that may be lost, and never the judge."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from payments import clients
from payments.payment import Standing, Status
from payments.sessions import Sessions
from tests.unit.payment_system.payment_account import TABLE, PaymentAccount
from tests.unit.payment_system.sample_payments import valid_payment

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MINUTE = timedelta(seconds=60)
PAYMENT = valid_payment()
STANDING = Standing(payment_id="pay-1", status=Status.COMMITTED, answer={"valid": True, "amount": "12.50"})


@pytest.fixture
def sessions(account: PaymentAccount) -> Sessions:
    return Sessions(client=account.dynamodb, table=TABLE)


def test_item_holds_the_answer_and_its_end_but_no_account(account: PaymentAccount, sessions: Sessions) -> None:
    sessions.put(PAYMENT, STANDING, now=NOW, ttl=MINUTE)
    assert account.items() == [
        {
            "session_id": {"S": "pay-1"},
            "payment_id": {"S": "pay-1"},
            "status": {"S": "COMMITTED"},
            "answer": {"S": '{"valid": true, "amount": "12.50"}'},
            "created_at": {"S": "2026-01-02T03:04:05+00:00"},
            "expires_at": {"N": str(int(NOW.timestamp()) + 60)},
        }
    ]


def test_session_tells_where_the_payment_stood(sessions: Sessions) -> None:
    sessions.put(PAYMENT, STANDING, now=NOW, ttl=MINUTE)
    assert sessions.find("pay-1", now=NOW) == replace(STANDING, repeated=True)
    sessions.put(PAYMENT, replace(STANDING, status=Status.REVERSED), now=NOW, ttl=MINUTE)
    assert sessions.find("pay-1", now=NOW) == replace(STANDING, status=Status.REVERSED, repeated=True)


def test_session_past_its_end_counts_as_absent(sessions: Sessions) -> None:
    sessions.put(PAYMENT, STANDING, now=NOW, ttl=MINUTE)
    assert sessions.find("pay-1", now=NOW + timedelta(seconds=59)) is not None
    assert sessions.find("pay-1", now=NOW + MINUTE) is None


def test_unknown_payment_has_no_session(sessions: Sessions) -> None:
    assert sessions.find("pay-1", now=NOW) is None


def test_session_id_of_the_client_leads_to_no_other_payment(account: PaymentAccount, sessions: Sessions) -> None:
    sessions.put(replace(PAYMENT, session_id="cart-9"), STANDING, now=NOW, ttl=MINUTE)
    assert {item["session_id"]["S"] for item in account.items()} == {"pay-1", "cart-9"}
    assert sessions.find("pay-1", now=NOW) is not None
    assert sessions.find("cart-9", now=NOW) is None


def test_approval_token_is_kept_where_no_payment_can_be(account: PaymentAccount, sessions: Sessions) -> None:
    sessions.put_approval("pay-1", "token", now=NOW, ttl=MINUTE)
    (item,) = account.items()
    assert item["session_id"] == {"S": "approval/pay-1"}
    assert item["task_token"] == {"S": "token"}
    assert item["expires_at"] == {"N": str(int(NOW.timestamp()) + 60)}
    assert sessions.find("pay-1", now=NOW) is None


def test_check_needs_the_table_alone(account: PaymentAccount, sessions: Sessions) -> None:
    sessions.check()
    account.dynamodb.delete_table(TableName=TABLE)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        sessions.check()


@pytest.mark.parametrize(("limits", "seconds"), [(clients.BEFORE_ANSWER, 13.5), (clients.AFTER_ANSWER, 7)])
def test_calls_to_aws_end_well_before_the_function_does(limits: object, seconds: float) -> None:
    connect, read = getattr(limits, "connect_timeout"), getattr(limits, "read_timeout")  # noqa: B009 - untyped
    attempts = getattr(limits, "retries")["total_max_attempts"]  # noqa: B009
    back_off = sum(2**attempt / 2 for attempt in range(1, attempts))
    assert attempts * (connect + read) + back_off <= seconds < 30 / 2
