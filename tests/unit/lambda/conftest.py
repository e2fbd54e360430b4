"""A payment system in memory: DynamoDB and SSM from moto, the function as it is deployed."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest
from moto import mock_aws

import payment_processor
from payments import clients
from payments.observability import logger, metrics

if TYPE_CHECKING:
    from moto.core.models import MockAWS
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_ssm.client import SSMClient

Invoke = Callable[[dict[str, Any]], dict[str, Any]]

REGION = "eu-west-1"
TABLE = "payment-sessions-test"
PATH = "/payment/test"
PARAMETERS = {
    "payments/amount_limit": "1000000",
    "payments/fingerprint_key": "a-key-of-the-tests-0123456789",
    "sessions/ttl_seconds": "3600",
}


@dataclass(frozen=True)
class LambdaContext:
    """What Lambda tells a handler about its invocation."""

    function_name: str = "payment-processor-test"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:payment-processor-test:live"
    aws_request_id: str = "11111111-2222-3333-4444-555555555555"


@dataclass(frozen=True)
class Reply:
    """What an API client sees."""

    status: int
    headers: dict[str, str]
    answer: dict[str, Any]


Call = Callable[..., Reply]


@dataclass(frozen=True)
class Deployment:
    """The AWS side of one environment."""

    dynamodb: "DynamoDBClient"
    ssm: "SSMClient"

    def items(self) -> list[dict[str, Any]]:
        return self.dynamodb.scan(TableName=TABLE)["Items"]

    def set_parameter(self, key: str, value: str) -> None:
        self.ssm.put_parameter(Name=f"{PATH}/{key}", Value=value, Type="SecureString", Overwrite=True)


def forget_process_state() -> None:
    """What a new process would not have: clients, caches, uncounted metrics."""
    payment_processor.runtime_environment.cache_clear()
    payment_processor.payment_service.cache_clear()
    payment_processor.http_api.cache_clear()
    metrics.clear_metrics()


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    values = {
        "REGION": REGION,
        "ENVIRONMENT_SUFFIX": "test",
        "DYNAMODB_TABLE": TABLE,
        "CONFIGURATION_PATH": PATH,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_LAMBDA_FUNCTION_VERSION", "POWERTOOLS_PARAMETERS_MAX_AGE"):
        monkeypatch.delenv(name, raising=False)
    return values


@pytest.fixture(scope="module")
def empty_account() -> Iterator[tuple["MockAWS", Deployment]]:
    """Clients are slow to make, so that the tests of a module share them."""
    with mock_aws() as account:
        yield account, Deployment(clients.dynamodb(REGION), clients.ssm(REGION))


@pytest.fixture
def deployment(
    variables: dict[str, str], empty_account: tuple["MockAWS", Deployment], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Deployment]:
    account, deployed = empty_account
    account.reset()
    deployed.dynamodb.create_table(
        TableName=variables["DYNAMODB_TABLE"],
        KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for key, value in PARAMETERS.items():
        deployed.set_parameter(key, value)
    monkeypatch.setattr(clients, "dynamodb", {REGION: deployed.dynamodb}.__getitem__)
    monkeypatch.setattr(clients, "ssm", {REGION: deployed.ssm}.__getitem__)
    forget_process_state()
    yield deployed
    forget_process_state()


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """Gives the lines that the function has written: its logs, then its metrics."""
    logs = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", logs)
    return lambda: [json.loads(line) for line in (logs.getvalue() + capsys.readouterr().out).splitlines()]


def http_event(method: str, path: str) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "headers": {"Content-Type": "application/json"},
        "requestContext": {"http": {"method": method, "path": path}, "requestId": "request-1", "stage": "$default"},
        "body": None,
        "isBase64Encoded": False,
    }


def payment_event(detail: object) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "event-1",
        "source": "payment.processor",
        "detail-type": "Payment Transaction",
        "detail": detail,
    }


@pytest.fixture
def invoke() -> Invoke:
    return lambda event: payment_processor.handler(event, cast("Any", LambdaContext()))


@pytest.fixture
def call(invoke: Invoke) -> Call:
    """Calls the API; keywords replace parts of the event."""

    def send(method: str, path: str, /, **changes: Any) -> Reply:
        result = invoke({**http_event(method, path), **changes})
        return Reply(result["statusCode"], result["headers"], json.loads(result["body"]))

    return send


@pytest.fixture
def post(call: Call) -> Call:
    """Posts a body, as text or as what becomes JSON; keywords replace parts of the event."""

    def send(sent: object, /, **changes: Any) -> Reply:
        return call("POST", "/payments", **{"body": sent if isinstance(sent, str) else json.dumps(sent), **changes})

    return send


@pytest.fixture
def send_event(invoke: Invoke) -> Callable[[object], dict[str, Any]]:
    """Sends a payment event with this detail."""
    return lambda detail: invoke(payment_event(detail))


@pytest.fixture
def payment() -> dict[str, Any]:
    return {
        "payment_id": "pay-1",
        "amount": "12.50",
        "currency": "EUR",
        "payer_account": "DE89370400440532013000",
        "payee_account": "FR1420041010050500013M02606",
    }
