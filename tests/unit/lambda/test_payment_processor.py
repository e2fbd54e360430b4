"""The function as Lambda calls it: what each kind of event is answered with."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pymysql.err import OperationalError

import payment_processor
from payments import clients
from payments.credentials import Login
from payments.database import LedgerUnavailableError
from payments.engines import mysql
from payments.http import HEALTH_PATH
from tests.unit.payment_system.ledger_server import LedgerServer
from tests.unit.payment_system.payment_account import TABLE, PaymentAccount
from tests.unit.payment_system.sample_payments import ACCOUNTS, PAYEE, PAYER

Invoke = Callable[[dict[str, Any]], dict[str, Any]]
Output = Callable[[], list[dict[str, Any]]]

pytestmark = pytest.mark.usefixtures("deployment")


def payment_event(detail: object) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "event-1",
        "source": "payment.processor",
        "detail-type": "Payment Transaction",
        "detail": detail,
    }


def test_health_answers_without_touching_anything(
    call: Any, monkeypatch: pytest.MonkeyPatch, unreachable_ledger: Callable[[], None]
) -> None:
    unreachable_ledger()
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "7")
    for service in ("ssm", "dynamodb", "events", "secretsmanager", "stepfunctions"):
        monkeypatch.setattr(clients, service, None)
    result = call("GET", HEALTH_PATH)
    assert result.status == 200
    assert result.headers == {"content-type": "application/json", "cache-control": "no-store"}
    assert result.answer == {
        "status": "ok",
        "region": "eu-west-1",
        "environment_suffix": "test",
        "version": "7",
    }


def test_valid_payment_is_booked_published_and_its_session_stored(
    post: Any, deployment: PaymentAccount, ledger_rows: LedgerServer, payment: dict[str, Any]
) -> None:
    result = post(payment)
    answer = dict(result.answer)
    assert result.status == 200
    assert answer.pop("validated_at").endswith("Z")
    assert answer == {
        "valid": True,
        "payment_id": "pay-1",
        "amount": "12.50",
        "currency": "EUR",
        "region": "eu-west-1",
    }
    assert {account: str(sum_) for account, sum_ in ledger_rows.balances().items()} == {
        PAYER: "-12.5000",
        PAYEE: "12.5000",
    }
    (event,) = deployment.published()
    assert (event["source"], event["detail-type"]) == ("payment.ledger", "Payment Committed")
    assert event["detail"]["payment_id"] == "pay-1"
    (item,) = deployment.items()
    assert json.loads(item["answer"]["S"]) == result.answer
    assert ledger_rows.waiting() == []


def test_same_payment_gets_the_same_answer_however_it_is_written(
    post: Any, ledger_rows: LedgerServer, payment: dict[str, Any]
) -> None:
    first = post(payment).answer
    assert post({**payment, "amount": "12.5"}).answer == first
    assert post(json.dumps(payment).replace('"12.50"', "12.50")).answer == first
    assert ledger_rows.count("payments") == 1


def test_same_id_for_another_payment_is_answered_409(post: Any, payment: dict[str, Any]) -> None:
    post(payment)
    result = post({**payment, "amount": "13"})
    assert result.status == 409
    assert result.answer["reason"] == "payment_id was used for another payment"


def test_answer_can_be_asked_for_again(post: Any, call: Any, payment: dict[str, Any]) -> None:
    answer = post(payment).answer
    found = call("GET", "/payments/pay-1")
    assert (found.status, found.answer) == (200, answer)
    assert "x-answered-by" not in found.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/payments/unknown", 404),
        ("GET", "/payments/health/deep", 404),
        ("GET", "/payments/", 404),
        ("GET", "/", 404),
        ("POST", "/health", 405),
        ("GET", "/payments", 405),
        ("DELETE", "/payments/pay-1", 405),
    ],
)
def test_what_is_not_there_is_not_found(call: Any, method: str, path: str, status: int) -> None:
    result = call(method, path)
    assert result.status == status
    assert ("allow" in result.headers) == (status == 405)


def test_named_stage_in_front_of_the_path_is_ignored(call: Any) -> None:
    context = {"http": {"method": "GET", "path": "/v1/health"}, "stage": "v1"}
    assert call("GET", "/v1/health", requestContext=context).status == 200


def test_internal_error_shows_the_request_id_alone_and_is_logged(
    post: Any, deployment: PaymentAccount, ledger_rows: LedgerServer, payment: dict[str, Any], output: Output
) -> None:
    deployment.ssm.delete_parameter(Name="/payment/test/payments/amount_limit")
    result = post(payment)
    assert result.status == 500
    assert result.answer == {"message": "Internal error", "request_id": "request-1"}
    logged, counted = output()
    assert logged["message"] == "request failed"
    assert "GetParameterError" in logged["exception"]
    assert counted["InternalErrors"] == [1.0]
    assert ledger_rows.count("payments") == 0


def test_deep_health_names_what_fails(
    call: Any, deployment: PaymentAccount, unreachable_ledger: Callable[[], None]
) -> None:
    well = call("GET", "/health/deep")
    assert (well.status, well.answer) == (200, {"status": "ok"})
    deployment.dynamodb.delete_table(TableName=TABLE)
    ill = call("GET", "/health/deep")
    assert (ill.status, ill.answer) == (503, {"status": "unavailable", "failed": ["sessions"]})
    deployment.ssm.delete_parameter(Name="/payment/test/payments/amount_limit")
    unreachable_ledger()
    assert call("GET", "/health/deep").answer["failed"] == ["ledger", "sessions", "configuration"]


def test_payment_event_is_answered_like_a_request(
    invoke: Invoke, ledger_rows: LedgerServer, payment: dict[str, Any]
) -> None:
    answer = invoke(payment_event({**payment, "amount": 12.5}))
    assert (answer["valid"], answer["amount"]) == (True, "12.50")
    assert invoke(payment_event(payment)) == answer
    assert ledger_rows.count("payments") == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"amount": "0"}, "Invalid amount"), ({"amount": 2_000_000}, "Amount exceeds limit")],
)
def test_refused_payment_event_is_an_answer_and_no_error(
    invoke: Invoke, ledger_rows: LedgerServer, payment: dict[str, Any], changes: dict[str, Any], reason: str
) -> None:
    answer = invoke(payment_event({**payment, **changes}))
    assert (answer["valid"], answer["reason"]) == (False, reason)
    assert ledger_rows.count("payments") == 0


def test_event_without_a_payment_is_refused(invoke: Invoke) -> None:
    assert invoke(payment_event("text"))["reason"] == "Invalid JSON"


def test_event_is_raised_when_the_ledger_is_away_so_that_it_is_tried_again(
    invoke: Invoke, unreachable_ledger: Callable[[], None], payment: dict[str, Any], output: Output
) -> None:
    unreachable_ledger()
    with pytest.raises(LedgerUnavailableError):
        invoke(payment_event(payment))
    lines = output()
    assert "event failed" in [line.get("message") for line in lines]
    assert not any(account in json.dumps(lines) for account in ACCOUNTS)


def test_replayed_message_and_task_reach_the_same_ledger(
    invoke: Invoke, deployment: PaymentAccount, ledger_rows: LedgerServer, payment: dict[str, Any]
) -> None:
    message = {"messageId": "m1", "eventSource": "aws:sqs", "body": json.dumps(payment_event(payment))}
    assert invoke({"Records": [message]}) == {"batchItemFailures": []}
    assert ledger_rows.statuses() == {"pay-1": "COMMITTED"}
    assert invoke({"task": "cancel", "payment_id": "pay-1"}) == {"status": "REVERSED"}
    assert [event["detail-type"] for event in deployment.published()] == ["Payment Committed", "Payment Reversed"]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"version": "2.0"},
        {"source": "aws.s3", "detail-type": "Object Created"},
        {"Records": []},
        {"Records": [{"eventSource": "aws:dynamodb"}]},
        {"task": 5},
    ],
)
def test_other_event_is_an_error(invoke: Invoke, event: dict[str, Any]) -> None:
    with pytest.raises(payment_processor.UnsupportedEventError, match="HTTP API request"):
        invoke(event)


def test_function_logs_in_with_its_role_where_the_deployment_says_so(
    call: Any, monkeypatch: pytest.MonkeyPatch, output: Output
) -> None:
    monkeypatch.setenv("DB_AUTHENTICATION", "iam")
    monkeypatch.setenv("DB_SECRET_ARN", "")
    logins = []

    def connect(*, login: Login, **_place: object) -> None:
        logins.append(login)
        raise OperationalError(1146, "enough")

    monkeypatch.setattr(mysql, "connect", connect)
    assert call("GET", "/payments/pay-1").status == 500
    (login,) = logins
    assert login.user == "payment_app"
    assert "Action=connect&DBUser=payment_app" in login.password
    assert login.password not in str(output())
