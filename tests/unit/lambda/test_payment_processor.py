"""The function as Lambda calls it: HTTP API requests and EventBridge events."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

import payment_processor
from payments import clients
from payments.http import HEALTH_PATH

Output = Callable[[], list[dict[str, Any]]]
Invoke = Callable[[dict[str, Any]], dict[str, Any]]
ACCOUNTS = ("DE89370400440532013000", "FR1420041010050500013M02606")

pytestmark = pytest.mark.usefixtures("deployment")


def test_health_answers_without_touching_anything(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    payment_processor.runtime_environment.cache_clear()
    payment_processor.http_api.cache_clear()
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "7")
    monkeypatch.setattr(clients, "ssm", None)
    monkeypatch.setattr(clients, "dynamodb", None)
    result = call("GET", HEALTH_PATH)
    assert result.status == 200
    assert result.headers == {"content-type": "application/json", "cache-control": "no-store"}
    assert result.answer == {
        "status": "ok",
        "region": "eu-west-1",
        "environment_suffix": "test",
        "version": "7",
    }


def test_valid_payment_is_answered_and_its_session_stored(post: Any, deployment: Any, payment: dict[str, Any]) -> None:
    result = post(payment)
    answer = result.answer
    assert result.status == 200
    validated_at = answer.pop("validated_at")
    assert validated_at.endswith("Z")
    assert answer == {
        "valid": True,
        "payment_id": "pay-1",
        "amount": "12.50",
        "currency": "EUR",
        "region": "eu-west-1",
    }
    (item,) = deployment.items()
    assert json.loads(item["answer"]["S"]) == {**answer, "validated_at": validated_at}
    assert not any(account in json.dumps(item) for account in ACCOUNTS)


def test_same_payment_gets_the_same_answer_however_it_is_written(post: Any, payment: dict[str, Any]) -> None:
    first = post(payment).answer
    assert post({**payment, "amount": "12.5"}).answer == first
    assert post(json.dumps(payment).replace('"12.50"', "12.50")).answer == first


def test_same_id_for_another_payment_is_answered_409(post: Any, payment: dict[str, Any]) -> None:
    post(payment)
    result = post({**payment, "amount": "13"})
    assert result.status == 409
    assert result.answer["reason"] == "payment_id was used for another payment"


def test_answer_can_be_asked_for_again(post: Any, call: Any, payment: dict[str, Any]) -> None:
    answer = post(payment).answer
    found = call("GET", "/payments/pay-1")
    assert (found.status, found.answer) == (200, answer)


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
    post: Any, deployment: Any, payment: dict[str, Any], output: Output
) -> None:
    deployment.ssm.delete_parameter(Name="/payment/test/payments/amount_limit")
    result = post(payment)
    assert result.status == 500
    assert result.answer == {"message": "Internal error", "request_id": "request-1"}
    logged, counted = output()
    assert logged["message"] == "request failed"
    assert "GetParameterError" in logged["exception"]
    assert counted["InternalErrors"] == [1.0]
    assert deployment.items() == []


def test_deep_health_names_what_fails(call: Any, deployment: Any) -> None:
    well = call("GET", "/health/deep")
    assert (well.status, well.answer) == (200, {"status": "ok"})
    deployment.dynamodb.delete_table(TableName="payment-sessions-test")
    ill = call("GET", "/health/deep")
    assert (ill.status, ill.answer) == (503, {"status": "unavailable", "failed": ["sessions"]})


def test_payment_event_is_answered_like_a_request(send_event: Any, deployment: Any, payment: dict[str, Any]) -> None:
    answer = send_event({**payment, "amount": 12.5})
    assert (answer["valid"], answer["amount"]) == (True, "12.50")
    assert len(deployment.items()) == 1
    assert send_event(payment) == answer


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"amount": "0"}, "Invalid amount"), ({"amount": 2_000_000}, "Amount exceeds limit")],
)
def test_refused_payment_event_is_an_answer_and_no_error(
    send_event: Any, deployment: Any, payment: dict[str, Any], changes: dict[str, Any], reason: str
) -> None:
    answer = send_event({**payment, **changes})
    assert (answer["valid"], answer["reason"]) == (False, reason)
    assert deployment.items() == []


def test_event_without_a_payment_is_refused(send_event: Any) -> None:
    assert send_event("text")["reason"] == "Invalid JSON"


def test_event_is_raised_when_aws_fails_so_that_it_is_tried_again(
    send_event: Any, deployment: Any, payment: dict[str, Any]
) -> None:
    deployment.dynamodb.delete_table(TableName="payment-sessions-test")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        send_event(payment)


@pytest.mark.parametrize("event", [{}, {"version": "2.0"}, {"source": "aws.s3", "detail-type": "Object Created"}])
def test_other_event_is_an_error(invoke: Invoke, event: dict[str, Any]) -> None:
    with pytest.raises(payment_processor.UnsupportedEventError, match="HTTP API request"):
        invoke(event)


def test_logs_and_metrics_say_what_happened_without_accounts(
    post: Any,
    send_event: Any,
    payment: dict[str, Any],
    output: Output,
) -> None:
    post(payment)
    post(payment)
    post({**payment, "amount": "0"})
    post({**payment, ACCOUNTS[0]: 1})
    post({**payment, "payee_account": ACCOUNTS[0]})
    send_event({**payment, "amount": "13"})
    lines = output()
    assert [line["message"] for line in lines if "message" in line] == [
        *["payment validated"] * 2,
        *["payment refused"] * 4,
    ]
    assert [line["PaymentsValidated"] for line in lines if "PaymentsValidated" in line] == [[1.0]]
    assert [line["PaymentsRepeated"] for line in lines if "PaymentsRepeated" in line] == [[1.0]]
    assert [line["correlation_id"] for line in lines if "message" in line] == ["request-1"] * 5 + ["event-1"]
    assert not any(account in json.dumps(lines) for account in ACCOUNTS)
